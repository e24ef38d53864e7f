#pragma once

#include "persistence/lists/cursor.hpp"
#include "persistence/lists/read_model.hpp"

/// Cuts a page out of an answer of the database. Pure.
///
/// One row more than the page holds is asked for: that it came says that there
/// is a page beyond. On the side one came from there is one anyway.
namespace usher::persistence {

/// Where the list begins and ends, as places before and after all rows.
struct list_ends {
  cursor first;
  cursor last;
};

/// The greatest of all ids.
uuid every_bit();

/// Lists of which the id alone is the key.
list_ends newest_first(char list);

/// Lists by time, then id.
list_ends soonest_first(char list);

/// Where an event list begins: at a token, or at a page that was asked for by
/// its number.
struct opening {
  cursor place;
  bool at_beginning = true;
  std::uint64_t skipped = 0; ///< rows of the pages before
};

result<opening> opening_of(const event_filter&);

/// The page of the rows that all cells have, or those that answered. The parts
/// of several cells are merged by the keys of their rows. At least one.
event_page page_of_events(const event_filter&, std::vector<list_part>);
page page_of_sales(sales_list, const page_request&, std::vector<list_part>);

/// The place that the request names: that of its token, or the beginning.
result<cursor> place_of(const page_request&, const list_ends&);

/// `keys` are the answer's rows as they came: from the place on, in its
/// direction. Returns the numbers of the page's rows in the order in which they
/// are shown, and sets the tokens.
std::vector<std::size_t> cut(const std::vector<cursor>& keys,
                             const cursor& place, bool at_beginning,
                             std::uint32_t limit, const list_ends&, page& out);

/// A JSON array of values that are JSON already.
std::string join(const std::vector<std::string>& items,
                 const std::vector<std::size_t>& which);

} // namespace usher::persistence

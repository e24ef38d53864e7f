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

/// Lists by time, then id.
list_ends newest_first(char list);
list_ends soonest_first(char list);

/// Where an event list begins: at a token, or at a page that was asked for by
/// its number.
struct opening {
  cursor place;
  bool at_beginning = true;
  std::uint64_t skipped = 0; ///< rows of the pages before
};

/// Refused: invalid_value for a limit or a page number that cannot be,
/// bad_cursor for a token that is none of this list.
result<opening> opening_of(const event_filter&);

/// The page of the rows that all cells have, or those that answered. The parts
/// of several cells are merged by the keys of their rows. At least one.
event_page page_of_events(const event_filter&, std::vector<list_part>);
page page_of_sales(sales_list, const page_request&, std::vector<list_part>);

/// Names the cursors of whose organizations are whose.
constexpr char list_of_memberships = 'G';

/// The page of these; `rows` have got their items.
page page_of_memberships(const page_request&, const list_part& rows);

/// The place that the request names: that of its token, or the beginning.
result<cursor> place_of(const page_request&, const list_ends&);

/// Where a page lies in its list.
struct page_frame {
  cursor place;             ///< its rows are those from here on
  bool at_beginning = true; ///< whether the place is before all rows
  std::uint32_t limit = 10; ///< rows that it holds
  list_ends ends;           ///< of the list
};

/// The page of rows as they came: from the place on, in its direction. It shows
/// them in the order of the list, and has the tokens that lead on from it.
page cut(const list_part&, const page_frame&);

} // namespace usher::persistence

#pragma once

#include "persistence/cursor.hpp"
#include "persistence/read_model.hpp"

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

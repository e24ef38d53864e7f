#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What may be shown in a terminal. Pure.
namespace usher::inspect {

/// The text without anything that a terminal would obey or that would hide or
/// reorder what is read: control characters of both blocks, escape sequences,
/// marks of direction, invisible characters; line ends and tabs become blanks,
/// what is no UTF-8 becomes U+FFFD.
std::string printable(std::string_view text);

/// The same for every text and every member's name in a document.
boost::json::value all_printable(const boost::json::value&);

/// null, or the value.
template <class T>
boost::json::value maybe(const std::optional<T>& x) {
  return x ? boost::json::value(*x) : boost::json::value(nullptr);
}

} // namespace usher::inspect

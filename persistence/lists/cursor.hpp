#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace usher::persistence {

/// A place between two rows of a list, and where to go from there. Rows that
/// come or go elsewhere do not move it.
struct cursor {
  char list = 0;          ///< which list, in which order
  bool forward = true;    ///< false: the page that ends here
  std::uint32_t page = 1; ///< the number of the page it leads to
  timestamp at;           ///< the row's key, with its id
  uuid id;

  bool operator==(const cursor&) const = default;
};

/// As a token for clients: base64url, opaque.
std::string to_token(const cursor&);

/// Reads a token of this list; anything else is nothing.
std::optional<cursor> parse_token(std::string_view token, char list);

} // namespace usher::persistence

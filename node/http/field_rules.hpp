#pragma once

#include "node/http/request_head.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The grammar of single parts of a request head (RFC 9110, 9112 and 3986).
namespace usher::http {

/// True for the characters of methods and field names: `tchar`.
bool is_token(char);

/// True for what may be in a path and query: the characters of RFC 3986.
bool is_target(char);

/// The index of the first byte from `at` on that may not be in a field value:
/// anything but printable ASCII, blank and tab. Usually that is the CR.
std::size_t end_of_value(std::string_view bytes, std::size_t at);

/// Which field a name names, in any case.
field field_of(std::string_view name);

/// True for fields whose repetition makes a request ambiguous.
bool may_come_once(field);

/// True if all escapes are two hexadecimal digits and none is NUL.
bool plain_escapes(std::string_view text);

/// True if nobody can read the path in two ways: escapes are valid, none is a
/// slash, backslash or NUL, and no segment is `.` or `..`, escaped or not.
bool plain_path(std::string_view path);

/// True for a name, IPv4 address or [IPv6 address], with a port or without.
bool valid_host(std::string_view);

/// Reads 1 to 18 digits and nothing else.
std::optional<std::uint64_t> parse_length(std::string_view);

} // namespace usher::http

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Small readers of text that the pieces of the front share.
namespace usher::http {

/// Compares ASCII text without regard to case. `lower` is in lower case and
/// has only letters, digits and dashes.
bool equals_ignoring_case(std::string_view text, std::string_view lower);

/// Cuts spaces and tabs off both ends.
std::string_view trim(std::string_view);

/// Takes the next element of a comma separated list off `list`, trimmed; empty
/// elements too. Nothing when the list is used up. Commas inside quotes count
/// as commas: no list that is read with this has quoted elements.
std::optional<std::string_view> next_element(std::string_view& list);

/// The q-value in `parameters` (";q=0.5") in thousandths: 1000 without one,
/// 0 if it is malformed (RFC 9110, section 12.4.2).
unsigned quality(std::string_view parameters);

/// True for UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates,
/// nothing beyond U+10FFFF.
bool valid_utf8(std::string_view);

/// How `+` reads: as itself in a path, as a space in a query.
enum class plus : std::uint8_t { literal, space };

/// Decodes %HH. Nothing for a broken escape, for control characters and for
/// what is not UTF-8 when decoded.
std::optional<std::string> percent_decode(std::string_view, plus);

/// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace usher::http

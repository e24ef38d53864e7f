#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// Base64 for URLs without padding (RFC 4648, section 5), as JWT wants it.
std::string to_base64url(std::string_view bytes);

/// Reads what `to_base64url` writes and nothing else: no padding, no line
/// ends, and unused bits are zero, so that a text has one spelling only.
std::optional<std::string> from_base64url(std::string_view text);

/// Base64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);

/// Reads what `to_base64` writes and nothing else.
std::optional<std::string> from_base64(std::string_view text);

} // namespace usher

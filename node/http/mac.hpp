#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace usher::http {

using digest = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 (RFC 2104).
digest hmac_sha256(std::string_view key, std::string_view text);

/// SHA-256.
digest sha256(std::string_view text);

/// Compares in a time that depends on the sizes only.
bool equal_in_constant_time(std::string_view, std::string_view);

/// The bytes of a digest as text.
inline std::string_view bytes_of(const digest& x) {
  return {reinterpret_cast<const char*>(x.data()), x.size()};
}

} // namespace usher::http

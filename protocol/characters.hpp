#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace usher {

/// How many characters (code points) valid UTF-8 has: what limits on texts
/// speak of, so that no language has shorter names than another.
inline std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

} // namespace usher

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// A moment in UTC, to the millisecond.
using timestamp =
  std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;
using duration = std::chrono::milliseconds;

/// RFC 3339 in UTC with milliseconds: 2026-11-21T10:00:00.000Z.
std::string to_rfc3339(timestamp);

/// Reads RFC 3339 with `Z` or a numeric offset; fractions beyond milliseconds
/// are cut. Impossible dates and leap seconds are no time.
std::optional<timestamp> parse_rfc3339(std::string_view);

} // namespace usher

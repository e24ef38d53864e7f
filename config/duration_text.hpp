#pragma once

#include "protocol/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace usher::config {

/// Reads a number and its unit, as in `500ms`, `4s`, `15min`, `24h`, `30d`.
std::optional<duration> parse_duration(std::string_view text);

/// Writes a duration in its largest whole unit.
std::string to_text(duration);

} // namespace usher::config

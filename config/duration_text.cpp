#include "config/duration_text.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace usher::config {

namespace {

constexpr std::array units{std::pair{std::string_view{"d"}, 86'400'000LL},
                           std::pair{std::string_view{"h"}, 3'600'000LL},
                           std::pair{std::string_view{"min"}, 60'000LL},
                           std::pair{std::string_view{"s"}, 1'000LL},
                           std::pair{std::string_view{"ms"}, 1LL}};

} // namespace

std::optional<duration> parse_duration(std::string_view text) {
  long long count = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, count);
  if (problem != std::errc{} || count < 0)
    return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  long long ms = 0;
  for (const auto& [name, length] : units)
    if (name == unit && !__builtin_mul_overflow(count, length, &ms))
      return duration{ms};
  return std::nullopt;
}

std::string to_text(duration length) {
  const auto ms = length.count();
  for (const auto& [name, unit] : units)
    if (ms != 0 && ms % unit == 0)
      return std::to_string(ms / unit) + std::string{name};
  return "0s";
}

} // namespace usher::config

#include "protocol/time.hpp"

#include <array>
#include <cstdio>

namespace usher {

namespace {

/// Takes `digits` decimal digits off the front, or nothing at all.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits)
    return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::milliseconds> take_fraction(std::string_view& text) {
  if (!take(text, "."))
    return std::chrono::milliseconds{0};
  int value = 0;
  std::size_t n = 0;
  for (; n < text.size() && text[n] >= '0' && text[n] <= '9'; ++n)
    if (n < 3)
      value = value * 10 + (text[n] - '0');
  if (n == 0)
    return std::nullopt;
  text.remove_prefix(n);
  for (; n < 3; ++n)
    value *= 10;
  return std::chrono::milliseconds{value};
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz"))
    return std::chrono::minutes{0};
  const bool behind = !text.empty() && text.front() == '-';
  if (!take(text, "+-"))
    return std::nullopt;
  auto hours = take_number(text, 2);
  if (!hours || !take(text, ":"))
    return std::nullopt;
  auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  const std::chrono::minutes ahead{*hours * 60 + *minutes};
  return behind ? -ahead : ahead;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  auto year = take_number(text, 4);
  if (!year || !take(text, "-"))
    return std::nullopt;
  auto month = take_number(text, 2);
  if (!month || !take(text, "-"))
    return std::nullopt;
  auto day = take_number(text, 2);
  if (!day)
    return std::nullopt;
  const std::chrono::year_month_day date{
    std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
    std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  return std::chrono::sys_days{date};
}

std::optional<std::chrono::seconds> take_clock(std::string_view& text) {
  auto hour = take_number(text, 2);
  if (!hour || !take(text, ":"))
    return std::nullopt;
  auto minute = take_number(text, 2);
  if (!minute || !take(text, ":"))
    return std::nullopt;
  auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  return std::chrono::seconds{(*hour * 60 + *minute) * 60 + *second};
}

} // namespace

std::string to_rfc3339(timestamp when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{when - day};
  std::array<char, 40> out{};
  auto n = std::snprintf(
    out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
    static_cast<int>(clock.minutes().count()),
    static_cast<int>(clock.seconds().count()),
    static_cast<int>(clock.subseconds().count()));
  return {out.data(), static_cast<std::size_t>(n)};
}

/// Of years with four digits, and none before the first: all who write times
/// down can.
std::optional<timestamp> parse_rfc3339(std::string_view text) {
  constexpr std::chrono::sys_days first{std::chrono::year{1} / 1 / 1};
  constexpr std::chrono::sys_days after_last{std::chrono::year{10'000} / 1 / 1};
  auto date = take_date(text);
  if (!date || !take(text, "Tt "))
    return std::nullopt;
  auto clock = take_clock(text);
  if (!clock)
    return std::nullopt;
  auto fraction = take_fraction(text);
  if (!fraction)
    return std::nullopt;
  auto offset = take_offset(text);
  if (!offset || !text.empty())
    return std::nullopt;
  const auto out = timestamp{*date} + *clock + *fraction - *offset;
  if (out < first || out >= after_last)
    return std::nullopt;
  return out;
}

} // namespace usher

#pragma once

#include "config/settings.hpp"

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Structured logs on stderr: one line of JSON for each fact that is worth an
/// operator's time.
namespace usher::log {

using member = std::pair<std::string_view, std::string>;

/// Sets the least urgent level that is written.
void configure(config::log_level least);

/// Whether debug() writes anything: what it would say need not be put together.
bool is_debugging();

void debug(std::string_view what, std::initializer_list<member> more = {});
void info(std::string_view what, std::initializer_list<member> more = {});
void warning(std::string_view what, std::initializer_list<member> more = {});
void error(std::string_view what, std::initializer_list<member> more = {});

/// A warning of what an outage brings by the thousand: of each `what` at most
/// ten lines a second, and the next one says how many were `unsaid`. Any
/// thread.
void seldom(std::string_view what, std::initializer_list<member> more = {});

/// Lets so many pass in a second. For one thread.
class narrow_pass {
public:
  using clock = std::chrono::steady_clock;

  explicit narrow_pass(unsigned a_second) : a_second_(a_second) {}

  /// How many were held back since the last that passed; nothing for one that
  /// is held back, too.
  std::optional<std::uint64_t> pass(clock::time_point now);

private:
  const unsigned a_second_;
  clock::time_point since_{};
  unsigned passed_ = 0;
  std::uint64_t held_back_ = 0;
};

} // namespace usher::log

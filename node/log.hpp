#pragma once

#include "config/settings.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Structured logs on stderr: one line of JSON for each fact that is worth an
/// operator's time.
namespace usher::log {

using member = std::pair<std::string_view, std::string>;

/// Sets the least urgent level that is written.
void configure(config::log_level least);

void info(std::string_view what, std::initializer_list<member> more = {});
void warning(std::string_view what, std::initializer_list<member> more = {});
void error(std::string_view what, std::initializer_list<member> more = {});

} // namespace usher::log

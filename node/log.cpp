#include "node/log.hpp"

#include "protocol/json.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace usher::log {

namespace {

spdlog::logger& logger() {
  static auto one = [] {
    auto made = spdlog::stderr_logger_mt("usher");
    made->set_pattern("%v");
    return made;
  }();
  return *one;
}

void write(spdlog::level::level_enum level, std::string_view name,
           std::string_view what, std::initializer_list<member> more) {
  if (!logger().should_log(level))
    return;
  std::string line = "{\"at\":";
  json::put_string(line, to_rfc3339(std::chrono::floor<duration>(
                           std::chrono::system_clock::now())));
  line += ",\"level\":";
  json::put_string(line, name);
  line += ",\"what\":";
  json::put_string(line, what);
  for (const auto& [key, text] : more) {
    line += ',';
    json::put_string(line, key);
    line += ':';
    json::put_string(line, text);
  }
  line += '}';
  logger().log(level, "{}", line);
}

} // namespace

void configure(config::log_level least) {
  switch (least) {
    case config::log_level::debug:
      return logger().set_level(spdlog::level::debug);
    case config::log_level::info:
      return logger().set_level(spdlog::level::info);
    case config::log_level::warning:
      return logger().set_level(spdlog::level::warn);
    case config::log_level::error:
      return logger().set_level(spdlog::level::err);
  }
}

void info(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::info, "info", what, more);
}

void warning(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::warn, "warning", what, more);
}

void error(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::err, "error", what, more);
}

} // namespace usher::log

#include "node/log.hpp"

#include "protocol/json.hpp"

#include <map>
#include <mutex>
#include <span>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <vector>

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
           std::string_view what, std::span<const member> more) {
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

bool is_debugging() {
  return logger().should_log(spdlog::level::debug);
}

void debug(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::debug, "debug", what, {more.begin(), more.end()});
}

void info(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::info, "info", what, {more.begin(), more.end()});
}

void warning(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::warn, "warning", what, {more.begin(), more.end()});
}

void error(std::string_view what, std::initializer_list<member> more) {
  write(spdlog::level::err, "error", what, {more.begin(), more.end()});
}

void seldom(std::string_view what, std::initializer_list<member> more) {
  static std::mutex lock;
  static std::map<std::string, narrow_pass, std::less<>> passes;
  std::optional<std::uint64_t> unsaid;
  {
    constexpr unsigned a_second = 10;
    const std::lock_guard guard{lock};
    unsaid = passes.try_emplace(std::string{what}, a_second)
               .first->second.pass(narrow_pass::clock::now());
  }
  if (!unsaid)
    return;
  std::vector<member> all{more};
  if (*unsaid > 0)
    all.emplace_back("unsaid", std::to_string(*unsaid));
  write(spdlog::level::warn, "warning", what, all);
}

std::optional<std::uint64_t> narrow_pass::pass(clock::time_point now) {
  if (now - since_ >= std::chrono::seconds{1}) {
    since_ = now;
    passed_ = 0;
  }
  if (passed_ >= a_second_) {
    ++held_back_;
    return std::nullopt;
  }
  ++passed_;
  return std::exchange(held_back_, 0);
}

} // namespace usher::log

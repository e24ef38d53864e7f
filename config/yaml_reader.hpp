#pragma once

#include "config/load.hpp"
#include "config/schema.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <concepts>
#include <set>
#include <string>
#include <vector>

namespace usher::config {

/// The line, counted from 1, of what a path leads to, or of the nearest setting
/// around it; 0 for the whole document.
int line_of(const YAML::Node& document, std::string_view path);

/// Walks over the settings and takes each from a YAML mapping.
class yaml_reader {
public:
  /// Reads from `from`; mistakes go to `out`. Nothing is as good as an empty
  /// mapping.
  yaml_reader(const YAML::Node& from, std::string path,
              std::vector<mistake>& out);

  template <class Group>
  void group(const char* name, Group& target) {
    yaml_reader inner(take(name), path_to(name), out_);
    walk(inner, target);
    inner.finish();
  }

  template <class Group>
  void groups(const char* name, std::vector<Group>& target) {
    std::size_t i = 0;
    for (const auto& item : items(name)) {
      const auto path = path_to(name) + "[" + std::to_string(i++) + "]";
      yaml_reader inner(item, path, out_);
      walk(inner, target.emplace_back());
      inner.finish();
    }
  }

  template <std::unsigned_integral Number>
  void number(const char* name, Number& target, std::uint64_t least,
              std::uint64_t most) {
    if (auto value = whole_number(name, least, most))
      target = static_cast<Number>(*value);
  }

  void span(const char* name, duration& target, duration least, duration most);
  void text(const char* name, std::string& target, presence);
  void texts(const char* name, std::vector<std::string>& target);
  void flag(const char* name, bool& target);

  template <class Choice, std::size_t Count>
  void
  choice(const char* name, Choice& target,
         const std::array<std::pair<std::string_view, Choice>, Count>& of) {
    const auto value = scalar(name);
    if (!value)
      return;
    for (const auto& [word, meaning] : of)
      if (word == value->Scalar()) {
        target = meaning;
        return;
      }
    complain(name, *value, "is none of the choices");
  }

  /// Complains about every key that nobody asked for.
  void finish();

private:
  YAML::Node take(const char* name);
  std::optional<YAML::Node> scalar(const char* name);
  std::vector<YAML::Node> items(const char* name);
  std::optional<std::uint64_t>
  whole_number(const char* name, std::uint64_t least, std::uint64_t most);
  std::string path_to(const char* name) const;
  void complain(const char* name, const YAML::Node& at, std::string message);

  YAML::Node from_;
  std::string path_;
  std::vector<mistake>& out_;
  std::set<std::string> known_;
};

} // namespace usher::config

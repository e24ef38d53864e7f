#include "config/yaml_reader.hpp"

#include "config/duration_text.hpp"

namespace usher::config {

namespace {

/// The value under a key; yaml-cpp would take the first of two.
YAML::Node value_of(const YAML::Node& map, std::string_view key) {
  if (map.IsMap())
    for (const auto& entry : map)
      if (entry.first.IsScalar() && entry.first.Scalar() == key)
        return entry.second;
  return YAML::Node{YAML::NodeType::Undefined};
}

int line_at(const YAML::Node& node) {
  return node.Mark().line + 1;
}

/// Quoted values are text, whatever they look like.
bool is_quoted(const YAML::Node& node) {
  return node.Tag() == "!";
}

} // namespace

int line_of(const YAML::Node& document, std::string_view path) {
  int line = 0;
  YAML::Node at = document;
  while (!path.empty()) {
    const auto end = path.find_first_of(".[");
    const auto step = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    YAML::Node next{YAML::NodeType::Undefined};
    if (step.ends_with(']') && at.IsSequence())
      next = at[std::stoul(std::string{step})];
    else
      next = value_of(at, step);
    if (!next.IsDefined())
      break;
    line = line_at(next);
    at.reset(next);
  }
  return line;
}

yaml_reader::yaml_reader(const YAML::Node& from, std::string path,
                         std::vector<mistake>& out)
  : from_(from), path_(std::move(path)), out_(out) {
  if (!from_.IsDefined() || from_.IsNull())
    from_.reset(YAML::Node{YAML::NodeType::Map});
  if (from_.IsMap())
    return;
  out_.push_back({path_, line_at(from_), "is not a group of settings"});
  from_.reset(YAML::Node{YAML::NodeType::Map});
}

std::string yaml_reader::path_to(const char* name) const {
  return path_.empty() ? name : path_ + "." + name;
}

void yaml_reader::complain(const char* name, const YAML::Node& at,
                           std::string message) {
  out_.push_back({path_to(name), line_at(at), std::move(message)});
}

YAML::Node yaml_reader::take(const char* name) {
  known_.insert(name);
  return value_of(from_, name);
}

std::optional<YAML::Node> yaml_reader::scalar(const char* name) {
  const auto value = take(name);
  if (!value.IsDefined())
    return std::nullopt;
  if (value.IsScalar())
    return value;
  complain(name, value, "is not a single value");
  return std::nullopt;
}

std::vector<YAML::Node> yaml_reader::items(const char* name) {
  const auto value = take(name);
  if (!value.IsDefined())
    return {};
  if (!value.IsSequence()) {
    complain(name, value, "is not a list");
    return {};
  }
  return {value.begin(), value.end()};
}

std::optional<std::uint64_t> yaml_reader::whole_number(const char* name,
                                                       std::uint64_t least,
                                                       std::uint64_t most) {
  const auto value = scalar(name);
  if (!value)
    return std::nullopt;
  const auto& digits = value->Scalar();
  const auto* end = digits.data() + digits.size();
  std::uint64_t number = 0;
  const auto [rest, problem] = std::from_chars(digits.data(), end, number);
  const bool too_big = problem == std::errc::result_out_of_range;
  if (is_quoted(*value) || rest != end
      || (problem != std::errc{} && !too_big)) {
    complain(name, *value, "is not a whole number");
    return std::nullopt;
  }
  if (too_big || number < least || number > most) {
    complain(name, *value,
             "is not within " + std::to_string(least) + " and "
               + std::to_string(most));
    return std::nullopt;
  }
  return number;
}

void yaml_reader::span(const char* name, duration& target, duration least,
                       duration most) {
  const auto value = scalar(name);
  if (!value)
    return;
  const auto length = parse_duration(value->Scalar());
  if (!length)
    complain(name, *value, "is not a number with ms, s, min, h or d");
  else if (*length < least || *length > most)
    complain(name, *value,
             "is not within " + to_text(least) + " and " + to_text(most));
  else
    target = *length;
}

void yaml_reader::text(const char* name, std::string& target, presence wanted) {
  if (const auto value = scalar(name))
    target = value->Scalar();
  else if (value_of(from_, name).IsDefined())
    return; // complained about already
  if (wanted == presence::required && target.empty())
    complain(name, from_, "is missing or empty");
}

void yaml_reader::texts(const char* name, std::vector<std::string>& target) {
  for (const auto& item : items(name)) {
    if (item.IsScalar())
      target.push_back(item.Scalar());
    else
      complain(name, item, "is not a list of single values");
  }
}

void yaml_reader::flag(const char* name, bool& target) {
  const auto value = scalar(name);
  if (!value)
    return;
  const auto& word = value->Scalar();
  if (is_quoted(*value) || (word != "true" && word != "false"))
    complain(name, *value, "is neither true nor false");
  else
    target = word == "true";
}

void yaml_reader::finish() {
  std::set<std::string> seen;
  for (const auto& entry : from_) {
    const auto key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (!known_.contains(key))
      complain(key.c_str(), entry.first, "is no setting");
    else if (!seen.insert(key).second)
      complain(key.c_str(), entry.first, "is set twice");
  }
}

} // namespace usher::config

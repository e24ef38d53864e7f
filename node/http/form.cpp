#include "node/http/form.hpp"

#include <algorithm>

namespace usher::http {

namespace {

constexpr std::size_t max_errors = 32;
constexpr std::size_t max_name = 64; // of a stranger's field, when echoed

/// What one step of a path looks like: `name` or `[3]`.
std::string text_of(const form_reader::place& at) {
  if (at.name.data() == nullptr)
    return '[' + std::to_string(at.index) + ']';
  auto size = std::min(at.name.size(), max_name);
  while (size < at.name.size() && (at.name[size] & 0xc0) == 0x80)
    --size; // not in the middle of a character
  return std::string(at.name.substr(0, size));
}

std::string path_of(const form_reader::place& at) {
  std::string out;
  for (const auto* step = &at; step->above != nullptr; step = step->above) {
    if (!out.empty() && out.front() != '[')
      out.insert(0, ".");
    out.insert(0, text_of(*step));
  }
  return out;
}

} // namespace

void form_reader::note(const place& at, errc code, std::string_view message) {
  if (errors_.size() == max_errors)
    return;
  auto& error = errors_.emplace_back();
  error.field = path_of(at);
  error.code = code;
  error.message = message;
}

std::size_t form_reader::member(std::size_t object,
                                std::string_view name) const {
  for (auto i = object + 1; i < nodes_[object].next; i = nodes_[i + 1].next)
    if (nodes_[i].text == name)
      return i + 1;
  return 0;
}

void form_reader::read(std::size_t index, const place& at, bool& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::boolean)
    return note(at, errc::wrong_type, "Must be true or false.");
  out = node.integer != 0;
}

void form_reader::read(std::size_t index, const place& at, double& out) {
  const auto& node = nodes_[index];
  switch (node.is) {
    case json_node::kind::integer:
      out = static_cast<double>(node.integer);
      return;
    case json_node::kind::natural:
      out = static_cast<double>(node.natural);
      return;
    case json_node::kind::fraction:
      out = node.fraction;
      return;
    default:
      note(at, errc::wrong_type, "Must be a number.");
  }
}

void form_reader::read(std::size_t index, const place& at, std::string& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::text)
    return note(at, errc::wrong_type, "Must be a string.");
  if (node.text.size() > limits_.text_bytes)
    return note(at, errc::invalid_value, "The text is too long.");
  out = node.text;
}

void form_reader::read(std::size_t index, const place& at, uuid& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::text)
    return note(at, errc::wrong_type, "Must be a string.");
  if (const auto parsed = parse_uuid(node.text))
    out = *parsed;
  else
    note(at, errc::invalid_value, "Must be a UUID.");
}

void form_reader::read(std::size_t index, const place& at, timestamp& out) {
  const auto& node = nodes_[index];
  if (node.is != json_node::kind::text)
    return note(at, errc::wrong_type, "Must be a string.");
  if (const auto parsed = parse_rfc3339(node.text))
    out = *parsed;
  else
    note(at, errc::invalid_value, "Must be a time as in RFC 3339.");
}

form_refusal form_reader::refusal() && {
  const auto shape =
    std::find_if(errors_.begin(), errors_.end(), [](const field_error& e) {
      return e.code != errc::invalid_value;
    });
  const auto code = shape == errors_.end() ? errc::invalid_value : shape->code;
  return {code, std::move(errors_)};
}

json_document& scratch_document() {
  thread_local json_document document;
  return document;
}

} // namespace usher::http

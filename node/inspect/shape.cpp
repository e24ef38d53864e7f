#include "node/inspect/shape.hpp"

#include "node/inspect/printable.hpp"

namespace usher::inspect {

namespace {

/// A text, or id, that stands for nothing.
bool is_nothing(const json::value& what) {
  static const auto nil = to_string(uuid{});
  const auto* text = what.if_string();
  return what.is_null() || (text != nullptr && (text->empty() || *text == nil));
}

boost::json::value hide(const json::value& what) {
  if (is_nothing(what))
    return nullptr;
  return boost::json::string(redacted);
}

boost::json::value show_moment(const json::value& what) {
  const auto* milliseconds = what.if_int64();
  if (milliseconds == nullptr)
    return hide(what);
  if (*milliseconds == 0)
    return nullptr;
  return boost::json::string(to_rfc3339(timestamp{duration{*milliseconds}}));
}

std::string key_text(const json::value& key) {
  if (const auto* text = key.if_string())
    return {text->data(), text->size()};
  return boost::json::serialize(key);
}

boost::json::value show_pairs(const shape& as, const json::value& what) {
  const auto* pairs = what.if_array();
  if (pairs == nullptr)
    return hide(what);
  boost::json::object out;
  for (const auto& pair : *pairs) {
    const auto* both = pair.if_array();
    if (both == nullptr || both->size() != 2)
      return hide(what);
    auto name = key_text(show(as.inside[0].second, (*both)[0]));
    if (out.contains(name)) // several that are hidden
      name += ' ' + std::to_string(out.size() + 1);
    out[name] = show(as.inside[1].second, (*both)[1]);
  }
  return out;
}

boost::json::value show_list(const shape& as, const json::value& what) {
  const auto* list = what.if_array();
  if (list == nullptr)
    return hide(what);
  boost::json::array out;
  out.reserve(list->size());
  for (const auto& one : *list)
    out.push_back(show(as.inside.front().second, one));
  return out;
}

boost::json::value show_object(const shape& as, const json::value& what) {
  const auto* object = what.if_object();
  if (object == nullptr)
    return hide(what);
  boost::json::object out;
  for (const auto& [name, inner] : as.inside)
    if (const auto* member = object->if_contains(name))
      out[name] = show(inner, *member);
  for (const auto& member : *object)
    if (!out.contains(member.key()))
      out[member.key()] = hide(member.value());
  return out;
}

} // namespace

boost::json::value show(const shape& as, const json::value& what) {
  if (is_nothing(what))
    return nullptr;
  switch (as.is) {
    case shape::sort::plain:
      return what.is_structured() ? hide(what) : all_printable(what);
    case shape::sort::text:
      return what.is_string() ? all_printable(what) : hide(what);
    case shape::sort::hidden:
      return hide(what);
    case shape::sort::moment:
      return show_moment(what);
    case shape::sort::list:
      return show_list(as, what);
    case shape::sort::pairs:
      return show_pairs(as, what);
    case shape::sort::object:
      return show_object(as, what);
  }
  return nullptr;
}

} // namespace usher::inspect

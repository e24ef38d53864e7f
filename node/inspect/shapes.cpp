#include "node/inspect/shapes.hpp"

#include "actors/catalog.hpp"
#include "node/inspect/printable.hpp"
#include "protocol/journal.hpp"

#include <map>

namespace usher::inspect {

namespace {

/// Calls `each(scope, type)` for every fact and every state.
template <class Each>
void for_each_scope(Each each) {
  using boost::mp11::mp_for_each;
  using boost::mp11::mp_identity;
  using boost::mp11::mp_transform;
  mp_for_each<mp_transform<mp_identity, every_state>>([&](auto one) {
    using state = typename decltype(one)::type;
    each(std::string{to_string(state::kind)}, one);
    mp_for_each<mp_transform<mp_identity, typename state::fact>>([&](auto two) {
      each(std::string{decltype(two)::type::fact_name}, two);
    });
  });
}

bool is_shown(std::string_view scope, std::string_view path) {
  for (const auto& one : text_fields())
    if (one.scope == scope && one.path == path)
      return one.is_shown;
  return false;
}

std::map<std::string, shape, std::less<>> make_shapes() {
  std::map<std::string, shape, std::less<>> out;
  for_each_scope([&](const std::string& scope, auto one) {
    out[scope] = shape_maker<typename decltype(one)::type>::of(
      "", [&](const std::string& path) { return is_shown(scope, path); });
  });
  return out;
}

/// The shape of a scope, or of nothing that may be seen.
const shape& shape_of(std::string_view scope) {
  static const auto all = make_shapes();
  static const shape unknown{shape::sort::hidden, {}};
  const auto found = all.find(scope);
  return found != all.end() ? found->second : unknown;
}

std::string_view view(const boost::json::string& text) {
  return {text.data(), text.size()};
}

boost::json::value show_answer(const json::value& one) {
  const auto what = json::get<remembered>(one);
  return boost::json::object{{"request", to_string(what.request)},
                             {"status", what.status},
                             {"at", to_rfc3339(what.at)}};
}

} // namespace

std::vector<std::pair<std::string, std::string>> all_texts() {
  std::vector<std::pair<std::string, std::string>> out;
  for_each_scope([&](const std::string& scope, auto one) {
    shape_maker<typename decltype(one)::type>::of(
      "", [&](const std::string& path) {
        out.emplace_back(scope, path);
        return false;
      });
  });
  return out;
}

boost::json::value show_facts(std::string_view row) {
  try {
    boost::json::array out;
    const auto document = json::parse(row);
    for (const auto& pair : json::items(document)) {
      const auto& name = json::items(pair).at(0).as_string();
      out.push_back(boost::json::object{
        {"fact", printable(view(name))},
        {"body", show(shape_of(view(name)), json::items(pair).at(1))}});
    }
    return out;
  } catch (const std::exception&) {
    return nullptr;
  }
}

boost::json::value show_fold(entity_kind kind, std::string_view fold) {
  try {
    const auto document = json::parse(fold);
    const auto& object = document.as_object();
    boost::json::array answers;
    for (const auto& one : json::items(object.at("answers")))
      answers.push_back(show_answer(one));
    return boost::json::object{
      {"state", show(shape_of(to_string(kind)), object.at("state"))},
      {"answers", std::move(answers)}};
  } catch (const std::exception&) {
    return nullptr;
  }
}

std::optional<named_entity> parse_entity(std::string_view text) {
  named_entity out;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    out.kind = kind_named(text.substr(0, colon));
    if (!out.kind)
      return std::nullopt;
    text.remove_prefix(colon + 1);
  }
  const auto key = parse_uuid(text);
  if (!key)
    return std::nullopt;
  out.key = *key;
  return out;
}

} // namespace usher::inspect

#include "node/inspect/question.hpp"

#include "node/inspect/printable.hpp"
#include "node/inspect/shapes.hpp"

namespace usher::inspect {

std::string text_in(const boost::json::object& from, const char* name) {
  const auto* found = from.if_contains(name);
  if (found == nullptr || !found->is_string())
    return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::size_t number_in(const boost::json::object& from, const char* name,
                      std::size_t otherwise, std::size_t most) {
  const auto* found = from.if_contains(name);
  if (found == nullptr)
    return otherwise;
  boost::json::error_code ec;
  const auto n = found->to_number<std::size_t>(ec);
  return ec ? otherwise : std::min(n, most);
}

entity_id entity_of(const std::string& text) {
  const auto named = parse_entity(text);
  if (!named || !named->kind)
    throw bad_question("'" + printable(text) + "' names no entity");
  return {*named->kind, named->key};
}

} // namespace usher::inspect

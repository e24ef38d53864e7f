#include "protocol/entity.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <array>

namespace usher {

namespace {

template <template <class...> class List, class... Described>
constexpr std::array<entity_kind, sizeof...(Described)>
values_of(List<Described...>) {
  return {Described::value...};
}

constexpr auto kinds =
  values_of(boost::describe::describe_enumerators<entity_kind>{});

} // namespace

std::string_view to_string(entity_kind kind) {
  return boost::describe::enum_to_string(kind, "unknown");
}

std::optional<entity_kind> kind_named(std::string_view name) {
  const auto found = std::ranges::find(
    kinds, name, [](entity_kind kind) { return to_string(kind); });
  return found != kinds.end() ? std::optional{*found} : std::nullopt;
}

std::span<const entity_kind> all_kinds() {
  return kinds;
}

std::string to_string(const entity_id& who) {
  std::string out{to_string(who.kind)};
  out += ':';
  append_to(out, who.key);
  return out;
}

} // namespace usher

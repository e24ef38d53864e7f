#pragma once

#include "protocol/json.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// How facts are written in the journal: [["seat_block.held/1",{..}],..]. A
/// name is for ever; what changes its shape gets the next number.
namespace usher {

template <class Fact>
std::string encode_facts(const std::vector<Fact>& facts) {
  std::string out;
  json::put_list(out, facts, [&](const Fact& fact) {
    std::visit(
      [&](const auto& what) {
        out += "[\"";
        out += what.fact_name;
        out += "\",";
        json::put(out, what);
        out += ']';
      },
      fact);
  });
  return out;
}

/// Reads one fact by its name. Throws bad_shape for a name nobody ever wrote.
template <class Fact>
Fact decode_fact(std::string_view name, const json::value& body) {
  Fact out;
  bool found = false;
  boost::mp11::mp_for_each<
    boost::mp11::mp_transform<boost::mp11::mp_identity, Fact>>(
    [&](auto alternative) {
      using type = typename decltype(alternative)::type;
      if (found || type::fact_name != name)
        return;
      out = json::get<type>(body);
      found = true;
    });
  if (!found)
    throw json::bad_shape("unknown fact " + std::string{name});
  return out;
}

/// Calls `each` with every fact of one journal row, in order.
template <class Fact, class Each>
void decode_facts(std::string_view row, Each each) {
  const auto document = json::parse(row);
  for (const auto& pair : json::items(document)) {
    const auto& parts = json::items(pair);
    if (parts.size() != 2 || !parts[0].is_string())
      throw json::bad_shape("not a fact");
    const auto& name = parts[0].get_string();
    each(decode_fact<Fact>({name.data(), name.size()}, parts[1]));
  }
}

} // namespace usher

#include "actors/layout/layout.hpp"

#include "actors/layout/check.hpp"
#include "protocol/command.hpp"
#include "protocol/json_object.hpp"
#include "protocol/match.hpp"

namespace usher::layout {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

} // namespace

decision<state> decide(const state& layout, const uuid&, const command& cmd,
                       timestamp) {
  if (!std::holds_alternative<create>(cmd) && layout.sections.empty())
    return errc::not_found;
  return match(
    cmd, //
    [&](const create& c) {
      if (!layout.sections.empty())
        return said{errc::already_exists};
      if (!check(c.sections).empty())
        return said{errc::invalid_value};
      return said{facts{created{c.caller, c.name, c.sections}}}.showing(201);
    },
    [&](const describe&) { return said{}.showing(200); },
    [&](const read&) { return said{}.replying(layout.shared); },
    [&](const wake&) { return said{}; });
}

void revive(state& layout) {
  layout.shared = std::make_shared<const std::vector<section>>(layout.sections);
}

void evolve(state& layout, const fact& what) {
  match(what, [&](const created& e) {
    layout.owner = e.owner;
    layout.name = e.name;
    layout.sections = e.sections;
    revive(layout);
  });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt;
}

std::string render(const state& layout, const uuid& self) {
  std::uint64_t seats = 0;
  for (const auto& section : layout.sections)
    seats += section.size();
  std::string out = "{\"layout\":";
  {
    json::object to{out};
    to.put("id", self).put("name", layout.name);
    to.put("capacity", seats).put("sections", layout.sections);
  }
  out += '}';
  return out;
}

} // namespace usher::layout

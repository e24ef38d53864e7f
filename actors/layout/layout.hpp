#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/layout.hpp"

/// The rules of a layout: made once, never changed. Pure.
namespace usher::layout {

struct state {
  static constexpr entity_kind kind = entity_kind::layout;
  using command = layout::command;
  using fact = layout::fact;

  account_id owner;
  std::string name;
  std::vector<section> sections;

  // what follows from it
  layout::sections shared;
};

BOOST_DESCRIBE_STRUCT(state, (), (owner, name, sections))

void revive(state&);
decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

/// {"layout":{..}}
std::string render(const state&, const uuid& self);

} // namespace usher::layout

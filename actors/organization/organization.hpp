#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/organization.hpp"

#include <map>

/// The rules of an organization. Pure: no actor, no clock, no I/O.
namespace usher::organization {

struct state {
  static constexpr entity_kind kind = entity_kind::organization;
  using command = organization::command;
  using fact = organization::fact;

  std::string name;
  std::map<account_id, role> members;
};

BOOST_DESCRIBE_STRUCT(state, (), (name, members))

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

/// {"organization":{..}}
std::string render(const state&, const uuid& self);

} // namespace usher::organization

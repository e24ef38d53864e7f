#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/account.hpp"

/// The rules of a login name: it belongs to one account at a time. Pure.
namespace usher::login {

struct state {
  static constexpr entity_kind kind = entity_kind::login;
  using command = login::command;
  using fact = login::fact;

  account_id account; ///< nil if nobody's
};

BOOST_DESCRIBE_STRUCT(state, (), (account))

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

} // namespace usher::login

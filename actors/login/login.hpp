#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/account.hpp"

/// The rules of a login name: it belongs to one account at a time. Pure.
namespace usher::login {

struct state {
  static constexpr entity_kind kind = entity_kind::login;
  using command = login::command;
  using fact = login::fact;

  account_id account;   ///< nil if nobody's
  timestamp claimed_at; ///< the epoch if nobody knows
};

BOOST_DESCRIBE_STRUCT(state, (), (account, claimed_at))

/// How long a registration may take, with all its questions. Who has a name for
/// longer and was not registered fell in a crash between the two.
constexpr duration a_registration = std::chrono::minutes{10};

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

} // namespace usher::login

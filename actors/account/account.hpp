#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/account.hpp"

#include <map>

/// The rules of an account. Pure: no actor, no clock, no I/O.
namespace usher::account {

/// One sign-in: a chain of refresh tokens of which only the last is good.
struct family {
  std::string token_hash;
  timestamp until;
  bool operator==(const family&) const = default;
};

BOOST_DESCRIBE_STRUCT(family, (), (token_hash, until))

/// More sign-ins than this end the oldest one.
constexpr std::size_t most_families = 20;

struct state {
  static constexpr entity_kind kind = entity_kind::account;
  using command = account::command;
  using fact = account::fact;

  person who;
  std::string password_hash;
  role as{};
  timestamp registered_at;
  bool exists = false;
  std::map<uuid, family> families;
  /// That of the same password before it was hashed at another cost.
  std::optional<std::string> former_hash;
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (who, password_hash, as, registered_at, exists, families,
                       former_hash))

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

/// {"user":{..}}
std::string render(const state&, const uuid& self);

} // namespace usher::account

#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/account.hpp"

#include <map>

/// The rules of an account. Pure: no actor, no clock, no I/O.
namespace usher::account {

/// One sign-in: a chain of refresh tokens of which only the last is good, and
/// the one before for a repeat of its exchange.
struct family {
  std::string token_hash;
  timestamp until;
  std::string former_hash{}; ///< of the token before; empty if there is none
  timestamp rotated_at{};
  bool operator==(const family&) const = default;
};

BOOST_DESCRIBE_STRUCT(family, (), (token_hash, until, former_hash, rotated_at))

/// For so long the exchange of a refresh token may be repeated, if its answer
/// was lost: longer than a restart of everything takes. Whoever stole the old
/// one may use that time; the chain has but one end all the same, and who comes
/// second to it is found out.
constexpr duration exchange_repeated = std::chrono::seconds{30};

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

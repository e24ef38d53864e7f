#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/allowance.hpp"

#include <map>

/// The rules of an allowance. Pure: no actor, no clock, no I/O.
namespace usher::allowance {

/// A live session. Until it is counted it has the whole allowance to itself.
struct guest {
  bool counted = false;
  std::uint32_t total = 0;
  timestamp until;
  bool operator==(const guest&) const = default;
};

BOOST_DESCRIBE_STRUCT(guest, (), (counted, total, until))

struct state {
  static constexpr entity_kind kind = entity_kind::allowance;
  using command = allowance::command;
  using fact = allowance::fact;

  std::uint32_t limit = 0;
  std::map<session_id, std::uint32_t> bought; ///< by sessions that are over
  std::map<session_id, guest> guests;
};

BOOST_DESCRIBE_STRUCT(state, (), (limit, bought, guests))

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

} // namespace usher::allowance

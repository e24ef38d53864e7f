#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/queue_slot.hpp"

/// The rules of a queue slot. Pure: no actor, no clock, no I/O.
namespace usher::queue_slot {

struct state {
  static constexpr entity_kind kind = entity_kind::queue_slot;
  using command = queue_slot::command;
  using fact = queue_slot::fact;

  event_id event;
  account_id user;
  std::uint64_t number = 0; ///< 0 = has no place
  timestamp joined_at;
  bool has_left = false;
  bool has_completed = false;
  bool was_called = false;
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (event, user, number, joined_at, has_left, has_completed,
                       was_called))

decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);
std::optional<timestamp> wake_at(const state&);

} // namespace usher::queue_slot

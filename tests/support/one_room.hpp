#pragma once

#include "actors/waiting_room/waiting_room.hpp"
#include "tests/support/scenario.hpp"

/// The waiting room of one concert, for tests of its rules.
namespace usher::test {

constexpr event_id concert{nth(10)};
constexpr session_id cart{nth(40)};

/// Three at once, two at a time, five minutes to come; sells from t0 on.
inline const waiting_room::opened small_room{concert, 3, 2, 300, t0};

inline waiting_room::open ordered(std::optional<bool> held) {
  return {concert, 3, 2, 300, t0, held};
}

inline scenario<waiting_room::state>
given(const std::vector<waiting_room::fact>& past) {
  return scenario<waiting_room::state>{waiting_room::key_of(concert), past};
}

/// People with the numbers 1, 2, ... who have their turns in that order.
inline scenario<waiting_room::state>
given_queue(std::uint64_t people,
            const waiting_room::opened& room = small_room) {
  std::vector<waiting_room::fact> past{room, waiting_room::drawn{1, 0}};
  for (std::uint64_t n = 1; n <= people; ++n)
    past.emplace_back(waiting_room::dealt_number{n});
  return given(past);
}

} // namespace usher::test

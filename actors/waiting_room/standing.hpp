#pragma once

#include "actors/waiting_room/waiting_room.hpp"

/// What deciding and taking note both ask of a room.
namespace usher::waiting_room {

/// Calls are at least this far apart.
constexpr duration tick = std::chrono::seconds{1};

/// Of so many numbers the room remembers to whom it dealt them: what a slot did
/// not hear of before a crash or in a crush, it asks for again soon. They are
/// in every snapshot, so they are few.
constexpr std::uint64_t numbers_remembered = 4096;

using sorted = std::vector<std::uint64_t>;

/// Whose turn has not come.
inline std::uint64_t waiting(const state& room) {
  return room.dealt - room.served - count(room.gone);
}

/// How many more may buy at once.
inline std::uint64_t free_slots(const state& room) {
  const auto taken = room.active_turns.size();
  return room.terms.max_active > taken ? room.terms.max_active - taken : 0;
}

/// Whether their session is open.
inline bool is_checked_in(const active& who) {
  return !who.session.value.is_nil();
}

} // namespace usher::waiting_room

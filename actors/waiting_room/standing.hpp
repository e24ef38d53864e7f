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

/// Whose turn has not come. Before the draw there are some among them who have
/// left.
inline std::uint64_t waiting(const state& room) {
  return room.dealt - room.served - count(room.gone);
}

/// The same without those who have left.
inline std::uint64_t people_waiting(const state& room) {
  return waiting(room) - room.left_early.size();
}

/// The turn of a number, once it is drawn.
inline std::uint64_t turn_of(const state& room, std::uint64_t number) {
  const auto first = room.cleared_early;
  return number > first && number <= room.drawn
           ? first + draw(number - first, room.drawn - first, room.seed)
           : number;
}

inline bool is_before_draw(const state& room, timestamp now) {
  return !room.is_drawn && now < room.terms.sale_starts_at;
}

inline rate rate_of(const state& room) {
  return {room.terms.max_active, room.terms.batch, room.terms.token_seconds};
}

/// How many more may buy at once when so many slots are taken.
inline std::uint64_t free_slots(const state& room, std::uint64_t taken) {
  return room.terms.max_active > taken ? room.terms.max_active - taken : 0;
}

inline std::uint64_t free_slots(const state& room) {
  return free_slots(room, room.active_turns.size());
}

/// Whether their session is open.
inline bool is_checked_in(const active& who) {
  return !who.session.value.is_nil();
}

/// Whether nobody has seen them since they were called: soon they lose the
/// turn.
inline bool is_awaited(const active& who) {
  return !is_checked_in(who) && who.until < who.called_until;
}

/// While calls are held nobody can open a session, and nobody's time runs who
/// has none.
inline bool has_run_out(const state& room, const active& who, timestamp now) {
  const bool stands_still = room.is_held && !is_checked_in(who);
  return who.until <= (stands_still ? room.held_since : now);
}

/// People called in a minute, as it went lately; at least 1. While there was
/// nobody to call it says nothing: then it is as fast as the room can, or as
/// fast as turns run out if all slots are taken.
std::uint64_t pace(const state&, timestamp now);

} // namespace usher::waiting_room

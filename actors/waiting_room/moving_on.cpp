#include "actors/waiting_room/moving_on.hpp"

#include "actors/waiting_room/standing.hpp"
#include "protocol/command.hpp"

#include <algorithm>
#include <utility>

namespace usher::waiting_room {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// What the room will count when it has taken note of what has just happened.
struct outlook {
  std::uint64_t waiting = 0;
  std::uint64_t taken = 0; ///< slots
  std::uint64_t ended = 0; ///< a turn that is over by it; 0 = none
};

outlook outlook_of(const state& room) {
  return {waiting(room), room.active_turns.size(), 0};
}

/// Nothing if more has happened than that numbers were dealt and a turn ended:
/// that is rare enough to be tried on a copy.
std::optional<outlook> outlook_after(const state& room, const facts& happened) {
  auto out = outlook_of(room);
  for (const auto& what : happened) {
    const auto* end = std::get_if<done>(&what);
    if (std::holds_alternative<dealt_number>(what)) {
      ++out.waiting;
    } else if (end && end->numbers.size() == 1 && out.ended == 0) {
      out.ended = end->numbers.front();
      --(room.active_turns.contains(out.ended) ? out.taken : out.waiting);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

/// Turns that must be looked at now, in their order.
sorted due_turns(const state& room, const outlook& next, timestamp now) {
  sorted out;
  auto take = [&](const endings& all, timestamp upto) {
    for (auto one = all.begin(); one != all.end() && one->first <= upto; ++one)
      if (one->second != next.ended)
        out.push_back(one->second);
  };
  take(room.ends_of_called, room.is_held ? room.held_since : now);
  take(room.ends_of_sessions, now);
  std::ranges::sort(out);
  return out;
}

bool may_call(const state& room, const outlook& next, timestamp now) {
  return room.is_open && !room.is_closed && !room.is_held && room.is_drawn
         && next.waiting > 0 && free_slots(room, next.taken) > 0
         && room.last_call + tick <= now;
}

/// The last turn of the next call: as many as there are slots, at most a batch.
std::uint64_t next_served(const state& room, const outlook& next) {
  auto left = std::min<std::uint64_t>(
    {room.terms.batch, free_slots(room, next.taken), next.waiting});
  auto turn = room.served;
  auto gone = room.gone.begin();
  while (left > 0) {
    ++turn;
    if (gone != room.gone.end() && gone->first == turn)
      turn = (gone++)->last;
    else if (turn != next.ended)
      --left;
  }
  return turn;
}

admitted call_next(const state& room, const outlook& next, timestamp now) {
  const std::chrono::seconds whole{room.terms.token_seconds};
  const std::chrono::seconds to_show_up{
    room.terms.show_up_seconds.value_or(room.terms.token_seconds)};
  admitted out{next_served(room, next), now, now + whole};
  if (to_show_up < whole)
    out.show_up_by = now + to_show_up;
  return out;
}

said go_on(const state& room, outlook next, facts happened, timestamp now) {
  std::vector<letter> letters;
  done gone;
  doubted asked{{}, now};
  for (auto turn : due_turns(room, next, now)) {
    const auto& who = room.active_turns.at(turn);
    if (has_run_out(room, who, now)) {
      gone.numbers.push_back(turn);
    } else {
      asked.turns.push_back(turn);
      letters.push_back(doubt(room, who.session, who.number));
    }
  }
  next.taken -= gone.numbers.size();
  if (!gone.numbers.empty())
    happened.emplace_back(std::move(gone));
  if (!asked.turns.empty())
    happened.emplace_back(std::move(asked));
  if (may_call(room, next, now))
    happened.emplace_back(call_next(room, next, now));
  said out{std::move(happened)};
  out.letters = std::move(letters);
  return out;
}

} // namespace

said move_on(const state& room, facts happened, timestamp now) {
  if (is_before_draw(room, now))
    return happened; // nobody has been called, and nobody is to be
  if (room.is_drawn)
    if (const auto next = outlook_after(room, happened))
      return go_on(room, *next, std::move(happened), now);
  auto later = room;
  for (const auto& what : happened)
    evolve(later, what);
  if (later.is_open && !later.is_drawn && later.terms.sale_starts_at <= now) {
    happened.emplace_back(draw_now(later));
    evolve(later, happened.back());
  }
  return go_on(later, outlook_of(later), std::move(happened), now);
}

drawn draw_now(const state& room) {
  if (const auto& secret = room.terms.draw_secret)
    return {hash_of(derive_uuid(*secret, "draw")), room.dealt, secret};
  return {hash_of(derive_uuid(room.terms.event.value,
                              "draw:" + std::to_string(room.dealt))),
          room.dealt, std::nullopt};
}

letter doubt(const state& room, session_id session, std::uint64_t number) {
  booking_session::share question;
  question.in_doubt = booking_session::turn{room.terms.event, number};
  return {{entity_kind::booking_session, session.value},
          booking_session::command{question}};
}

} // namespace usher::waiting_room

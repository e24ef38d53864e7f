#include "actors/queue_slot/queue_slot.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::queue_slot {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

entity_id room_of(event_id event) {
  return {entity_kind::waiting_room, waiting_room::key_of(event)};
}

/// Whoever is far back asks less often, but nobody so seldom that they might
/// lose their turn before they hear of it.
std::uint64_t poll_after(const waiting_room::place& place) {
  constexpr std::uint64_t longest = 60;
  const auto in_time =
    std::max<std::uint64_t>(place.show_up_seconds.value_or(2 * longest) / 2, 1);
  return std::min({2 + place.ahead / 500, longest, in_time});
}

/// Until the sale opens nobody moves up.
std::uint64_t estimate(const waiting_room::place& place, timestamp now) {
  const auto opens_in =
    std::max<duration>(place.opens_at.value_or(now) - now, duration{0});
  const auto wait = std::chrono::ceil<std::chrono::seconds>(opens_in);
  return static_cast<std::uint64_t>(wait.count())
         + (place.ahead + 1) * 60 / place.served_per_minute;
}

standing standing_at(const state& slot, const waiting_room::place& place,
                     timestamp now) {
  standing out;
  out.number = slot.number;
  out.joined_at = slot.joined_at;
  out.ahead = place.ahead;
  switch (place.how) {
    case waiting_room::place::kind::admitted:
      out.status = state_name::admitted;
      out.admitted_until = place.admitted_until;
      break;
    case waiting_room::place::kind::over:
      out.status = state_name::expired;
      break;
    case waiting_room::place::kind::waiting:
      out.status = state_name::waiting;
      out.estimate_seconds = estimate(place, now);
      out.poll_after_seconds = poll_after(place);
      break;
  }
  return out;
}

/// Tells the place, and notes once that it is the user's turn.
said tell_place(const state& slot, const standing& place, timestamp now) {
  facts happened;
  if (place.status == state_name::admitted && !slot.was_called)
    happened.emplace_back(called{slot.number, slot.joined_at, now});
  return said{std::move(happened)}.replying(place);
}

template <class Command>
said look_up(event_id event, std::uint64_t number, Command then) {
  return said{}.asking(room_of(event),
                       waiting_room::command{waiting_room::look{number}},
                       std::move(then));
}

/// Somebody hears in a moment that it is their turn: first the room must know
/// that they are there, or it would soon call another.
template <class Command>
said show_up(event_id event, std::uint64_t number, Command then) {
  return said{}.asking(room_of(event),
                       waiting_room::command{waiting_room::show_up{number}},
                       std::move(then));
}

bool has_place(const state& slot) {
  return slot.number > 0 && !slot.has_left && !slot.has_completed;
}

/// Looks whether the place still stands; if it is over, takes a number: a new
/// one, unless the room lets the user have the last one back.
said come_in(const state& slot, const uuid& self, const join& cmd,
             timestamp now) {
  enum : std::uint8_t { nothing, place, number, new_place, arrival };

  auto next = cmd;
  auto take_number = [&] {
    next.asked = number;
    waiting_room::take_number question;
    question.slot = self;
    question.heard = slot.number;
    if (slot.number > 0 && !slot.has_completed)
      question.had = slot.number;
    return said{}.asking(room_of(cmd.event), waiting_room::command{question},
                         next);
  };
  if (cmd.asked == nothing) {
    if (!has_place(slot))
      return take_number();
    next.asked = place;
    return look_up(cmd.event, slot.number, next);
  }
  if (!cmd.got->granted())
    return {cmd.got->refused, cmd.got->more};
  if (cmd.asked == number) {
    const auto& dealt = std::get<waiting_room::dealt>(cmd.got->reply);
    next.asked = new_place;
    auto out = look_up(cmd.event, dealt.number, next);
    out.facts = {joined{cmd.event, cmd.user, dealt.number, now}};
    return out;
  }
  const auto& where = std::get<waiting_room::place>(cmd.got->reply);
  const auto found = standing_at(slot, where, now);
  if (cmd.asked == place && found.status == state_name::expired)
    return take_number();
  if (where.is_awaited.value_or(false) && cmd.asked != arrival) {
    next.asked = arrival;
    return show_up(cmd.event, slot.number, next);
  }
  return tell_place(slot, found, now);
}

said tell(const state& slot, const status& cmd, timestamp now) {
  enum : std::uint8_t { nothing, place, arrival };

  if (slot.number == 0)
    return errc::not_in_queue;
  if (slot.has_left || slot.has_completed) {
    standing out;
    out.number = slot.number;
    out.status = slot.has_left ? state_name::left : state_name::completed;
    return said{}.replying(out);
  }
  auto next = cmd;
  ++next.asked;
  if (cmd.asked == nothing)
    return look_up(slot.event, slot.number, next);
  if (!cmd.got->granted())
    return {cmd.got->refused, cmd.got->more};
  const auto& where = std::get<waiting_room::place>(cmd.got->reply);
  if (where.is_awaited.value_or(false) && cmd.asked == place)
    return show_up(slot.event, slot.number, next);
  return tell_place(slot, standing_at(slot, where, now), now);
}

/// A late payment may complete a session whose number was over long ago: the
/// place that its user has by now is another.
said use_up(const state& slot, const complete& cmd) {
  if (!has_place(slot) || cmd.number.value_or(slot.number) != slot.number)
    return {};
  return facts{completed{}};
}

said go_away(const state& slot) {
  if (slot.number == 0)
    return errc::not_in_queue;
  if (!has_place(slot))
    return {};
  return said{facts{left{}}}.telling(
    room_of(slot.event),
    waiting_room::command{waiting_room::leave{slot.number}});
}

} // namespace

decision<state> decide(const state& slot, const uuid& self, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const join& c) { return come_in(slot, self, c, now); },
    [&](const status& c) { return tell(slot, c, now); },
    [&](const leave&) { return go_away(slot); },
    [&](const complete& c) { return use_up(slot, c); },
    [&](const wake&) { return said{}; });
}

void evolve(state& slot, const fact& what) {
  match(
    what, //
    [&](const joined& e) {
      slot = {e.event, e.user, e.number, e.at, false, false, false};
    },
    [&](const left&) { slot.has_left = true; },
    [&](const completed&) { slot.has_completed = true; },
    [&](const called&) { slot.was_called = true; });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt; // the room keeps the time
}

} // namespace usher::queue_slot

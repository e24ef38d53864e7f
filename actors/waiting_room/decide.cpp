#include "actors/waiting_room/moving_on.hpp"
#include "actors/waiting_room/standing.hpp"
#include "protocol/command.hpp"
#include "protocol/match.hpp"
#include "protocol/wrong_field.hpp"

#include <algorithm>
#include <utility>

namespace usher::waiting_room {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

bool contains(const sorted& all, std::uint64_t one) {
  return std::ranges::binary_search(all, one);
}

/// As it will be if the calls go on now.
timestamp end_of(const state& room, const active& who, timestamp now) {
  const bool stands_still = room.is_held && !is_checked_in(who);
  return stands_still ? who.until + (now - room.held_since) : who.until;
}

/// Whether a number was given up, or sent away, before the draw.
bool is_gone_early(const state& room, std::uint64_t number) {
  return number <= room.cleared_early || contains(room.left_early, number);
}

/// Where a number that was dealt stands now. In a closed room only who is at
/// checkout still has something to come.
place::kind stand_of(const state& room, std::uint64_t number, timestamp now) {
  if (!room.is_drawn)
    return room.is_closed || is_gone_early(room, number) ? place::kind::over
                                                         : place::kind::waiting;
  const auto turn = turn_of(room, number);
  auto found = room.active_turns.find(turn);
  if (found != room.active_turns.end()
      && !has_run_out(room, found->second, now))
    return room.is_closed && !is_checked_in(found->second)
             ? place::kind::over
             : place::kind::admitted;
  const bool is_over =
    room.is_closed || turn <= room.served || contains(room.gone, turn);
  return is_over ? place::kind::over : place::kind::waiting;
}

/// Whoever asks for a place again gets no second one while the first stands.
/// Before the draw it can always be had back, if it was not sent away: so
/// nobody can fill the draw with numbers that no one will use.
bool can_have_back(const state& room, std::uint64_t number, timestamp now) {
  if (number == 0 || number > room.dealt)
    return false;
  if (!room.is_drawn)
    return is_before_draw(room, now) && number > room.cleared_early;
  return stand_of(room, number, now) != place::kind::over;
}

said give_back(const state& room, std::uint64_t number) {
  facts happened;
  if (contains(room.left_early, number))
    happened.emplace_back(came_back{number});
  return said{std::move(happened)}.replying(dealt{number});
}

std::optional<std::uint64_t> mark_of(const take_number& cmd) {
  return cmd.slot ? std::optional{hash_of(*cmd.slot)} : std::nullopt;
}

/// The number that was dealt to this slot and never reached it; 0 = none that
/// the room remembers.
std::uint64_t unheard(const state& room, const take_number& cmd) {
  const auto found = room.last_of.find(mark_of(cmd).value_or(0));
  const bool is_news =
    found != room.last_of.end() && found->second > cmd.heard.value_or(0);
  return is_news ? found->second : 0;
}

errc why_not_open(const state& room) {
  if (!room.is_open)
    return errc::no_waiting_room;
  return room.is_closed ? errc::queue_closed : errc::ok;
}

said deal(const state& room, const take_number& cmd, timestamp now) {
  if (const auto why = why_not_open(room); why != errc::ok)
    return why;
  if (const auto lost = unheard(room, cmd); can_have_back(room, lost, now))
    return give_back(room, lost);
  if (cmd.had && can_have_back(room, *cmd.had, now))
    return give_back(room, *cmd.had);
  const auto number = room.dealt + 1;
  facts happened;
  if (!room.is_drawn && room.terms.sale_starts_at <= now)
    happened.emplace_back(draw_now(room)); // who comes now comes after it
  happened.emplace_back(dealt_number{number, mark_of(cmd)});
  auto out = move_on(room, std::move(happened), now);
  out.replying(dealt{number});
  return out;
}

std::uint64_t people_before(const state& room, std::uint64_t number) {
  if (!room.is_drawn) // nobody has a turn yet: at worst the last
    return people_waiting(room) - 1;
  const auto turn = turn_of(room, number);
  return turn - room.served - 1 - count_below(room.gone, turn);
}

bool is_dealt(const state& room, std::uint64_t number) {
  return room.is_open && number > 0 && number <= room.dealt;
}

place place_of(const state& room, std::uint64_t number, timestamp now) {
  place out;
  out.how = stand_of(room, number, now);
  out.served_per_minute = pace(room, now);
  if (out.how == place::kind::admitted) {
    const auto& who = room.active_turns.at(turn_of(room, number));
    out.admitted_until = end_of(room, who, now);
    if (is_awaited(who))
      out.is_awaited = true;
  }
  if (out.how == place::kind::waiting) {
    out.ahead = people_before(room, number);
    const auto longest = room.terms.token_seconds;
    out.show_up_seconds =
      std::min(room.terms.show_up_seconds.value_or(longest), longest);
  }
  if (is_before_draw(room, now))
    out.opens_at = room.terms.sale_starts_at;
  return out;
}

said tell(const state& room, const look& cmd, timestamp now) {
  if (!is_dealt(room, cmd.number))
    return errc::not_in_queue;
  return said{}.replying(place_of(room, cmd.number, now));
}

/// Who comes too late has lost the turn, and takes a number like all others.
said welcome(const state& room, const show_up& cmd, timestamp now) {
  if (!is_dealt(room, cmd.number))
    return errc::not_in_queue;
  auto out = place_of(room, cmd.number, now);
  if (!out.is_awaited.value_or(false))
    return said{}.replying(out);
  const auto turn = turn_of(room, cmd.number);
  auto who = room.active_turns.at(turn);
  who.until = who.called_until;
  out.admitted_until = end_of(room, who, now);
  out.is_awaited.reset();
  return said{facts{turned_back{turn, true}}}.replying(out);
}

said give_up(const state& room, std::uint64_t number, timestamp now) {
  if (number == 0 || number > room.dealt)
    return {};
  if (!room.is_drawn)
    return is_gone_early(room, number)
             ? said{}
             : move_on(room, facts{waiting_room::left_early{number}}, now);
  const auto turn = turn_of(room, number);
  auto found = room.active_turns.find(turn);
  const bool is_active = found != room.active_turns.end();
  if (is_active && is_checked_in(found->second))
    return {}; // its session still holds seats: the end of that frees it
  if ((turn <= room.served && !is_active) || contains(room.gone, turn))
    return {};
  return move_on(room, facts{done{{turn}}}, now);
}

said begin_checkout(const state& room, const check_in& cmd, timestamp now) {
  if (room.is_closed)
    return errc::queue_closed;
  const auto turn = turn_of(room, cmd.number);
  auto found = room.active_turns.find(turn);
  if (!room.is_drawn || found == room.active_turns.end()
      || has_run_out(room, found->second, now))
    return errc::checkout_token_invalid;
  if (found->second.session == cmd.session)
    return {};
  if (is_checked_in(found->second)) {
    // Named: its buyer may have lost the answer that opened it.
    std::string more = "\"session_id\":";
    json::put(more, found->second.session);
    said out{errc::checkout_in_progress, std::move(more)};
    out.letters = {doubt(room, found->second.session, cmd.number)};
    return out;
  }
  return facts{checked_in{turn, cmd.session, cmd.until, cmd.number, now}};
}

said end_checkout(const state& room, const check_out& cmd, timestamp now) {
  const auto turn = turn_of(room, cmd.number);
  auto found = room.active_turns.find(turn);
  if (found == room.active_turns.end() || found->second.session != cmd.session)
    return {};
  if (cmd.unopened.value_or(false))
    return move_on(room, facts{turned_back{turn}}, now);
  return move_on(room, facts{done{{turn}}}, now);
}

said begin(const state& room, const open& cmd, timestamp now) {
  if (room.is_open) {
    const bool held = cmd.held.value_or(room.is_held);
    return room.is_closed || held == room.is_held
             ? said{}
             : move_on(room, facts{calls_held{held, now}}, now);
  }
  return facts{opened{cmd.event, cmd.max_active, cmd.batch, cmd.token_seconds,
                      cmd.sale_starts_at, cmd.draw_secret,
                      cmd.show_up_seconds}};
}

// -- what an organizer wants

said set_rate(const state& room, const change_rate& cmd, timestamp now) {
  if (const auto why = why_not_open(room); why != errc::ok)
    return why;
  const auto is = rate_of(room);
  const rate to{cmd.max_active.value_or(is.max_active),
                cmd.batch.value_or(is.batch),
                cmd.token_seconds.value_or(is.token_seconds)};
  if (const auto wrong = misfit(to); !wrong.empty())
    return {errc::invalid_value, more_about({std::string{wrong}, {}})};
  if (to == is)
    return said{}.showing(200);
  return move_on(room, facts{rate_changed{to}}, now).showing(200);
}

said send_away(const state& room, timestamp now) {
  if (const auto why = why_not_open(room); why != errc::ok)
    return why;
  if (people_waiting(room) == 0)
    return said{}.showing(200);
  return move_on(room, facts{cleared{room.dealt}}, now).showing(200);
}

said show(const state& room) {
  return room.is_open ? said{}.showing(200) : said{errc::no_waiting_room};
}

} // namespace

decision<state> decide(const state& room, const uuid&, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const open& c) { return begin(room, c, now); },
    [&](const take_number& c) { return deal(room, c, now); },
    [&](const look& c) { return tell(room, c, now); },
    [&](const show_up& c) { return welcome(room, c, now); },
    [&](const leave& c) { return give_up(room, c.number, now); },
    [&](const check_in& c) { return begin_checkout(room, c, now); },
    [&](const check_out& c) { return end_checkout(room, c, now); },
    [&](const close&) {
      return room.is_closed || !room.is_open ? said{} : said{facts{closed{}}};
    },
    [&](const change_rate& c) { return set_rate(room, c, now); },
    [&](const waiting_room::clear&) { return send_away(room, now); },
    [&](const watch&) { return show(room); },
    [&](const wake&) { return move_on(room, {}, now); });
}

} // namespace usher::waiting_room

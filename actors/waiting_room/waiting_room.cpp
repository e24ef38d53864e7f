#include "actors/waiting_room/waiting_room.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace usher::waiting_room {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// Calls are at least this far apart.
constexpr duration tick = std::chrono::seconds{1};

/// The pace is that of one or two of these.
constexpr duration lap_time = std::chrono::minutes{5};

/// A session that keeps its turn longer is asked whether it is still there,
/// again and again: what it said when it ended may have been lost.
constexpr duration trust = std::chrono::minutes{5};

using sorted = std::vector<std::uint64_t>;

bool contains(const sorted& all, std::uint64_t one) {
  return std::ranges::binary_search(all, one);
}

void insert(sorted& into, std::uint64_t one) {
  auto at = std::ranges::lower_bound(into, one);
  if (at == into.end() || *at != one)
    into.insert(at, one);
}

void remove(sorted& from, std::uint64_t one) {
  auto at = std::ranges::lower_bound(from, one);
  if (at != from.end() && *at == one)
    from.erase(at);
}

bool is_before_draw(const state& room, timestamp now) {
  return !room.is_drawn && now < room.terms.sale_starts_at;
}

std::uint64_t turn_of(const state& room, std::uint64_t number) {
  return number <= room.drawn ? draw(number, room.drawn, room.seed) : number;
}

std::uint64_t waiting(const state& room) {
  return room.dealt - room.served - room.given_up.size();
}

std::uint64_t free_slots(const state& room) {
  const auto taken = room.active_turns.size();
  return room.terms.max_active > taken ? room.terms.max_active - taken : 0;
}

bool may_call(const state& room, timestamp now) {
  return room.is_open && !room.is_closed && !room.is_held && room.is_drawn
         && waiting(room) > 0 && free_slots(room) > 0
         && room.last_call + tick <= now;
}

bool is_checked_in(const active& who) {
  return !who.session.value.is_nil();
}

/// While calls are held nobody can open a session, and nobody's time runs who
/// has none.
bool has_run_out(const state& room, const active& who, timestamp now) {
  const bool stands_still = room.is_held && !is_checked_in(who);
  return who.until <= (stands_still ? room.held_since : now);
}

/// Sessions that checked in before such numbers were noted are not asked.
bool is_in_doubt(const active& who, timestamp now) {
  return is_checked_in(who) && who.number != 0 && who.doubt_at <= now;
}

letter doubt(const state& room, session_id session, std::uint64_t number) {
  booking_session::share question;
  question.in_doubt = booking_session::turn{room.terms.event, number};
  return {{entity_kind::booking_session, session.value},
          booking_session::command{question}};
}

/// As it will be if the calls go on now.
timestamp end_of(const state& room, const active& who, timestamp now) {
  const bool stands_still = room.is_held && !is_checked_in(who);
  return stands_still ? who.until + (now - room.held_since) : who.until;
}

/// The last turn of the next call: as many as there are slots, at most a batch.
std::uint64_t next_served(const state& room) {
  auto left = std::min<std::uint64_t>(
    {room.terms.batch, free_slots(room), waiting(room)});
  auto turn = room.served;
  auto gone = room.given_up.begin();
  while (left > 0) {
    ++turn;
    if (gone != room.given_up.end() && *gone == turn)
      ++gone;
    else
      --left;
  }
  return turn;
}

/// Where a number that was dealt stands now. In a closed room only who is at
/// checkout still has something to come.
place::kind stand_of(const state& room, std::uint64_t number, timestamp now) {
  if (!room.is_drawn)
    return room.is_closed || contains(room.left_early, number)
             ? place::kind::over
             : place::kind::waiting;
  const auto turn = turn_of(room, number);
  auto found = room.active_turns.find(turn);
  if (found != room.active_turns.end()
      && !has_run_out(room, found->second, now))
    return room.is_closed && !is_checked_in(found->second)
             ? place::kind::over
             : place::kind::admitted;
  const bool is_over =
    room.is_closed || turn <= room.served || contains(room.given_up, turn);
  return is_over ? place::kind::over : place::kind::waiting;
}

drawn draw_now(const state& room) {
  return {hash_of(derive_uuid(room.terms.event.value,
                              "draw:" + std::to_string(room.dealt))),
          room.dealt};
}

/// What the clock and the free slots allow now, after `happened`.
said move_on(const state& before, facts happened, timestamp now) {
  if (is_before_draw(before, now))
    return happened; // nobody has been called, and nobody is to be
  auto room = before;
  for (const auto& what : happened)
    evolve(room, what);
  auto note = [&](fact what) {
    evolve(room, what);
    happened.push_back(std::move(what));
  };
  std::vector<letter> letters;
  done gone;
  for (const auto& [turn, who] : room.active_turns)
    if (has_run_out(room, who, now))
      gone.numbers.push_back(turn);
  if (!gone.numbers.empty())
    note(std::move(gone));
  doubted asked{{}, now};
  for (const auto& [turn, who] : room.active_turns)
    if (is_in_doubt(who, now)) {
      asked.turns.push_back(turn);
      letters.push_back(doubt(room, who.session, who.number));
    }
  if (!asked.turns.empty())
    note(std::move(asked));
  if (room.is_open && !room.is_drawn && room.terms.sale_starts_at <= now)
    note(draw_now(room));
  if (may_call(room, now))
    note(admitted{next_served(room), now,
                  now + std::chrono::seconds{room.terms.token_seconds}});
  said out{std::move(happened)};
  out.letters = std::move(letters);
  return out;
}

/// Whoever asks for a place again gets no second one while the first stands.
/// Before the draw it can always be had back: so nobody can fill the draw with
/// numbers that no one will use.
bool can_have_back(const state& room, std::uint64_t number, timestamp now) {
  if (number == 0 || number > room.dealt)
    return false;
  if (!room.is_drawn)
    return is_before_draw(room, now);
  return stand_of(room, number, now) != place::kind::over;
}

said give_back(const state& room, std::uint64_t number) {
  facts happened;
  if (contains(room.left_early, number))
    happened.emplace_back(came_back{number});
  return said{std::move(happened)}.replying(dealt{number});
}

said deal(const state& room, const take_number& cmd, timestamp now) {
  if (!room.is_open)
    return errc::no_waiting_room;
  if (room.is_closed)
    return errc::queue_closed;
  if (cmd.had && can_have_back(room, *cmd.had, now))
    return give_back(room, *cmd.had);
  const auto number = room.dealt + 1;
  facts happened;
  if (!room.is_drawn && room.terms.sale_starts_at <= now)
    happened.emplace_back(draw_now(room)); // who comes now comes after it
  happened.emplace_back(dealt_number{number});
  auto out = move_on(room, std::move(happened), now);
  out.replying(dealt{number});
  return out;
}

/// People called in a minute, as it went lately. While there was nobody to call
/// it says nothing: then it is as fast as the room can, or as fast as turns run
/// out if all slots are taken.
std::uint64_t pace(const state& room, timestamp now) {
  constexpr std::uint64_t minute = 60'000;
  const auto& terms = room.terms;
  const auto called = room.last_lap.called + room.now_lap.called;
  std::uint64_t out = 0;
  if (called > 0) {
    const auto& first = room.last_lap.called > 0 ? room.last_lap : room.now_lap;
    const auto span = now - first.began + tick;
    out = called * minute / static_cast<std::uint64_t>(span.count());
  } else if (free_slots(room) > 0) {
    out = std::uint64_t{std::min(terms.batch, terms.max_active)} * minute
          / static_cast<std::uint64_t>(tick.count());
  } else {
    out = std::uint64_t{terms.max_active} * 60
          / std::max<std::uint64_t>(1, terms.token_seconds);
  }
  return std::max<std::uint64_t>(1, out);
}

std::uint64_t people_before(const state& room, std::uint64_t number) {
  if (!room.is_drawn) // nobody has a turn yet: at worst the last
    return room.dealt - 1 - room.left_early.size();
  const auto turn = turn_of(room, number);
  const auto gone =
    std::ranges::lower_bound(room.given_up, turn) - room.given_up.begin();
  return turn - room.served - 1 - static_cast<std::uint64_t>(gone);
}

said tell(const state& room, const look& cmd, timestamp now) {
  if (!room.is_open || cmd.number == 0 || cmd.number > room.dealt)
    return errc::not_in_queue;
  place out;
  out.how = stand_of(room, cmd.number, now);
  out.served_per_minute = pace(room, now);
  if (out.how == place::kind::admitted)
    out.admitted_until =
      end_of(room, room.active_turns.at(turn_of(room, cmd.number)), now);
  if (out.how == place::kind::waiting)
    out.ahead = people_before(room, cmd.number);
  if (is_before_draw(room, now))
    out.opens_at = room.terms.sale_starts_at;
  return said{}.replying(out);
}

said give_up(const state& room, std::uint64_t number, timestamp now) {
  if (number == 0 || number > room.dealt)
    return {};
  if (!room.is_drawn)
    return contains(room.left_early, number)
             ? said{}
             : move_on(room, facts{waiting_room::left_early{number}}, now);
  const auto turn = turn_of(room, number);
  auto found = room.active_turns.find(turn);
  const bool is_active = found != room.active_turns.end();
  if (is_active && is_checked_in(found->second))
    return {}; // its session still holds seats: the end of that frees it
  if ((turn <= room.served && !is_active) || contains(room.given_up, turn))
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
    said out{errc::checkout_in_progress};
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
                      cmd.sale_starts_at}};
}

/// Those who left early have turns like all others: they are passed over.
void pass_over_the_early(state& room) {
  for (auto number : room.left_early)
    room.given_up.push_back(draw(number, room.drawn, room.seed));
  std::ranges::sort(room.given_up);
  room.left_early.clear();
}

void count_calls(state& room, std::uint64_t called, timestamp at) {
  if (room.now_lap.called == 0)
    room.now_lap.began = at;
  else if (room.now_lap.began + lap_time <= at)
    room.last_lap = std::exchange(room.now_lap, {at, 0});
  room.now_lap.called += called;
}

void forget_the_pace(state& room) {
  room.now_lap = {};
  room.last_lap = {};
}

void call(state& room, const admitted& e) {
  auto gone = room.given_up.begin();
  for (auto turn = room.served + 1; turn <= e.upto; ++turn)
    if (gone != room.given_up.end() && *gone == turn)
      ++gone;
    else
      room.active_turns[turn] = {e.until, {}, e.until, 0, {}};
  const auto passed = static_cast<std::uint64_t>(gone - room.given_up.begin());
  count_calls(room, e.upto - room.served - passed, e.at);
  room.given_up.erase(room.given_up.begin(), gone);
  room.served = e.upto;
  room.last_call = e.at;
}

void give_time(active& who, duration more) {
  who.called_until += more;
  if (!is_checked_in(who))
    who.until += more;
}

void check_in_at(active& who, const checked_in& e) {
  who.until = e.until;
  who.session = e.session;
  who.number = e.dealt.value_or(0);
  who.doubt_at = e.at.value_or(e.until) + trust;
}

void turn_back(active& who) {
  who.until = who.called_until;
  who.session = {};
}

void hold(state& room, const calls_held& e) {
  if (room.is_held && !e.is_held)
    for (auto& [turn, who] : room.active_turns)
      give_time(who, e.at - room.held_since);
  forget_the_pace(room);
  room.is_held = e.is_held;
  room.held_since = e.at;
}

} // namespace

std::uint64_t draw(std::uint64_t number, std::uint64_t count,
                   std::uint64_t seed) {
  const auto half = (static_cast<unsigned>(std::bit_width(count)) + 1) / 2;
  const auto mask = (std::uint64_t{1} << half) - 1;
  auto mix = [&](std::uint64_t x, std::uint64_t round) {
    auto h = (x + 1) * 0x9e3779b97f4a7c15ULL ^ (seed + round);
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
    return (h ^ (h >> 31)) & mask;
  };
  auto at = number - 1;
  do {
    auto left = at >> half;
    auto right = at & mask;
    for (std::uint64_t round = 0; round < 4; ++round)
      left = std::exchange(right, left ^ mix(right, round));
    at = left << half | right;
  } while (at >= count);
  return at + 1;
}

decision<state> decide(const state& room, const uuid&, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const open& c) { return begin(room, c, now); },
    [&](const take_number& c) { return deal(room, c, now); },
    [&](const look& c) { return tell(room, c, now); },
    [&](const leave& c) { return give_up(room, c.number, now); },
    [&](const check_in& c) { return begin_checkout(room, c, now); },
    [&](const check_out& c) { return end_checkout(room, c, now); },
    [&](const close&) {
      return room.is_closed || !room.is_open ? said{} : said{facts{closed{}}};
    },
    [&](const wake&) { return move_on(room, {}, now); });
}

void evolve(state& room, const fact& what) {
  match(
    what, //
    [&](const opened& e) {
      room.terms = e;
      room.is_open = true;
    },
    [&](const dealt_number& e) {
      if (waiting(room) == 0)
        forget_the_pace(room);
      room.dealt = e.number;
    },
    [&](const waiting_room::drawn& e) {
      room.seed = e.seed;
      room.drawn = e.count;
      room.is_drawn = true;
      pass_over_the_early(room);
    },
    [&](const admitted& e) { call(room, e); },
    [&](const checked_in& e) { check_in_at(room.active_turns[e.number], e); },
    [&](const done& e) {
      for (auto turn : e.numbers)
        if (room.active_turns.erase(turn) == 0 && turn > room.served)
          insert(room.given_up, turn);
    },
    [&](const closed&) { room.is_closed = true; },
    [&](const waiting_room::left_early& e) {
      insert(room.left_early, e.number);
    },
    [&](const came_back& e) { remove(room.left_early, e.number); },
    [&](const calls_held& e) { hold(room, e); },
    [&](const doubted& e) {
      for (auto turn : e.turns)
        room.active_turns[turn].doubt_at = e.at + trust;
    },
    [&](const turned_back& e) { turn_back(room.active_turns[e.turn]); });
}

std::optional<timestamp> wake_at(const state& room) {
  if (!room.is_open || room.is_closed)
    return std::nullopt;
  if (!room.is_drawn)
    return room.terms.sale_starts_at;
  std::optional<timestamp> soonest;
  for (const auto& [turn, who] : room.active_turns) {
    if (room.is_held && !is_checked_in(who))
      continue;
    const bool is_asked = is_checked_in(who) && who.number != 0;
    const auto due = is_asked ? std::min(who.until, who.doubt_at) : who.until;
    soonest = std::min(soonest.value_or(due), due);
  }
  if (!room.is_held && waiting(room) > 0 && free_slots(room) > 0)
    soonest =
      std::min(soonest.value_or(room.last_call + tick), room.last_call + tick);
  return soonest;
}

} // namespace usher::waiting_room

#include "actors/waiting_room/standing.hpp"
#include "protocol/match.hpp"

#include <algorithm>
#include <utility>

namespace usher::waiting_room {

namespace {

/// The pace is that of one or two of these.
constexpr duration lap_time = std::chrono::minutes{5};

/// A session that keeps its turn longer is asked whether it is still there,
/// again and again: what it said when it ended may have been lost.
constexpr duration trust = std::chrono::minutes{5};

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

/// Those who left early have turns like all others: they are passed over.
void pass_over_the_early(state& room) {
  sorted turns;
  for (auto number : room.left_early)
    turns.push_back(turn_of(room, number));
  std::ranges::sort(turns); // each is put behind the last
  for (auto turn : turns)
    insert(room.gone, turn);
  room.over.left += room.left_early.size();
  room.left_early.clear();
}

/// What was remembered of the number that has this one's place in the ring is
/// forgotten.
void remember(state& room, const dealt_number& e) {
  const auto at = e.number % numbers_remembered;
  if (room.marks.size() <= at)
    room.marks.resize(at + 1);
  auto& mark = room.marks[at];
  const auto old = room.last_of.find(mark);
  if (old != room.last_of.end() && old->second + numbers_remembered <= e.number)
    room.last_of.erase(old);
  mark = e.mark.value_or(0);
  if (mark != 0)
    room.last_of[mark] = e.number;
}

void index_marks(state& room) {
  room.last_of.clear();
  const auto oldest = room.dealt - std::min(room.dealt, numbers_remembered);
  for (auto number = oldest + 1; number <= room.dealt; ++number) {
    const auto at = number % numbers_remembered;
    if (at < room.marks.size() && room.marks[at] != 0)
      room.last_of[room.marks[at]] = number;
  }
}

// -- when something must be done about a turn

endings& endings_for(state& room, const active& who) {
  return is_checked_in(who) ? room.ends_of_sessions : room.ends_of_called;
}

/// Sessions that checked in before such numbers were noted are not asked.
timestamp due_at(const active& who) {
  const bool is_asked = is_checked_in(who) && who.number != 0;
  return is_asked ? std::min(who.until, who.doubt_at) : who.until;
}

void note_end(state& room, std::uint64_t turn, const active& who) {
  endings_for(room, who).emplace(due_at(who), turn);
}

void forget_end(state& room, std::uint64_t turn, const active& who) {
  endings_for(room, who).erase({due_at(who), turn});
}

template <class Change>
void change_turn(state& room, std::uint64_t turn, Change change) {
  auto& who = room.active_turns[turn];
  forget_end(room, turn, who);
  change(who);
  note_end(room, turn, who);
}

// -- what happens to turns

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
  const auto until = e.show_up_by.value_or(e.until);
  auto gone = room.gone.begin();
  for (auto turn = room.served + 1; turn <= e.upto; ++turn)
    if (gone != room.gone.end() && gone->first == turn)
      turn = (gone++)->last;
    else
      change_turn(room, turn, [&](active& who) {
        who = {until, {}, e.until, 0, {}};
      });
  const auto passed = count_below(room.gone, e.upto + 1);
  count_calls(room, e.upto - room.served - passed, e.at);
  erase_to(room.gone, e.upto);
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

void end_turn(state& room, std::uint64_t turn) {
  const auto found = room.active_turns.find(turn);
  if (found != room.active_turns.end()) {
    ++(is_checked_in(found->second) ? room.over.served : room.over.missed);
    forget_end(room, turn, found->second);
    room.active_turns.erase(found);
  } else if (turn > room.served && !contains(room.gone, turn)) {
    insert(room.gone, turn);
    ++room.over.left;
  }
}

/// How fast it went says nothing of how fast it goes from now on.
void change(state& room, const rate& to) {
  room.terms.max_active = to.max_active;
  room.terms.batch = to.batch;
  room.terms.token_seconds = to.token_seconds;
  forget_the_pace(room);
}

/// One run, however many they were.
void send_away(state& room, const cleared& e) {
  room.over.cleared += people_waiting(room);
  room.over.left += room.left_early.size();
  room.left_early.clear();
  room.gone.assign(1, run{room.served + 1, e.upto, 0});
  if (!room.is_drawn)
    room.cleared_early = e.upto;
}

void hold(state& room, const calls_held& e) {
  if (room.is_held && !e.is_held) {
    room.ends_of_called.clear();
    for (auto& [turn, who] : room.active_turns) {
      give_time(who, e.at - room.held_since);
      note_end(room, turn, who);
    }
  }
  forget_the_pace(room);
  room.is_held = e.is_held;
  room.held_since = e.at;
}

} // namespace

void revive(state& room) {
  for (auto turn : room.given_up)
    insert(room.gone, turn);
  room.given_up.clear();
  index_marks(room);
  room.ends_of_called.clear();
  room.ends_of_sessions.clear();
  for (const auto& [turn, who] : room.active_turns)
    note_end(room, turn, who);
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
      remember(room, e);
    },
    [&](const waiting_room::drawn& e) {
      room.seed = e.seed;
      room.drawn = e.count;
      room.is_drawn = true;
      pass_over_the_early(room);
    },
    [&](const admitted& e) { call(room, e); },
    [&](const checked_in& e) {
      change_turn(room, e.number, [&](active& who) { check_in_at(who, e); });
    },
    [&](const done& e) {
      for (auto turn : e.numbers)
        end_turn(room, turn);
    },
    [&](const closed&) { room.is_closed = true; },
    [&](const waiting_room::left_early& e) {
      insert(room.left_early, e.number);
    },
    [&](const came_back& e) { remove(room.left_early, e.number); },
    [&](const calls_held& e) { hold(room, e); },
    [&](const doubted& e) {
      for (auto turn : e.turns)
        change_turn(room, turn,
                    [&](active& who) { who.doubt_at = e.at + trust; });
    },
    [&](const turned_back& e) { change_turn(room, e.turn, turn_back); },
    [&](const rate_changed& e) { change(room, e.to); },
    [&](const cleared& e) { send_away(room, e); });
}

std::optional<timestamp> wake_at(const state& room) {
  if (!room.is_open || room.is_closed)
    return std::nullopt;
  if (!room.is_drawn)
    return room.terms.sale_starts_at;
  std::optional<timestamp> soonest;
  const auto also = [&](timestamp due) {
    soonest = std::min(soonest.value_or(due), due);
  };
  if (!room.ends_of_sessions.empty())
    also(room.ends_of_sessions.begin()->first);
  if (!room.is_held && !room.ends_of_called.empty())
    also(room.ends_of_called.begin()->first);
  if (!room.is_held && waiting(room) > 0 && free_slots(room) > 0)
    also(room.last_call + tick);
  return soonest;
}

} // namespace usher::waiting_room

#include "actors/waiting_room/standing.hpp"
#include "tests/property/any_command.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <set>

/// Any life of a waiting room, whatever people and its organizer do.
using namespace usher;
using namespace usher::test;

namespace {

session_id any_session() {
  return {nth(static_cast<std::uint8_t>(31 + pick(0, 3)))};
}

/// Each number that was dealt is somewhere, once.
void check_crowd(const waiting_room::state& room) {
  const auto& over = room.over;
  RC_ASSERT(room.dealt
            == people_waiting(room) + room.active_turns.size() + over.served
                 + over.missed + over.left + over.cleared
                 + room.left_early.size());
  std::set<std::uint64_t> turns;
  for (std::uint64_t number = 1; room.is_drawn && number <= room.dealt;
       ++number) {
    const auto turn = turn_of(room, number);
    RC_ASSERT(turn >= 1u && turn <= room.dealt && turns.insert(turn).second);
  }
}

/// Who is awaited has less than the whole turn; who is let in, all of it.
void check_arrivals(const waiting_room::state& room,
                    const decision<waiting_room::state>& said) {
  for (const auto& [turn, who] : room.active_turns)
    RC_ASSERT((is_checked_in(who) || who.until <= who.called_until));
  for (const auto& what : said.facts)
    if (auto* back = std::get_if<waiting_room::turned_back>(&what)) {
      const auto still = room.active_turns.find(back->turn);
      RC_ASSERT((still == room.active_turns.end()
                 || still->second.until == still->second.called_until));
    }
}

/// What is kept to find things quickly is what a look at everything finds.
void check_finds(const waiting_room::state& room) {
  auto again = room;
  revive(again);
  RC_ASSERT((room.ends_of_called == again.ends_of_called));
  RC_ASSERT((room.ends_of_sessions == again.ends_of_sessions));
  RC_ASSERT((room.last_of == again.last_of));
  RC_ASSERT(room.ends_of_called.size() + room.ends_of_sessions.size()
            == room.active_turns.size());
}

/// What the clock and the free slots allow, has been done.
void check_moved_on(const waiting_room::state& room, timestamp now) {
  for (const auto& [turn, who] : room.active_turns) {
    RC_ASSERT(!has_run_out(room, who, now));
    RC_ASSERT((!is_checked_in(who) || who.number == 0 || who.doubt_at > now));
  }
  const bool may_call = room.is_drawn && !room.is_held && !room.is_closed
                        && room.last_call + waiting_room::tick <= now;
  RC_ASSERT(
    (!may_call || waiting_room::waiting(room) == 0 || free_slots(room) == 0));
}

bool moves_on(const std::vector<waiting_room::fact>& facts) {
  return std::ranges::any_of(facts, [](const waiting_room::fact& what) {
    return std::holds_alternative<waiting_room::dealt_number>(what)
           || std::holds_alternative<waiting_room::done>(what);
  });
}

/// What an organizer does takes nothing from who was called and is in time.
void check_orders(const waiting_room::state& before,
                  const waiting_room::state& after,
                  const std::vector<waiting_room::fact>& facts, timestamp now) {
  using namespace waiting_room;
  const auto is_order = [](const fact& what) {
    return std::holds_alternative<rate_changed>(what)
           || std::holds_alternative<cleared>(what);
  };
  if (std::ranges::none_of(facts, is_order))
    return;
  for (const auto& [turn, who] : before.active_turns) {
    const auto still = after.active_turns.find(turn);
    const auto end =
      before.is_held && !is_checked_in(who) ? before.held_since : now;
    RC_ASSERT(who.until <= end
              || (still != after.active_turns.end()
                  && still->second.until == who.until));
  }
  if (std::ranges::any_of(facts, [](const fact& what) {
        return std::holds_alternative<cleared>(what);
      }))
    RC_ASSERT(people_waiting(after) == 0u);
}

} // namespace

RC_GTEST_PROP(any_life_of, a_waiting_room, ()) {
  std::set<std::uint64_t> numbers;
  std::set<std::uint64_t> called;
  live_through<waiting_room::state>(
    waiting_room::key_of(concert),
    [](const auto& past) -> waiting_room::command {
      using namespace waiting_room;
      if (!past.state.is_open)
        return open{concert,    pick(1, 4), pick(1, 3), 300,
                    t0 + 10min, {},         {},         pick(200, 600)};
      const std::uint64_t number = pick(1, 12);
      switch (pick(0, 10)) {
        case 0:
          return take_number{};
        case 1:
          return take_number{number, nth(static_cast<std::uint8_t>(number))};
        case 2:
          return waiting_room::leave{number};
        case 3:
          return check_in{number, any_session(), past.last + 20min};
        case 4:
          return check_out{number, any_session(), pick(0, 1) == 0};
        case 5: {
          const auto& t = past.state.terms;
          return open{t.event,         t.max_active,     t.batch,
                      t.token_seconds, t.sale_starts_at, pick(0, 1) == 0};
        }
        case 6:
          return change_rate{pick(0, 5), pick(1, 3), {}};
        case 7:
          if (pick(0, 2) == 0)
            return waiting_room::clear{};
          return waiting_room::watch{};
        case 8:
          return show_up{number};
        default:
          return wake{};
      }
    },
    [&](const auto& before, const auto& past, const auto& said) {
      const auto& room = past.state;
      RC_ASSERT(room.active_turns.size() <= std::max<std::size_t>(
                  room.terms.max_active, before.active_turns.size()));
      check_crowd(room);
      check_finds(room);
      if (moves_on(said.facts))
        check_moved_on(room, past.last);
      auto later = room;
      for (const auto& what : decide(later, {}, wake{}, past.last).facts)
        evolve(later, what);
      check_moved_on(later, past.last);
      check_arrivals(room, said);
      check_orders(before, room, said.facts, past.last);
      RC_ASSERT(room.served >= before.served);
      RC_ASSERT(room.served <= room.dealt);
      RC_ASSERT(room.served + count(room.gone) <= room.dealt);
      RC_ASSERT(room.gone.size() <= waiting_room::waiting(room) + 1);
      if (!room.gone.empty())
        RC_ASSERT(room.gone[0].first > room.served);
      RC_ASSERT(room.left_early.size() <= room.dealt);
      for (const auto& what : said.facts) {
        if (auto* dealt = std::get_if<waiting_room::dealt_number>(&what))
          RC_ASSERT(numbers.insert(dealt->number).second);
        if (auto* call = std::get_if<waiting_room::admitted>(&what)) {
          RC_ASSERT(past.last >= t0 + 10min);
          RC_ASSERT(room.active_turns.size() <= room.terms.max_active);
          RC_ASSERT(!room.is_held);
          for (const auto& [turn, who] : room.active_turns)
            if (turn > before.served)
              RC_ASSERT(called.insert(turn).second && turn <= call->upto);
        }
      }
    });
}

RC_GTEST_PROP(any_draw, gives_everybody_one_turn, ()) {
  const std::uint64_t count = pick(1, 300);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  std::set<std::uint64_t> turns;
  for (std::uint64_t number = 1; number <= count; ++number)
    turns.insert(waiting_room::draw(number, count, seed));
  RC_ASSERT(turns.size() == count);
  RC_ASSERT(*turns.begin() == 1u);
  RC_ASSERT(*turns.rbegin() == count);
}

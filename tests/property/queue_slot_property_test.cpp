#include "actors/queue_slot/queue_slot.hpp"
#include "protocol/match.hpp"
#include "tests/property/any_command.hpp"

#include <gtest/gtest.h>

#include <array>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <set>

/// Any life of a place in a queue: before a room that deals, calls, refuses and
/// falls silent as it likes, and before a real one.
using namespace usher;
using namespace usher::test;
using namespace usher::queue_slot;

namespace {

const entity_id the_room{entity_kind::waiting_room,
                         waiting_room::key_of(concert)};
const uuid adas = queue_slot::key_of(concert, ada);

bool has_place(const state& slot) {
  return slot.number > 0 && !slot.has_left && !slot.has_completed;
}

/// Deals a new number or the last one again, and says of each what it likes.
struct fickle_room {
  using kind = waiting_room::place::kind;

  std::uint64_t dealt = 0; ///< so many
  std::uint64_t given = 0; ///< the last that it gave to anybody
  kind said = kind::over;  ///< of the last that it was asked about

  answer answer_to(const letter& asked) {
    if (pick(0, 9) == 0)
      return nobody_answers(asked);
    if (pick(0, 9) == 0)
      return {errc::queue_closed, {}, {}};
    if (auto* take = find_in<waiting_room::take_number>(asked.what)) {
      given = take->had && pick(0, 1) == 0 ? *take->had : ++dealt;
      return {errc::ok, {}, waiting_room::dealt{given}};
    }
    said = static_cast<kind>(pick(0, 2));
    waiting_room::place out;
    out.how = said;
    if (said == kind::admitted && pick(0, 1) == 0)
      out.is_awaited = find_in<waiting_room::look>(asked.what) != nullptr;
    out.ahead = pick(0, 3) * 10'000;
    out.served_per_minute = pick(1, 600);
    return {errc::ok, {}, out};
  }
};

queue_slot::command any_wish(account_id who, const state& slot) {
  switch (pick(0, 7)) {
    case 0:
    case 1:
    case 2:
      return join{concert, who, {}, 0};
    case 3:
    case 4:
      return queue_slot::status{};
    case 5:
      return queue_slot::leave{};
    case 6: {
      complete out;
      if (pick(0, 2) > 0)
        out.number = pick(0, 1) == 0 ? slot.number : pick(1, 4);
      return out;
    }
    default:
      return wake{};
  }
}

/// Who has a place may leave it, use it up or be called to it, each once; who
/// joins has the number that was dealt.
void check_facts(const state& before, const state& after,
                 const decision<state>& said, const fickle_room& room,
                 timestamp now) {
  RC_ASSERT(said.facts.size() <= 1u);
  RC_ASSERT(!(after.has_left && after.has_completed));
  if (said.facts.empty()) {
    RC_ASSERT(json::text_of(after) == json::text_of(before));
    return;
  }
  match(
    said.facts.front(), //
    [&](const joined& e) {
      const joined wanted{concert, ada, room.given, now};
      RC_ASSERT((e == wanted));
      RC_ASSERT((has_place(after) && !after.was_called));
    },
    [&](const left&) {
      RC_ASSERT((has_place(before) && after.has_left));
      RC_ASSERT(after.number == before.number);
    },
    [&](const completed&) {
      RC_ASSERT((has_place(before) && after.has_completed));
      RC_ASSERT(after.number == before.number);
    },
    [&](const called& e) {
      const called wanted{before.number, before.joined_at, now};
      RC_ASSERT((e == wanted));
      RC_ASSERT((has_place(before) && !before.was_called && after.was_called));
    });
}

/// A number is asked for by who has no place that stands, and the last one
/// again by who did not use it up. The room hears who leaves, and of what; and
/// who is there, before they hear that it is their turn.
void check_words(const state& before, const state& after,
                 const decision<state>& said, const fickle_room& room) {
  const bool leaves = after.has_left && !before.has_left;
  RC_ASSERT(said.letters.size() == (leaves ? 1u : 0u));
  for (const auto& one : said.letters) {
    const auto* gone = find_in<waiting_room::leave>(one.what);
    RC_ASSERT((one.to == the_room && gone != nullptr));
    RC_ASSERT(gone->number == before.number);
  }
  if (!said.ask)
    return;
  RC_ASSERT((said.ask->ask.to == the_room));
  const auto& asked = said.ask->ask.what;
  if (const auto* take = find_in<waiting_room::take_number>(asked)) {
    RC_ASSERT((take->slot == adas && take->heard == after.number));
    RC_ASSERT((!has_place(after) || room.said == fickle_room::kind::over));
    if (take->had)
      RC_ASSERT((*take->had == after.number && !after.has_completed));
    return;
  }
  RC_ASSERT(has_place(after));
  if (const auto* here = find_in<waiting_room::show_up>(asked)) {
    RC_ASSERT(room.said == fickle_room::kind::admitted);
    RC_ASSERT((here->number == after.number && said.facts.empty()));
    return;
  }
  const auto* look = find_in<waiting_room::look>(asked);
  RC_ASSERT(look != nullptr);
  RC_ASSERT(look->number == after.number);
}

void check_reply(const state& after, const decision<state>& said) {
  if (!said.reply)
    return;
  const auto* told = std::get_if<standing>(&said.reply->reply);
  if (told == nullptr)
    return;
  RC_ASSERT(told->number == after.number);
  RC_ASSERT((told->status == state_name::left) == after.has_left);
  RC_ASSERT((told->status == state_name::completed) == after.has_completed);
  if (told->status == state_name::admitted)
    RC_ASSERT(after.was_called);
  if (told->status == state_name::waiting)
    RC_ASSERT(
      (told->poll_after_seconds >= 2 && told->poll_after_seconds <= 60));
}

/// What needs no room does nothing the second time.
void check_repeat(const state& after, const queue_slot::command& asked,
                  timestamp now) {
  if (std::holds_alternative<join>(asked)
      || std::holds_alternative<queue_slot::status>(asked))
    return;
  const auto again = decide(after, adas, asked, now);
  RC_ASSERT(again.facts.empty());
  RC_ASSERT(again.letters.empty());
  RC_ASSERT(!again.ask.has_value());
}

fact any_fact() {
  const std::uint64_t number = pick(1, 9);
  switch (pick(0, 3)) {
    case 0:
      return joined{concert, ada, number, t0 + 1s};
    case 1:
      return left{};
    case 2:
      return completed{};
    default:
      return called{number, t0 + 1s, t0 + 2s};
  }
}

} // namespace

RC_GTEST_PROP(any_life_of, a_place_in_the_queue, ()) {
  fickle_room room;
  queue_slot::command asked;
  live_through<state>(
    adas, [&](const auto& past) { return asked = any_wish(ada, past.state); },
    [&](const auto& before, const auto& past, const auto& said) {
      check_facts(before, past.state, said, room, past.last);
      check_words(before, past.state, said, room);
      check_reply(past.state, said);
      check_repeat(past.state, asked, past.last);
      RC_ASSERT(!wake_at(past.state).has_value());
    },
    [&](const letter& question) { return room.answer_to(question); });
}

RC_GTEST_PROP(any_facts_of, a_place_in_the_queue, ()) {
  state slot;
  for (auto n = pick(1, 20); n > 0; --n) {
    evolve(slot, any_fact());
    const auto text = json::text_of(slot);
    RC_ASSERT(json::text_of(json::get<state>(text)) == text);
    (void)decide(slot, adas, any_wish(ada, slot), t0 + 3s); // whatever it says
  }
}

RC_GTEST_PROP(any_crowd, has_a_number_each_in_a_room, ()) {
  const std::array users{ada, bob, account_id{nth(3)}};
  history_of<waiting_room::state> room(the_room.key);
  std::vector<history_of<state>> slots;
  for (auto who : users)
    slots.emplace_back(queue_slot::key_of(concert, who));
  auto now = t0;
  room.obey(
    waiting_room::open{
      concert, pick(1, 3), 2, 30, t0 + 5min, {}, {}, pick(5, 40)},
    now);
  const auto hears = [&](const letter& one) {
    auto said = room.obey(std::get<waiting_room::command>(one.what), now);
    if (pick(0, 7) == 0) // what it answered is lost on the way
      said.reply = answer{errc::outcome_unknown};
    return said;
  };
  for (auto n = pick(1, 60); n > 0; --n) {
    now += duration{static_cast<std::int64_t>(pick(0, 40)) * 1000};
    const auto i = pick(0, 2);
    auto next = std::optional{any_wish(users.at(i), slots[i].state)};
    while (next) {
      const auto said = slots[i].obey(*next, now);
      next.reset();
      for (const auto& one : said.letters)
        hears(one);
      if (said.ask)
        next = with_answer(said.ask->then, hears(said.ask->ask).reply.value());
    }
    if (pick(0, 2) == 0)
      room.obey(wake{}, now);
    if (pick(0, 9) == 0)
      room.obey(waiting_room::clear{}, now);
    if (pick(0, 9) == 0)
      room.obey(waiting_room::change_rate{pick(1, 4), {}, {}}, now);
    std::set<std::uint64_t> numbers;
    for (const auto& slot : slots) {
      RC_ASSERT(slot.state.number <= room.state.dealt);
      if (has_place(slot.state))
        RC_ASSERT(numbers.insert(slot.state.number).second);
    }
  }
  for (const auto& slot : slots)
    RC_ASSERT(slot.folded() == slot.replayed());
}

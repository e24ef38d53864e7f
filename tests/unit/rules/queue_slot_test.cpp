#include "actors/queue_slot/queue_slot.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::queue_slot;

namespace {

const entity_id the_room{entity_kind::waiting_room,
                         waiting_room::key_of(concert)};
const joined ada_is_seventh{concert, ada, 7, t0};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{queue_slot::key_of(concert, ada), past};
}

join joining() {
  return {concert, ada, {}, 0};
}

waiting_room::place at(waiting_room::place::kind how, std::uint64_t ahead = 0) {
  return {how, ahead, 60, t0 + 5min, {}};
}

using kind = waiting_room::place::kind;

/// Called, and for a minute only, until the room has heard of the user.
waiting_room::place awaited() {
  return {kind::admitted, 0, 60, t0 + 1min, {}, true};
}

} // namespace

TEST(queue_slot, takes_a_number_and_tells_the_place) {
  auto slot = given({});
  slot.when(joining()).then_asks<waiting_room::take_number>(the_room);
  slot.when_granted(waiting_room::dealt{7})
    .then({ada_is_seventh})
    .then_asks<waiting_room::look>(
      the_room, [](const auto& asked) { return asked.number == 7; });
  slot.when_granted(at(kind::waiting, 2000)).then_nothing();
  const auto where = slot.replied<standing>();
  EXPECT_EQ(where.status, state_name::waiting);
  EXPECT_EQ(where.number, 7u);
  EXPECT_EQ(where.ahead, 2000u);
  EXPECT_EQ(where.estimate_seconds, 2001u);
  EXPECT_EQ(where.poll_after_seconds, 6u);
}

TEST(queue_slot, keeps_the_same_place_when_joining_again) {
  auto slot = given({ada_is_seventh});
  slot.when(joining()).then_asks<waiting_room::look>(the_room);
  slot.when_granted(at(kind::waiting, 3)).then_nothing();
  EXPECT_EQ(slot.replied<standing>().number, 7u);
}

TEST(queue_slot, takes_a_new_number_when_the_place_is_over) {
  given({ada_is_seventh})
    .when(joining())
    .when_granted(at(kind::over))
    .then_asks<waiting_room::take_number>(the_room);
  for (const auto& end : {fact{left{}}, fact{completed{}}})
    given({ada_is_seventh, end})
      .when(joining())
      .then_asks<waiting_room::take_number>(the_room);
}

TEST(queue_slot, asks_for_its_last_number_after_it_left) {
  const auto asks_for = [](std::optional<std::uint64_t> number) {
    return [=](const waiting_room::take_number& asked) {
      return asked.had == number;
    };
  };
  given({}).when(joining()).then_asks<waiting_room::take_number>(
    the_room, asks_for(std::nullopt));
  given({ada_is_seventh, completed{}})
    .when(joining())
    .then_asks<waiting_room::take_number>(the_room, asks_for(std::nullopt));
  given({ada_is_seventh, left{}})
    .when(joining(), t0 + 1h)
    .then_asks<waiting_room::take_number>(the_room, asks_for(7))
    .when_granted(waiting_room::dealt{7}, t0 + 1h)
    .then({joined{concert, ada, 7, t0 + 1h}});
}

TEST(queue_slot, says_who_asks_and_what_it_has_heard_of) {
  const auto knows = [](std::uint64_t number) {
    return [=](const waiting_room::take_number& asked) {
      return asked.slot == queue_slot::key_of(concert, ada)
             && asked.heard == number;
    };
  };
  given({}).when(joining()).then_asks<waiting_room::take_number>(the_room,
                                                                 knows(0));
  given({ada_is_seventh, completed{}})
    .when(joining())
    .then_asks<waiting_room::take_number>(the_room, knows(7));
}

TEST(queue_slot, passes_on_why_the_room_refuses) {
  given({})
    .when(joining())
    .when_refused(errc::queue_closed)
    .then_refused(errc::queue_closed);
}

TEST(queue_slot, tells_an_admitted_user_until_when) {
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{}).when_granted(at(kind::admitted));
  EXPECT_EQ(slot.replied<standing>().status, state_name::admitted);
  EXPECT_EQ(slot.replied<standing>().admitted_until, t0 + 5min);
}

TEST(queue_slot, notes_once_that_its_turn_was_heard_of) {
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{})
    .when_granted(at(kind::waiting))
    .then_nothing();
  slot.when(queue_slot::status{})
    .when_granted(at(kind::admitted), t0 + 2min)
    .then({called{7, t0, t0 + 2min}});
  for (int i = 0; i < 3; ++i)
    slot.when(queue_slot::status{})
      .when_granted(at(kind::admitted), t0 + 3min)
      .then_nothing();
  slot.when(joining()).when_granted(at(kind::admitted)).then_nothing();
  given({ada_is_seventh, called{7, t0, t0}, joined{concert, ada, 9, t0 + 1h}})
    .when(queue_slot::status{})
    .when_granted(at(kind::admitted), t0 + 2h)
    .then({called{9, t0 + 1h, t0 + 2h}});
}

TEST(queue_slot, tells_the_room_that_its_user_is_there_before_it_tells_them) {
  const auto of_it = [](const auto& asked) { return asked.number == 7; };
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{})
    .when_granted(awaited())
    .then_nothing()
    .then_asks<waiting_room::show_up>(the_room, of_it);
  EXPECT_FALSE(slot.said().reply);
  slot.when_granted(at(kind::admitted), t0 + 1s).then({called{7, t0, t0 + 1s}});
  EXPECT_EQ(slot.replied<standing>().admitted_until, t0 + 5min);
  slot.when(queue_slot::status{})
    .when_granted(at(kind::admitted))
    .then_nothing()
    .then_asks_nobody();
  slot = given({});
  slot.when(joining())
    .when_granted(waiting_room::dealt{7})
    .when_granted(awaited())
    .then_asks<waiting_room::show_up>(the_room, of_it);
  slot.when_granted(at(kind::admitted)).then({called{7, t0, t0}});
  slot = given({ada_is_seventh});
  slot.when(joining()).when_granted(awaited()).then_asks<waiting_room::show_up>(
    the_room, of_it);
}

TEST(queue_slot, tells_nobody_of_a_turn_that_the_room_does_not_know_is_used) {
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{})
    .when_granted(awaited())
    .when_refused(errc::unavailable)
    .then_refused(errc::unavailable);
  slot.when(queue_slot::status{})
    .when_granted(awaited())
    .when_granted(at(kind::over))
    .then_nothing();
  EXPECT_EQ(slot.replied<standing>().status, state_name::expired);
}

TEST(queue_slot, asks_those_far_back_to_come_seldom) {
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{}).when_granted(at(kind::waiting, 1'000'000));
  EXPECT_EQ(slot.replied<standing>().poll_after_seconds, 60u);
  slot.when(queue_slot::status{}).when_granted(at(kind::waiting, 0));
  EXPECT_EQ(slot.replied<standing>().poll_after_seconds, 2u);
}

TEST(queue_slot, asks_everybody_to_come_in_time_to_show_up) {
  auto slot = given({ada_is_seventh});
  auto told_where = [&](std::uint32_t show_up_seconds) {
    auto far_back = at(kind::waiting, 1'000'000);
    far_back.show_up_seconds = show_up_seconds;
    slot.when(queue_slot::status{}).when_granted(far_back);
    return slot.replied<standing>().poll_after_seconds;
  };
  EXPECT_EQ(told_where(600), 60u);
  EXPECT_EQ(told_where(120), 60u);
  EXPECT_EQ(told_where(20), 10u);
  EXPECT_EQ(told_where(2), 1u);
  EXPECT_EQ(told_where(1), 1u);
}

TEST(queue_slot, counts_the_time_until_the_sale_opens) {
  auto early = at(kind::waiting, 59);
  early.opens_at = t0 + 10min;
  auto slot = given({ada_is_seventh});
  slot.when(queue_slot::status{}).when_granted(early, t0 + 500ms);
  EXPECT_EQ(slot.replied<standing>().estimate_seconds, 600u + 60u);
  slot.when(queue_slot::status{}).when_granted(early, t0 + 11min);
  EXPECT_EQ(slot.replied<standing>().estimate_seconds, 60u);
}

TEST(queue_slot, leaves_once_and_tells_the_room) {
  auto slot = given({ada_is_seventh});
  slot.when(leave{}).then({left{}}).then_tells<waiting_room::leave>(
    0, the_room, [](const auto& told) { return told.number == 7; });
  slot.when(leave{}).then_nothing().then_letters(0);
  slot.when(queue_slot::status{});
  EXPECT_EQ(slot.replied<standing>().status, state_name::left);
}

TEST(queue_slot, is_used_up_by_a_completed_order) {
  auto slot = given({ada_is_seventh});
  slot.when(complete{7}).then({completed{}});
  slot.when(complete{7}).then_nothing();
  slot.when(queue_slot::status{});
  EXPECT_EQ(slot.replied<standing>().status, state_name::completed);
}

TEST(queue_slot, is_not_used_up_by_an_order_of_its_last_number) {
  const joined ada_came_again{concert, ada, 900, t0 + 1h};
  auto slot = given({ada_is_seventh, ada_came_again});
  slot.when(complete{7}).then_nothing();
  slot.when(complete{std::nullopt}).then({completed{}}); // as of old
}

TEST(queue_slot, knows_nobody_who_has_not_joined) {
  given({}).when(queue_slot::status{}).then_refused(errc::not_in_queue);
  given({}).when(leave{}).then_refused(errc::not_in_queue);
}

#include "actors/waiting_room/waiting_room.hpp"
#include "protocol/command.hpp"
#include "tests/support/one_room.hpp"

#include <set>

using namespace usher;
using namespace usher::test;
using namespace usher::waiting_room;

namespace {

constexpr session_id other_cart{nth(41)};

admitted upto(std::uint64_t turn, timestamp at) {
  return {turn, at, at + 5min};
}

std::uint64_t pace_at(scenario<state>& room, timestamp now) {
  const auto last = room.state().dealt;
  return room.when(look{last}, now).template replied<place>().served_per_minute;
}

place::kind stands(scenario<state>& room, std::uint64_t number, timestamp now) {
  return room.when(look{number}, now).template replied<place>().how;
}

} // namespace

TEST(waiting_room, opens_once) {
  const auto order = ordered(std::nullopt);
  given({}).when(order).then({small_room});
  given({small_room}).when(order).then_nothing();
  given({}).when(take_number{}).then_refused(errc::no_waiting_room);
}

TEST(waiting_room, deals_numbers_without_gaps) {
  auto room = given({small_room});
  room.when(take_number{}, t0 - 1h).then({dealt_number{1}});
  room.when(take_number{}, t0 - 1h).then({dealt_number{2}});
  EXPECT_EQ(room.replied<dealt>().number, 2u);
}

TEST(waiting_room, admits_nobody_before_the_sale) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  EXPECT_EQ(room.wakes_at(), t0);
  room.when(wake{}, t0 - 1ms).then_nothing();
  EXPECT_EQ(stands(room, 1, t0 - 1ms), place::kind::waiting);
  room.when(check_in{1, cart, t0 + 1h}, t0 - 1ms)
    .then_refused(errc::checkout_token_invalid);
}

TEST(waiting_room, draws_who_came_before_and_admits_a_batch) {
  auto room =
    given({small_room, dealt_number{1}, dealt_number{2}, dealt_number{3}});
  room.when(wake{}, t0);
  ASSERT_EQ(room.said().facts.size(), 2u);
  EXPECT_EQ(std::get<drawn>(room.said().facts[0]).count, 3u);
  EXPECT_EQ(std::get<admitted>(room.said().facts[1]), upto(2, t0));
  int admitted = 0;
  for (std::uint64_t n = 1; n <= 3; ++n)
    admitted += stands(room, n, t0) == place::kind::admitted ? 1 : 0;
  EXPECT_EQ(admitted, 2);
}

TEST(waiting_room, does_not_draw_who_comes_after_the_opening) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  room.when(take_number{}, t0 + 20ms); // the alarm is late
  EXPECT_EQ(room.state().drawn, 2u);
  EXPECT_EQ(stands(room, 3, t0 + 20ms), place::kind::waiting);
}

TEST(waiting_room, draws_by_the_secret_it_was_opened_with_and_reveals_it) {
  auto order = ordered(std::nullopt);
  order.draw_secret = nth(77);
  auto terms = small_room;
  terms.draw_secret = nth(77);
  given({}).when(order).then({terms});
  const auto seed_with = [&](std::optional<uuid> secret, int people) {
    terms.draw_secret = secret;
    auto room = given({terms});
    for (int i = 0; i < people; ++i)
      room.when(take_number{}, t0 - 1h);
    room.when(wake{}, t0);
    const auto& what = std::get<drawn>(room.said().facts.at(0));
    EXPECT_EQ(what.revealed, secret);
    return what.seed;
  };
  EXPECT_EQ(seed_with(nth(77), 3), seed_with(nth(77), 4));
  EXPECT_NE(seed_with(nth(77), 3), seed_with(nth(78), 3));
  EXPECT_NE(seed_with(nth(77), 3), seed_with({}, 3));
  EXPECT_EQ(seed_with({}, 3), hash_of(derive_uuid(concert.value, "draw:3")))
    << "as of old";
}

TEST(waiting_room, draws_a_permutation_that_the_seed_decides) {
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const std::uint64_t count : {1, 2, 3, 7, 64, 65, 1000}) {
      std::vector<std::uint64_t> order;
      for (std::uint64_t n = 1; n <= count; ++n)
        order.push_back(draw(n, count, seed));
      if (count == 7)
        orders.insert(order);
      EXPECT_EQ(std::set(order.begin(), order.end()).size(), count);
      EXPECT_EQ(*std::ranges::max_element(order), count);
      EXPECT_EQ(*std::ranges::min_element(order), 1u);
    }
  EXPECT_GT(orders.size(), 15u);
}

TEST(waiting_room, draws_fairly) {
  constexpr std::uint64_t count = 10;
  constexpr std::uint64_t seeds = 10'000;
  std::vector<std::uint64_t> first(count + 1);
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (std::uint64_t n = 1; n <= count; ++n)
      first[n] += draw(n, count, seed * 0x9e3779b97f4a7c15ULL) == 1 ? 1 : 0;
  for (std::uint64_t n = 1; n <= count; ++n)
    EXPECT_NEAR(static_cast<double>(first[n]), 1000.0, 160.0) << n;
}

TEST(waiting_room, serves_first_come_first_served_after_the_opening) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).then({upto(2, t0 + 1s)});
  EXPECT_EQ(stands(room, 1, t0 + 1s), place::kind::admitted);
  EXPECT_EQ(stands(room, 2, t0 + 1s), place::kind::admitted);
  EXPECT_EQ(room.when(look{3}, t0 + 1s).replied<place>().ahead, 0u);
  EXPECT_EQ(room.when(look{5}, t0 + 1s).replied<place>().ahead, 2u);
}

TEST(waiting_room, calls_at_most_a_batch_at_a_time_and_only_free_slots) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).then({upto(2, t0 + 1s)});
  EXPECT_EQ(room.wakes_at(), t0 + 2s);
  room.when(wake{}, t0 + 1500ms).then_nothing();
  room.when(wake{}, t0 + 2s).then({upto(3, t0 + 2s)});
  room.when(wake{}, t0 + 3s).then_nothing();
  EXPECT_EQ(room.wakes_at(), t0 + 1s + 5min);
}

TEST(waiting_room, takes_the_slot_from_who_does_not_come) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).when(wake{}, t0 + 2s);
  room.when(wake{}, t0 + 1s + 5min)
    .then({done{{1, 2}}, upto(5, t0 + 1s + 5min)});
  EXPECT_EQ(stands(room, 1, t0 + 6min), place::kind::over);
}

TEST(waiting_room, lets_an_admitted_user_check_out_one_at_a_time) {
  auto room = given_queue(1);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min)
    .then({checked_in{1, cart, t0 + 1h, 1, t0 + 1min}});
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min).then_nothing();
  room.when(check_in{1, other_cart, t0 + 1h}, t0 + 1min)
    .then_refused(errc::checkout_in_progress);
  EXPECT_EQ(room.said().reply->more,
            "\"session_id\":\"" + to_string(cart.value) + '"');
  EXPECT_EQ(stands(room, 1, t0 + 30min), place::kind::admitted);
}

TEST(waiting_room, asks_a_session_that_may_be_over_before_it_refuses_another) {
  auto room = given_queue(1);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min).then_letters(0);
  room.when(check_in{1, other_cart, t0 + 1h}, t0 + 2min)
    .then_refused(errc::checkout_in_progress)
    .then_tells<booking_session::share>(
      0, {entity_kind::booking_session, cart.value}, [](const auto& told) {
        return told.in_doubt->event == concert && told.in_doubt->number == 1;
      });
}

TEST(waiting_room, takes_the_turn_back_from_a_session_that_never_opened) {
  auto room = given_queue(1);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min);
  room.when(check_out{1, other_cart, true}, t0 + 2min).then_nothing();
  room.when(check_out{1, cart, true}, t0 + 2min).then({turned_back{1}});
  room.when(check_out{1, cart, true}, t0 + 2min).then_nothing();
  EXPECT_EQ(room.when(look{1}, t0 + 2min).replied<place>().admitted_until,
            t0 + 1s + 5min);
  room.when(check_in{1, other_cart, t0 + 2h}, t0 + 3min)
    .then({checked_in{1, other_cart, t0 + 2h, 1, t0 + 3min}});
  room.when(check_out{1, other_cart, true}, t0 + 10min)
    .then({turned_back{1}, done{{1}}});
}

TEST(waiting_room, asks_sessions_now_and_then_whether_they_are_still_there) {
  auto room = given_queue(2);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{2, cart, t0 + 1h}, t0 + 1min);
  room.when(wake{}, t0 + 6min)
    .then({done{{1}}, doubted{{2}, t0 + 6min}})
    .then_letters(1)
    .then_tells<booking_session::share>(
      0, {entity_kind::booking_session, cart.value},
      [](const auto& told) { return told.in_doubt->number == 2; });
  EXPECT_EQ(room.wakes_at(), t0 + 11min);
  room.when(wake{}, t0 + 7min).then_nothing().then_letters(0);
  given({small_room, drawn{1, 0}, dealt_number{1}, upto(1, t0),
         checked_in{1, cart, t0 + 1h, {}, {}}}) // as they were written once
    .when(wake{}, t0 + 30min)
    .then_nothing()
    .then_letters(0);
}

TEST(waiting_room, refuses_who_waits_or_comes_too_late) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{4, cart, t0 + 1h}, t0 + 1min)
    .then_refused(errc::checkout_token_invalid);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1s + 5min)
    .then_refused(errc::checkout_token_invalid);
}

TEST(waiting_room, frees_the_slot_at_every_end_of_a_checkout) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).when(wake{}, t0 + 2s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min);
  room.when(check_out{1, other_cart, {}}, t0 + 2min).then_nothing();
  room.when(check_out{1, cart, {}}, t0 + 2min)
    .then({done{{1}}, upto(4, t0 + 2min)});
  room.when(check_out{1, cart, {}}, t0 + 2min).then_nothing();
}

TEST(waiting_room, keeps_the_slot_of_who_leaves_in_the_middle_of_a_checkout) {
  auto room = given({opened{concert, 1, 1, 300, t0}, drawn{1, 0},
                     dealt_number{1}, dealt_number{2}});
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min);
  room.when(waiting_room::leave{1}, t0 + 2min).then_nothing();
  EXPECT_EQ(stands(room, 2, t0 + 2min), place::kind::waiting);
  room.when(take_number{1}, t0 + 2min).then_nothing();
  EXPECT_EQ(room.replied<dealt>().number, 1u) << "no second checkout";
  room.when(check_out{1, cart, {}}, t0 + 3min)
    .then({done{{1}}, upto(2, t0 + 3min)});
}

TEST(waiting_room, passes_over_who_has_left) {
  auto room = given_queue(5);
  room.when(waiting_room::leave{1}, t0 + 500ms)
    .then({done{{1}}, upto(3, t0 + 500ms)});
  EXPECT_EQ(stands(room, 1, t0 + 1s), place::kind::over);
  EXPECT_EQ(stands(room, 3, t0 + 1s), place::kind::admitted);
  room.when(waiting_room::leave{5}, t0 + 600ms).then({done{{5}}});
  room.when(waiting_room::leave{5}, t0 + 600ms).then_nothing();
  room.when(waiting_room::leave{9}, t0 + 600ms).then_nothing();
}

TEST(waiting_room, passes_over_who_has_left_before_the_draw) {
  auto room =
    given({small_room, dealt_number{1}, dealt_number{2}, dealt_number{3}});
  room.when(waiting_room::leave{2}, t0 - 1h).then({left_early{2}});
  room.when(waiting_room::leave{2}, t0 - 1h).then_nothing();
  EXPECT_EQ(stands(room, 2, t0 - 1h), place::kind::over);
  EXPECT_EQ(room.when(look{1}, t0 - 1h).replied<place>().ahead, 1u);
  room.when(wake{}, t0);
  EXPECT_EQ(stands(room, 1, t0), place::kind::admitted);
  EXPECT_EQ(stands(room, 2, t0), place::kind::over);
  EXPECT_EQ(stands(room, 3, t0), place::kind::admitted);
  EXPECT_EQ(room.state().active_turns.size(), 2u);
  room.when(wake{}, t0 + 1h);
  EXPECT_TRUE(room.state().active_turns.empty()) << "nobody is left to call";
}

TEST(waiting_room, draws_at_once_for_who_leaves_after_the_opening) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  room.when(waiting_room::leave{1}, t0 + 20ms); // the alarm is late
  ASSERT_EQ(room.said().facts.size(), 3u);
  EXPECT_EQ(stands(room, 1, t0 + 20ms), place::kind::over);
  EXPECT_EQ(stands(room, 2, t0 + 20ms), place::kind::admitted);
}

TEST(waiting_room, gives_the_number_back_to_who_returns_before_the_draw) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  for (int i = 0; i < 100; ++i) {
    room.when(waiting_room::leave{1}, t0 - 1h).then({left_early{1}});
    room.when(take_number{1}, t0 - 1h).then({came_back{1}});
    EXPECT_EQ(room.replied<dealt>().number, 1u);
  }
  EXPECT_EQ(room.state().dealt, 2u);
  EXPECT_TRUE(room.state().left_early.empty());
  room.when(take_number{1}, t0 - 1h).then_nothing();
  room.when(take_number{9}, t0 - 1h).then({dealt_number{3}});
}

TEST(waiting_room, deals_the_same_number_to_a_slot_that_never_heard_of_it) {
  auto room = given_queue(2);
  const auto mark = hash_of(nth(7));
  room.when(take_number{{}, nth(7), 0}, t0)
    .then({dealt_number{3, mark}, upto(2, t0)});
  for (int i = 0; i < 100; ++i) {
    room.when(take_number{{}, nth(7), 0}, t0 + 100ms).then_nothing();
    EXPECT_EQ(room.replied<dealt>().number, 3u);
  }
  room.when(take_number{{}, nth(8), 0}, t0 + 200ms)
    .then({dealt_number{4, hash_of(nth(8))}});
  room.when(waiting_room::leave{3}, t0 + 300ms);
  room.when(take_number{3, nth(7), 3}, t0 + 400ms)
    .then({dealt_number{5, mark}});
  room.when(take_number{3, nth(7), 3}, t0 + 500ms).then_nothing();
  EXPECT_EQ(room.replied<dealt>().number, 5u) << "the second was lost, too";
}

TEST(waiting_room, deals_a_new_number_when_the_one_that_was_lost_is_over) {
  auto room = given_queue(0);
  room.when(take_number{{}, nth(7), 0}, t0 + 1s);
  room.when(wake{}, t0 + 1s + 5min);
  EXPECT_EQ(stands(room, 1, t0 + 6min), place::kind::over);
  room.when(take_number{{}, nth(7), 0}, t0 + 6min);
  EXPECT_EQ(room.replied<dealt>().number, 2u);
}

TEST(waiting_room, remembers_to_whom_it_dealt_the_last_few_thousand) {
  auto room = given_queue(0);
  room.when(take_number{{}, nth(7), 0}, t0);
  for (int i = 0; i < 4095; ++i)
    room.when(take_number{}, t0);
  room.when(take_number{{}, nth(7), 0}, t0);
  EXPECT_EQ(room.replied<dealt>().number, 1u);
  for (int i = 0; i < 10'000; ++i)
    room.when(take_number{}, t0);
  room.when(take_number{{}, nth(7), 0}, t0);
  EXPECT_EQ(room.replied<dealt>().number, 14'097u) << "that was long ago";
  EXPECT_LE(room.state().marks.size(), 4096u);
}

TEST(waiting_room, deals_a_new_number_to_who_returns_after_the_draw) {
  auto room = given_queue(5);
  room.when(waiting_room::leave{5}, t0 + 500ms);
  room.when(take_number{5}, t0 + 600ms).then({dealt_number{6}});
  room.when(take_number{4}, t0 + 600ms).then_nothing();
  EXPECT_EQ(room.replied<dealt>().number, 4u) << "it never heard of a leave";
}

TEST(waiting_room, expects_full_batches_before_the_first_call) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  const auto early = room.when(look{1}, t0 - 1h).replied<place>();
  EXPECT_EQ(early.served_per_minute, 120u);
  EXPECT_EQ(early.opens_at, t0);
  room.when(wake{}, t0);
  EXPECT_FALSE(room.when(look{1}, t0).replied<place>().opens_at);
}

TEST(waiting_room, knows_its_pace_from_the_queue_of_now) {
  std::vector<fact> past{opened{concert, 1000, 10, 300, t0}, drawn{1, 0}};
  auto hour = t0;
  for (std::uint64_t n = 1; n <= 6; ++n, hour += 1h) { // one comes in an hour
    past.emplace_back(dealt_number{n});
    past.emplace_back(upto(n, hour));
  }
  for (std::uint64_t n = 7; n <= 5'000; ++n)
    past.emplace_back(dealt_number{n});
  auto room = given(past);
  EXPECT_EQ(pace_at(room, hour), 600u);
  for (int i = 0; i < 30; ++i)
    room.when(wake{}, hour + i * 1s);
  EXPECT_EQ(pace_at(room, hour + 29s), 600u);
  EXPECT_LT(pace_at(room, hour + 1min), 400u) << "it stands still";
}

TEST(waiting_room, forgets_how_fast_it_was_long_ago) {
  std::vector<fact> past{opened{concert, 1000, 10, 300, t0}, drawn{1, 0}};
  for (std::uint64_t n = 1; n <= 900; ++n)
    past.emplace_back(dealt_number{n});
  auto when = t0;
  for (std::uint64_t turn = 10; turn <= 600; turn += 10, when += 1s)
    past.emplace_back(upto(turn, when));
  past.emplace_back(upto(610, t0 + 6min));
  past.emplace_back(upto(620, t0 + 11min));
  auto room = given(past);
  EXPECT_EQ(pace_at(room, t0 + 11min), 3u) << "20 since 9:06";
}

TEST(waiting_room, expects_turns_to_run_out_when_all_slots_are_taken) {
  auto room = given({opened{concert, 10, 10, 60, t0}, drawn{1, 0},
                     dealt_number{1}, upto(1, t0)});
  for (auto when = t0 + 2s; when <= t0 + 10s; when += 1s)
    room.when(take_number{}, when);
  room.when(take_number{}, t0 + 20s);
  EXPECT_EQ(pace_at(room, t0 + 21s), 10u);
}

TEST(waiting_room, counts_only_those_ahead_who_are_still_there) {
  auto room = given_queue(9);
  room.when(wake{}, t0 + 1s);
  for (const std::uint64_t gone : {4, 6, 8})
    room.when(waiting_room::leave{gone}, t0 + 1100ms);
  EXPECT_EQ(room.when(look{9}, t0 + 1200ms).replied<place>().ahead, 3u);
  EXPECT_EQ(room.when(look{5}, t0 + 1200ms).replied<place>().ahead, 1u);
  EXPECT_EQ(room.when(look{3}, t0 + 1200ms).replied<place>().ahead, 0u);
}

TEST(waiting_room, knows_only_numbers_it_has_dealt) {
  auto room = given_queue(2);
  room.when(look{0}).then_refused(errc::not_in_queue);
  room.when(look{3}).then_refused(errc::not_in_queue);
}

TEST(waiting_room, is_closed_for_good) {
  auto room = given_queue(2);
  room.when(waiting_room::close{}).then({closed{}});
  room.when(waiting_room::close{}).then_nothing();
  room.when(take_number{}).then_refused(errc::queue_closed);
  room.when(check_in{1, cart, t0 + 1h}).then_refused(errc::queue_closed);
  EXPECT_FALSE(room.wakes_at());
}

TEST(waiting_room, lets_nobody_wait_for_a_sale_that_is_over) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min);
  room.when(waiting_room::close{}, t0 + 2min);
  EXPECT_EQ(stands(room, 1, t0 + 2min), place::kind::admitted) << "at checkout";
  EXPECT_EQ(stands(room, 2, t0 + 2min), place::kind::over);
  EXPECT_EQ(stands(room, 5, t0 + 2min), place::kind::over);
  room.when(check_out{1, cart, {}}, t0 + 3min).then({done{{1}}});
  auto early = given({small_room, dealt_number{1}, closed{}});
  EXPECT_EQ(stands(early, 1, t0 - 1h), place::kind::over);
}

TEST(waiting_room, calls_nobody_while_its_calls_are_held) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).then({upto(2, t0 + 1s)});
  room.when(ordered(true), t0 + 1500ms).then({calls_held{true, t0 + 1500ms}});
  room.when(ordered(true), t0 + 2s).then_nothing();
  room.when(ordered(std::nullopt), t0 + 2s).then_nothing();
  room.when(wake{}, t0 + 2s).then_nothing();
  room.when(take_number{}, t0 + 3s).then({dealt_number{6}});
  EXPECT_FALSE(room.wakes_at());
  room.when(ordered(false), t0 + 20min)
    .then({calls_held{false, t0 + 20min}, upto(3, t0 + 20min)});
  given({small_room, closed{}}).when(ordered(true)).then_nothing();
}

TEST(waiting_room, takes_no_time_from_who_was_called_while_calls_are_held) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 10min}, t0 + 1min);
  room.when(ordered(true), t0 + 1min + 1s);
  EXPECT_EQ(room.wakes_at(), t0 + 6min) << "the session goes on";
  room.when(wake{}, t0 + 10min).then({done{{1}}});
  const auto held = room.when(look{2}, t0 + 21min + 1s).replied<place>();
  EXPECT_EQ(held.how, place::kind::admitted);
  EXPECT_EQ(held.admitted_until, t0 + 25min + 1s);
  room.when(ordered(false), t0 + 21min + 1s);
  EXPECT_EQ(stands(room, 2, t0 + 25min), place::kind::admitted);
  EXPECT_EQ(stands(room, 2, t0 + 25min + 1s), place::kind::over);
}

TEST(waiting_room, lets_no_time_stand_still_that_had_run_out) {
  auto room = given_queue(2);
  room.when(wake{}, t0 + 1s);
  room.when(ordered(true), t0 + 6min)
    .then({calls_held{true, t0 + 6min}, done{{1, 2}}});
}

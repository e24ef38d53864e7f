#include "actors/waiting_room/standing.hpp"
#include "protocol/command.hpp"
#include "tests/support/one_room.hpp"

#include <gmock/gmock.h>

#include <algorithm>

/// What an organizer does to a room while people wait in it.
using namespace usher;
using namespace usher::test;
using namespace usher::waiting_room;
using testing::HasSubstr;

namespace {

admitted upto(std::uint64_t turn, timestamp at) {
  return {turn, at, at + 5min};
}

place::kind stands(scenario<state>& room, std::uint64_t number, timestamp now) {
  return room.when(look{number}, now).template replied<place>().how;
}

std::uint64_t ahead_of(scenario<state>& room, std::uint64_t number,
                       timestamp now) {
  return room.when(look{number}, now).template replied<place>().ahead;
}

std::string shown(const scenario<state>& room, timestamp now) {
  return render(room.state(), waiting_room::key_of(concert), now);
}

std::string wrong_in(const change_rate& wanted) {
  auto room = given_queue(5);
  room.when(wanted).then_refused(errc::invalid_value);
  return room.said().reply ? room.said().reply->more : "";
}

} // namespace

TEST(waiting_room_rate, lets_more_people_in_at_once_when_it_is_raised) {
  auto room = given_queue(9);
  room.when(wake{}, t0 + 1s).when(wake{}, t0 + 2s);
  EXPECT_EQ(room.state().served, 3u);
  room.when(change_rate{5, {}, {}}, t0 + 10s)
    .then({rate_changed{{5, 2, 300}}, upto(5, t0 + 10s)});
  EXPECT_EQ(room.said().show, 200);
  room.when(change_rate{9, 3, {}}, t0 + 10500ms)
    .then({rate_changed{{9, 3, 300}}});
  EXPECT_EQ(room.wakes_at(), t0 + 11s) << "calls are a second apart";
  room.when(wake{}, t0 + 11s).then({upto(8, t0 + 11s)});
}

TEST(waiting_room_rate, takes_nothing_from_who_was_called_when_it_is_lowered) {
  auto room =
    given({opened{concert, 3, 3, 300, t0}, drawn{1, 0}, dealt_number{1},
           dealt_number{2}, dealt_number{3}, dealt_number{4}, dealt_number{5}});
  room.when(wake{}, t0 + 1s).then({upto(3, t0 + 1s)});
  room.when(change_rate{1, 1, 10}, t0 + 2s).then({rate_changed{{1, 1, 10}}});
  const auto still = room.when(look{3}, t0 + 1min).replied<place>();
  EXPECT_EQ(still.how, place::kind::admitted);
  EXPECT_EQ(still.admitted_until, t0 + 1s + 5min);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min)
    .then({checked_in{1, cart, t0 + 1h, 1, t0 + 1min}});
  room.when(waiting_room::leave{2}, t0 + 2min).then({done{{2}}});
  room.when(waiting_room::leave{3}, t0 + 2min).then({done{{3}}});
  room.when(check_out{1, cart, {}}, t0 + 3min)
    .then({done{{1}}, admitted{4, t0 + 3min, t0 + 3min + 10s}});
}

TEST(waiting_room_rate, stays_when_the_event_says_the_terms_of_old_again) {
  auto room = given_queue(5);
  room.when(change_rate{1, {}, 60})
    .then({rate_changed{{1, 2, 60}}, admitted{1, t0, t0 + 1min}});
  room.when(ordered(std::nullopt), t0 + 1s).then_nothing();
  room.when(ordered(true), t0 + 1s).then({calls_held{true, t0 + 1s}});
  room.when(ordered(false), t0 + 2s).then({calls_held{false, t0 + 2s}});
  EXPECT_EQ(rate_of(room.state()), (rate{1, 2, 60}));
}

TEST(waiting_room_rate, is_no_news_if_it_is_the_same) {
  auto room = given({small_room});
  room.when(change_rate{3, 2, 300}, t0 - 1h).then_nothing();
  EXPECT_EQ(room.said().show, 200);
  room.when(change_rate{{}, {}, {}}, t0 - 1h).then_nothing();
  room.when(change_rate{{}, 7, {}}, t0 - 1h).then({rate_changed{{3, 7, 300}}});
}

TEST(waiting_room_rate, keeps_to_the_limits_that_events_have) {
  EXPECT_EQ(wrong_in({0, {}, {}}), R"("field":"max_active")");
  EXPECT_EQ(wrong_in({1'000'001, {}, {}}), R"("field":"max_active")");
  EXPECT_EQ(wrong_in({{}, 0, {}}), R"("field":"batch")");
  EXPECT_EQ(wrong_in({{}, 100'001, {}}), R"("field":"batch")");
  EXPECT_EQ(wrong_in({{}, {}, 0}), R"("field":"token_seconds")");
  EXPECT_EQ(wrong_in({{}, {}, 86'401}), R"("field":"token_seconds")");
  EXPECT_EQ(misfit({1'000'000, 100'000, 86'400}), "");
}

TEST(waiting_room_rate, is_the_pace_from_then_on) {
  std::vector<fact> past{opened{concert, 1000, 10, 300, t0}, drawn{1, 0}};
  for (std::uint64_t n = 1; n <= 100; ++n)
    past.emplace_back(dealt_number{n});
  past.emplace_back(upto(10, t0));
  auto room = given(past);
  EXPECT_EQ(pace(room.state(), t0 + 1min), 9u);
  room.when(change_rate{{}, 20, {}}, t0 + 1min);
  EXPECT_EQ(pace(room.state(), t0 + 1min), 1200u);
}

TEST(waiting_room_clearing, sends_away_who_waits_and_nobody_who_was_called) {
  auto room = given_queue(5);
  room.when(wake{}, t0 + 1s).then({upto(2, t0 + 1s)});
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1500ms);
  room.when(waiting_room::clear{}, t0 + 1600ms).then({cleared{5}});
  EXPECT_EQ(room.said().show, 200);
  for (const std::uint64_t number : {1, 2})
    EXPECT_EQ(stands(room, number, t0 + 1700ms), place::kind::admitted);
  for (const std::uint64_t number : {3, 4, 5})
    EXPECT_EQ(stands(room, number, t0 + 1700ms), place::kind::over);
  room.when(waiting_room::clear{}, t0 + 1800ms).then_nothing();
  room.when(waiting_room::leave{4}, t0 + 1800ms).then_nothing();
  room.when(check_in{3, session_id{nth(41)}, t0 + 1h}, t0 + 1800ms)
    .then_refused(errc::checkout_token_invalid);
  room.when(take_number{3}, t0 + 1900ms).then({dealt_number{6}});
  EXPECT_EQ(ahead_of(room, 6, t0 + 1900ms), 0u);
  room.when(wake{}, t0 + 2s).then({upto(6, t0 + 2s)});
  EXPECT_EQ(room.state().active_turns.size(), 3u);
  EXPECT_EQ(stands(room, 6, t0 + 2s), place::kind::admitted);
}

TEST(waiting_room_clearing, counts_who_waits_as_before) {
  auto room = given_queue(9);
  room.when(wake{}, t0 + 1s).when(wake{}, t0 + 2s);
  room.when(waiting_room::leave{7}, t0 + 3s).then({done{{7}}});
  room.when(waiting_room::clear{}, t0 + 3s).then({cleared{9}});
  EXPECT_EQ(room.state().over, (tally{0, 0, 1, 5}));
  EXPECT_EQ(room.state().gone, (runs{{4, 9, 0}}));
  room.when(take_number{}, t0 + 4s);
  room.when(take_number{}, t0 + 4s);
  room.when(waiting_room::leave{10}, t0 + 5s).then({done{{10}}});
  EXPECT_EQ(ahead_of(room, 11, t0 + 5s), 0u);
  room.when(waiting_room::clear{}, t0 + 6s).then({cleared{11}});
  EXPECT_EQ(room.state().over, (tally{0, 0, 2, 6}));
}

TEST(waiting_room_clearing, leaves_out_of_the_draw_who_was_sent_away_before) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2},
                     dealt_number{3}, left_early{2}});
  room.when(waiting_room::clear{}, t0 - 1h).then({cleared{3}});
  room.when(waiting_room::clear{}, t0 - 1h).then_nothing();
  for (const std::uint64_t number : {1, 2, 3})
    EXPECT_EQ(stands(room, number, t0 - 1h), place::kind::over);
  room.when(waiting_room::leave{1}, t0 - 1h).then_nothing();
  room.when(take_number{1}, t0 - 1h).then({dealt_number{4}});
  room.when(take_number{2}, t0 - 1h).then({dealt_number{5}});
  EXPECT_EQ(ahead_of(room, 4, t0 - 1h), 1u);
  room.when(waiting_room::leave{5}, t0 - 1h).then({left_early{5}});
  room.when(take_number{5}, t0 - 1h).then({came_back{5}});
  room.when(wake{}, t0);
  ASSERT_EQ(room.said().facts.size(), 2u);
  EXPECT_EQ(std::get<drawn>(room.said().facts[0]).count, 5u);
  EXPECT_EQ(std::get<admitted>(room.said().facts[1]), upto(5, t0));
  EXPECT_EQ(room.state().active_turns.size(), 2u);
  for (std::uint64_t number = 1; number <= 5; ++number)
    EXPECT_EQ(stands(room, number, t0),
              number > 3 ? place::kind::admitted : place::kind::over);
}

TEST(waiting_room_clearing, draws_the_turns_of_those_behind_who_was_sent_away) {
  std::vector<fact> past{small_room};
  for (std::uint64_t n = 1; n <= 40; ++n)
    past.emplace_back(dealt_number{n});
  past.emplace_back(cleared{40});
  for (std::uint64_t n = 41; n <= 50; ++n)
    past.emplace_back(dealt_number{n});
  past.emplace_back(left_early{44});
  past.emplace_back(drawn{7, 50});
  past.emplace_back(dealt_number{51});
  auto room = given(past);
  std::vector<std::uint64_t> turns;
  for (std::uint64_t number = 1; number <= 51; ++number)
    turns.push_back(turn_of(room.state(), number));
  EXPECT_EQ(turns[39], 40u);
  EXPECT_EQ(turns[50], 51u);
  std::ranges::sort(turns);
  for (std::uint64_t number = 1; number <= 51; ++number)
    EXPECT_EQ(turns[number - 1], number);
  EXPECT_EQ(people_waiting(room.state()), 10u);
  EXPECT_EQ(room.state().over, (tally{0, 0, 1, 40}));
}

TEST(waiting_room_clearing, may_leave_nobody_for_the_draw) {
  auto room = given({small_room, dealt_number{1}, cleared{1}});
  room.when(wake{}, t0);
  ASSERT_EQ(room.said().facts.size(), 1u);
  EXPECT_EQ(stands(room, 1, t0), place::kind::over);
  room.when(take_number{1}, t0 + 1s).then({dealt_number{2}, upto(2, t0 + 1s)});
}

TEST(waiting_room_clearing, draws_at_once_when_the_alarm_is_late) {
  auto room = given({small_room, dealt_number{1}});
  room.when(waiting_room::clear{}, t0 + 20ms);
  ASSERT_EQ(room.said().facts.size(), 2u);
  EXPECT_EQ(std::get<cleared>(room.said().facts[0]).upto, 1u);
  EXPECT_TRUE(room.state().is_drawn);
  EXPECT_EQ(stands(room, 1, t0 + 20ms), place::kind::over);
}

TEST(waiting_room_running, needs_a_room_that_is_open) {
  given({}).when(change_rate{5, {}, {}}).then_refused(errc::no_waiting_room);
  given({}).when(waiting_room::clear{}).then_refused(errc::no_waiting_room);
  given({}).when(waiting_room::watch{}).then_refused(errc::no_waiting_room);
  auto over = given({small_room, dealt_number{1}, closed{}});
  over.when(change_rate{5, {}, {}}).then_refused(errc::queue_closed);
  over.when(waiting_room::clear{}).then_refused(errc::queue_closed);
  over.when(waiting_room::watch{}).then_nothing();
  EXPECT_EQ(over.said().show, 200);
}

TEST(waiting_room_watching, shows_how_many_and_how_fast) {
  auto room = given_queue(9);
  room.when(wake{}, t0 + 1s);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 2s);
  room.when(check_out{1, cart, {}}, t0 + 3s)
    .then({done{{1}}, upto(4, t0 + 3s)});
  room.when(waiting_room::leave{2}, t0 + 4s)
    .then({done{{2}}, upto(5, t0 + 4s)});
  room.when(waiting_room::leave{9}, t0 + 5s).then({done{{9}}});
  room.when(check_in{3, cart, t0 + 1h}, t0 + 6s);
  room.when(waiting_room::clear{}, t0 + 7s).then({cleared{9}});
  room.when(take_number{}, t0 + 8s).then({dealt_number{10}});
  EXPECT_EQ(shown(room, t0 + 9s),
            R"({"room":{"event_id":"00000000-0000-0000-0000-00000000000a",)"
            R"("calls":"going","waiting":1,"admitted":2,"checked_in":1,)"
            R"("served":1,"missed":1,"left":1,"cleared":3,"dealt":10,)"
            R"("calls_per_minute":1,)"
            R"("rate":{"max_active":3,"batch":2,"token_seconds":300}}})");
}

TEST(waiting_room_watching, says_why_nobody_is_called) {
  auto room = given({small_room, dealt_number{1}, dealt_number{2}});
  room.when(waiting_room::leave{2}, t0 - 1h);
  EXPECT_THAT(shown(room, t0 - 1h),
              HasSubstr(R"("calls":"not_begun","waiting":1,)"));
  EXPECT_THAT(shown(room, t0 - 1h), HasSubstr(R"("left":1,)"));
  EXPECT_THAT(shown(room, t0 - 1h), HasSubstr(R"("calls_per_minute":0,)"));
  room.when(wake{}, t0);
  EXPECT_THAT(shown(room, t0), HasSubstr(R"("calls":"going","waiting":0,)"));
  EXPECT_THAT(shown(room, t0), HasSubstr(R"("left":1,)"));
  room.when(ordered(true), t0 + 1s);
  EXPECT_THAT(shown(room, t0 + 1s), HasSubstr(R"("calls":"held")"));
  EXPECT_THAT(shown(room, t0 + 1s), HasSubstr(R"("calls_per_minute":0,)"));
  room.when(waiting_room::close{}, t0 + 2s);
  EXPECT_THAT(shown(room, t0 + 2s), HasSubstr(R"("calls":"over")"));
}

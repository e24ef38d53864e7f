#include "actors/waiting_room/standing.hpp"
#include "protocol/command.hpp"
#include "tests/support/one_room.hpp"

/// Who is called and does not come holds up nobody for long.
using namespace usher;
using namespace usher::test;
using namespace usher::waiting_room;

namespace {

/// One at a time, for five minutes; a minute to show up in.
const opened strict_room{concert, 1, 1, 300, t0, {}, 60};

admitted upto(std::uint64_t turn, timestamp at) {
  return {turn, at, at + 5min, at + 1min};
}

place seen(scenario<state>& room, std::uint64_t number, timestamp now) {
  return room.when(look{number}, now).template replied<place>();
}

} // namespace

TEST(waiting_room_no_show, is_opened_with_the_time_to_show_up_in) {
  given({})
    .when(waiting_room::open{concert, 1, 1, 300, t0, {}, {}, 60})
    .then({strict_room});
}

TEST(waiting_room_no_show, is_told_while_waiting_how_soon_to_come) {
  auto room = given_queue(3, strict_room);
  EXPECT_EQ(seen(room, 2, t0).show_up_seconds, 60u);
}

TEST(waiting_room_no_show, loses_the_turn_long_before_its_end) {
  auto room = given_queue(3, strict_room);
  room.when(wake{}, t0).then({upto(1, t0)});
  EXPECT_EQ(room.wakes_at(), t0 + 1min);
  const auto called = seen(room, 1, t0 + 59s);
  EXPECT_EQ(called.how, place::kind::admitted);
  EXPECT_EQ(called.admitted_until, t0 + 1min);
  EXPECT_EQ(called.is_awaited, true);
  room.when(wake{}, t0 + 1min).then({done{{1}}, upto(2, t0 + 1min)});
  EXPECT_EQ(seen(room, 1, t0 + 1min).how, place::kind::over);
  EXPECT_EQ(room.state().over, (tally{0, 1, 0, 0}));
  room.when(wake{}, t0 + 2min).then({done{{2}}, upto(3, t0 + 2min)});
  room.when(take_number{1}, t0 + 2min).then({dealt_number{4}});
}

TEST(waiting_room_no_show, is_nobody_who_has_asked_in_time) {
  auto room = given_queue(2, strict_room);
  room.when(wake{}, t0);
  room.when(show_up{1}, t0 + 59s).then({turned_back{1, true}});
  const auto welcome = room.replied<place>();
  EXPECT_EQ(welcome.how, place::kind::admitted);
  EXPECT_EQ(welcome.admitted_until, t0 + 5min);
  EXPECT_FALSE(welcome.is_awaited);
  EXPECT_EQ(room.wakes_at(), t0 + 5min);
  for (int i = 0; i < 3; ++i) {
    room.when(show_up{1}, t0 + 2min).then_nothing();
    EXPECT_EQ(room.replied<place>().admitted_until, t0 + 5min);
  }
  room.when(wake{}, t0 + 2min).then_nothing();
  room.when(check_in{1, cart, t0 + 1h}, t0 + 4min)
    .then({checked_in{1, cart, t0 + 1h, 1, t0 + 4min}});
  room.when(show_up{1}, t0 + 4min).then_nothing();
}

TEST(waiting_room_no_show, is_whoever_comes_a_moment_too_late) {
  auto room = given_queue(2, strict_room);
  room.when(wake{}, t0);
  room.when(show_up{1}, t0 + 1min).then_nothing();
  EXPECT_EQ(room.replied<place>().how, place::kind::over);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 1min)
    .then_refused(errc::checkout_token_invalid);
  room.when(show_up{2}, t0 + 1min).then_nothing();
  EXPECT_EQ(room.replied<place>().how, place::kind::waiting);
  room.when(show_up{0}, t0).then_refused(errc::not_in_queue);
  room.when(show_up{3}, t0).then_refused(errc::not_in_queue);
  given({}).when(show_up{1}).then_refused(errc::not_in_queue);
}

TEST(waiting_room_no_show, has_as_much_time_when_the_calls_are_held) {
  auto room = given_queue(1, strict_room);
  room.when(wake{}, t0);
  const auto say = [&](bool held, timestamp now) {
    room.when(waiting_room::open{concert, 1, 1, 300, t0, held}, now);
  };
  say(true, t0 + 30s);
  EXPECT_EQ(seen(room, 1, t0 + 1h).admitted_until, t0 + 1h + 30s);
  say(false, t0 + 1h);
  EXPECT_EQ(room.wakes_at(), t0 + 1h + 30s);
  say(true, t0 + 1h + 10s);
  room.when(show_up{1}, t0 + 2h).then({turned_back{1, true}});
  const auto end = t0 + 2h + 5min - 40s;
  EXPECT_EQ(room.replied<place>().admitted_until, end);
  EXPECT_EQ(seen(room, 1, t0 + 2h).admitted_until, end);
}

TEST(waiting_room_no_show, has_the_whole_turn_where_that_is_short) {
  auto hurried = strict_room;
  hurried.token_seconds = 60;
  auto room = given({hurried, drawn{1, 0}, dealt_number{1}});
  room.when(wake{}, t0).then({admitted{1, t0, t0 + 1min}});
  EXPECT_FALSE(seen(room, 1, t0).is_awaited);
  room.when(show_up{1}, t0 + 1s).then_nothing();
}

TEST(waiting_room_no_show, has_the_whole_turn_in_a_room_of_old) {
  auto room = given({opened{concert, 1, 1, 300, t0}, drawn{1, 0},
                     dealt_number{1}, admitted{1, t0, t0 + 5min}});
  EXPECT_FALSE(seen(room, 1, t0 + 2min).is_awaited);
  room.when(wake{}, t0 + 2min).then_nothing();
  room.when(show_up{1}, t0 + 2min).then_nothing();
  EXPECT_EQ(room.replied<place>().admitted_until, t0 + 5min);
}

TEST(waiting_room_no_show, has_shown_up_once_a_session_was_tried) {
  auto room = given_queue(1, strict_room);
  room.when(wake{}, t0);
  room.when(check_in{1, cart, t0 + 1h}, t0 + 30s);
  room.when(check_out{1, cart, true}, t0 + 2min).then({turned_back{1}});
  const auto back = seen(room, 1, t0 + 2min);
  EXPECT_EQ(back.admitted_until, t0 + 5min);
  EXPECT_FALSE(back.is_awaited);
}

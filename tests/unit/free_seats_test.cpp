#include "node/front/free_seats.hpp"
#include "tests/support/scenario.hpp"

using namespace usher;
using namespace usher::test;

TEST(free_seats, are_those_of_all_events_that_were_asked_about) {
  free_seats seats{10min};
  EXPECT_EQ(seats.sum(t0), 0u);
  seats.note(nth(1), 300, t0);
  seats.note(nth(2), 20, t0 + 1s);
  EXPECT_EQ(seats.sum(t0 + 2s), 320u);
  seats.note(nth(1), 299, t0 + 3s); // the last word counts
  EXPECT_EQ(seats.sum(t0 + 3s), 319u);
}

TEST(free_seats, forget_an_event_that_nobody_asks_about) {
  free_seats seats{10min};
  seats.note(nth(1), 300, t0);
  seats.note(nth(2), 20, t0 + 5min);
  EXPECT_EQ(seats.sum(t0 + 10min), 20u);
  EXPECT_EQ(seats.sum(t0 + 15min), 0u);
}

TEST(free_seats, have_room_for_many_events_but_not_for_all) {
  free_seats seats{10min};
  uuid first;
  for (int i = 0; i < 12'000; ++i) {
    const auto event = mint_uuid();
    first = i == 0 ? event : first;
    seats.note(event, 1, t0);
  }
  EXPECT_EQ(seats.sum(t0), 10'000u);
  seats.note(first, 5, t0 + 1s); // it is among them
  EXPECT_EQ(seats.sum(t0 + 1s), 10'004u);
  EXPECT_EQ(seats.sum(t0 + 10min), 5u);
}

#include "protocol/command.hpp"
#include "tests/support/one_room.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::waiting_room;

namespace {

/// Nobody is called: one is at checkout, and the room takes no more.
scenario<state> given_full_room() {
  return given({opened{concert, 1, 1, 300, t0}, drawn{1, 0}, dealt_number{1},
                admitted{1, t0, t0 + 1h}});
}

std::uint64_t take(scenario<state>& room, std::optional<std::uint64_t> had) {
  return room.when(take_number{had}, t0 + 1s).replied<dealt>().number;
}

} // namespace

TEST(waiting_room_leaving, does_not_grow_with_how_often_one_leaves) {
  auto room = given_full_room();
  auto ada = take(room, {});
  auto bob = take(room, {});
  for (int i = 0; i < 1000; ++i) {
    room.when(waiting_room::leave{ada}, t0 + 1s).then({done{{ada}}});
    ada = take(room, ada);
    room.when(waiting_room::leave{bob}, t0 + 1s).then({done{{bob}}});
    bob = take(room, bob);
  }
  EXPECT_EQ(ada, 2002u);
  EXPECT_EQ(bob, 2003u);
  EXPECT_LE(room.state().gone.size(), 3u);
  EXPECT_EQ(room.when(look{ada}, t0 + 1s).replied<place>().ahead, 0u);
  EXPECT_EQ(room.when(look{bob}, t0 + 1s).replied<place>().ahead, 1u);
}

TEST(waiting_room_leaving, calls_who_waits_behind_many_who_left) {
  auto room = given_full_room();
  for (int i = 0; i < 50; ++i)
    take(room, {});
  for (std::uint64_t n = 2; n <= 50; ++n)
    room.when(waiting_room::leave{n}, t0 + 1s);
  room.when(wake{}, t0 + 1h)
    .then({done{{1}}, admitted{51, t0 + 1h, t0 + 65min}});
  EXPECT_TRUE(room.state().gone.empty());
}

TEST(waiting_room_leaving, reads_who_has_left_from_an_older_snapshot) {
  constexpr std::string_view old =
    R"({"dealt":9,"served":2,"is_drawn":true,"given_up":[4,5,8]})";
  auto room = json::get<state>(old);
  revive(room);
  EXPECT_EQ(room.gone, (runs{{4, 5, 0}, {8, 8, 2}}));
  EXPECT_TRUE(room.given_up.empty());
}

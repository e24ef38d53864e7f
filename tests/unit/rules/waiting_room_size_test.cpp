#include "actors/waiting_room/standing.hpp"
#include "protocol/command.hpp"
#include "tests/support/one_room.hpp"

/// However many there are in a room, it finds at once what it must, also when
/// it comes back from a snapshot.
using namespace usher;
using namespace usher::test;
using namespace usher::waiting_room;

namespace {

state from_snapshot(const state& room) {
  auto out = json::get<state>(json::text_of(room));
  revive(out);
  return out;
}

decision<state> asked(const state& room, const command& what, timestamp now) {
  return decide(room, waiting_room::key_of(concert), what, now);
}

state after(const std::vector<fact>& past) {
  return given(past).state();
}

std::vector<fact> full_room(std::uint64_t called) {
  std::vector<fact> past{opened{concert, 1000, 1000, 300, t0}, drawn{1, 0}};
  for (std::uint64_t n = 1; n <= called; ++n)
    past.emplace_back(dealt_number{n, 1000 + n});
  past.emplace_back(admitted{called, t0, t0 + 5min});
  return past;
}

} // namespace

TEST(waiting_room_size, finds_after_a_snapshot_to_whom_it_dealt) {
  auto past = full_room(0);
  past.resize(2);
  const auto mark = hash_of(nth(7));
  past.emplace_back(dealt_number{1, mark});
  past.emplace_back(dealt_number{2, 5});
  past.emplace_back(dealt_number{3, mark});
  for (std::uint64_t n = 4; n <= 4099; ++n) // 3 is overwritten, 4 is the oldest
    past.emplace_back(dealt_number{n, 1000 + n});
  const take_number again{{}, nth(7), 0};
  auto room = after(past);
  EXPECT_FALSE(room.last_of.contains(mark));
  EXPECT_EQ(room.last_of.size(), 4096u);
  past.pop_back();
  room = after(past);
  for (const auto& one : {room, from_snapshot(room)}) {
    const auto said = asked(one, again, t0);
    ASSERT_TRUE(said.reply);
    EXPECT_EQ(std::get<dealt>(said.reply->reply).number, 3u);
    EXPECT_TRUE(said.facts.empty());
  }
}

TEST(waiting_room_size, finds_after_a_snapshot_whose_time_is_over) {
  auto past = full_room(500);
  for (std::uint64_t n = 1; n <= 500; n += 2)
    past.emplace_back(checked_in{n, cart, t0 + 1h, n, t0});
  past.emplace_back(done{{2, 3}});
  const auto room = after(past);
  const auto same = from_snapshot(room);
  EXPECT_EQ(wake_at(room), t0 + 5min);
  EXPECT_EQ(wake_at(same), t0 + 5min);
  const auto said = asked(same, wake{}, t0 + 5min);
  EXPECT_EQ(encode_facts(said.facts),
            encode_facts(asked(room, wake{}, t0 + 5min).facts));
  ASSERT_EQ(said.facts.size(), 2u);
  EXPECT_EQ(std::get<done>(said.facts[0]).numbers.size(), 249u);
  EXPECT_EQ(std::get<doubted>(said.facts[1]).turns.size(), 249u);
  EXPECT_EQ(said.letters.size(), 249u);
}

TEST(waiting_room_size, calls_on_past_who_leaves_at_that_moment) {
  std::vector<fact> past{opened{concert, 2, 2, 300, t0}, drawn{1, 0}};
  for (std::uint64_t n = 1; n <= 9; ++n)
    past.emplace_back(dealt_number{n});
  past.emplace_back(done{{2}});
  const auto room = after(past);
  const auto calls = [&](std::uint64_t leaves, std::uint64_t upto) {
    const auto said = asked(room, waiting_room::leave{leaves}, t0 + 1s);
    const std::vector<fact> expected{done{{leaves}},
                                     admitted{upto, t0 + 1s, t0 + 1s + 5min}};
    EXPECT_EQ(encode_facts(said.facts), encode_facts(expected)) << leaves;
  };
  calls(1, 4);
  calls(3, 4);
  calls(4, 3);
  calls(9, 3);
}

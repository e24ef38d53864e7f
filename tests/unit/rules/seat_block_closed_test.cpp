#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

#include <set>

/// What a block does about its holds once its event is cancelled.
using namespace usher;
using namespace usher::test;
using namespace usher::seat_block;

namespace {

constexpr session_id one{nth(31)};
constexpr session_id two{nth(32)};
const opened eight_seats{
  concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
const held one_holds_two_seats{one, {0, 1}, 0, t0 + 10min};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{block("A").key, past};
}

entity_id cart_of(session_id who) {
  return {entity_kind::booking_session, who.value};
}

} // namespace

TEST(a_closed_block, tells_who_holds_something_until_nothing_is_held) {
  auto block =
    given({eight_seats, one_holds_two_seats, held{two, {4}, 0, t0 + 11min}});
  block.when(wake{}).then_letters(0);
  block.when(seat_block::close{}).then({closed{}});
  EXPECT_LE(block.wakes_at(), t0); // at once
  block.when(wake{}, t0 + 1s)
    .then_nothing()
    .then_letters(2)
    .then_tells<booking_session::wind_up>(0, cart_of(one))
    .then_tells<booking_session::wind_up>(1, cart_of(two));
  block.when(release{one, {}, 0}, t0 + 2s).then({released{one, {0, 1}, 0}});
  block.when(wake{}, t0 + 6s)
    .then_letters(1)
    .then_tells<booking_session::wind_up>(0, cart_of(two));
  block.when(release{two, {}, 0}, t0 + 7s).then({released{two, {4}, 0}});
  EXPECT_EQ(block.wakes_at(), std::nullopt);
  block.when(wake{}, t0 + 11s).then_nothing().then_letters(0);
}

TEST(a_closed_block, tells_a_hundred_at_a_time) {
  std::vector<fact> past{
    opened{concert, floor_of("A", 200), seated, {seat_price, "EUR"}, false}};
  for (std::uint8_t n = 1; n <= 150; ++n)
    past.emplace_back(held{session_id{nth(n)}, {}, 1, t0 + 10min});
  past.emplace_back(closed{});
  auto block = given(past);
  std::multiset<entity_id> told;
  for (const duration later : {0s, 5s}) {
    block.when(wake{}, t0 + later);
    EXPECT_LE(block.said().letters.size(), 100u);
    for (const auto& one : block.said().letters)
      told.insert(one.to);
  }
  for (std::uint8_t n = 1; n <= 150; ++n)
    EXPECT_EQ(told.count(cart_of(session_id{nth(n)})), 1u)
      << "whoever does not answer keeps nobody waiting";
}

TEST(a_closed_block, says_nothing_to_who_has_bought) {
  auto block = given(
    {eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0, 1}, closed{}});
  EXPECT_EQ(block.wakes_at(), std::nullopt);
  block.when(wake{}).then_letters(0);
}

#include "tests/support/sale.hpp"

/// A session that says what it has in the block is given again what it got and
/// did not hear of, and nobody else is kept from it.
using namespace usher;
using namespace usher::test;
using namespace usher::seat_block;

namespace {

constexpr session_id one{nth(31)};
constexpr session_id two{nth(32)};
const opened eight_seats{
  concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
const opened ten_places{
  concert, floor_of("FLOOR", 10), standing_place, {floor_price, "EUR"}, false};
const held one_holds_two_seats{one, {0, 1}, 0, t0 + 10min};
const held one_holds_six_places{one, {}, 6, t0 + 10min};

using names = std::vector<std::string>;

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{block("A").key, past};
}

names ids_of(const granted& what) {
  names out;
  for (const auto& seat : what.seats)
    out.push_back(seat.id);
  return out;
}

} // namespace

TEST(seat_block_again, gives_the_best_seats_to_who_did_not_hear_of_them) {
  const std::vector<fact> full{eight_seats, one_holds_two_seats,
                               held{two, {2, 3, 4, 5, 6, 7}, 0, t0 + 10min}};
  hold_best again{one, 2, t0 + 10min};
  again.has = names{};
  auto block = given(full);
  block.when(again).then_nothing();
  EXPECT_EQ(ids_of(block.replied<granted>()), (names{"A-1-1", "A-1-2"}));
  again.until = t0 + 15min;
  block.when(again).then({extended{one, t0 + 15min}});
  again.has = names{"1-1"};
  block.when(again).then_refused(errc::not_enough_seats);
  again.has = {};
  block.when(again).then_refused(errc::not_enough_seats);
}

TEST(seat_block_again, gives_places_to_who_did_not_hear_of_them) {
  auto block = given({ten_places, one_holds_six_places});
  block.when(hold_places{one, 4, t0 + 10min, 2}).then_nothing();
  EXPECT_EQ(block.replied<granted>().seats.front().places, 4u);
  block.when(hold_places{one, 6, t0 + 12min, 2})
    .then({held{one, {}, 2, t0 + 12min}});
  block.when(hold_places{one, 2, t0 + 15min, 6})
    .then({extended{one, t0 + 15min}});
  block.when(hold_places{one, 3, t0 + 15min, 8})
    .then_refused(errc::not_enough_seats);
  block.when(hold_places{one, 3, t0 + 15min})
    .then_refused(errc::not_enough_seats);
  block.when(hold_places{one, 3, t0 + 20min, 2}, t0 + 15min)
    .then({lapsed{one, {}, 8}, held{one, {}, 3, t0 + 20min}});
}

TEST(seat_block_again, gives_the_places_there_are_to_whom_fewer_will_do) {
  auto block = given({ten_places, one_holds_six_places});
  hold_places order{two, 5, t0 + 10min};
  order.fewer = true;
  block.when(order).then({held{two, {}, 4, t0 + 10min}});
  EXPECT_EQ(block.replied<granted>().seats.front().places, 4u);
  block.when(order).then_refused(errc::not_enough_seats);
  order.has = 1; // it did not hear of the others
  block.when(order).then_nothing();
  EXPECT_EQ(block.replied<granted>().seats.front().places, 3u);
  order.until = t0 + 20min;
  order.has = 0;
  block.when(order, t0 + 10min)
    .then(
      {lapsed{one, {}, 6}, lapsed{two, {}, 4}, held{two, {}, 5, t0 + 20min}});
}

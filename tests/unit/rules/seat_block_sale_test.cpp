#include "tests/support/sale.hpp"

/// Sales that a session numbers: what is late must not undo what came since.
using namespace usher;
using namespace usher::test;
using namespace usher::seat_block;

namespace {

constexpr session_id one{nth(31)};
constexpr session_id two{nth(32)};
const opened eight_seats{
  concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
const std::vector<std::string> two_seats{"1-1", "1-2"};
const held one_holds_two_seats{one, {0, 1}, 0, t0 + 10min};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{block("A").key, past};
}

} // namespace

TEST(seat_block_sale, does_not_undo_a_sale_that_is_later_than_what_was_meant) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(confirm{one, 2, 3}).then({sold{one, {0, 1}, 0, 3}});
  block.when(take_back{one, 2}).then_nothing().then_letters(0);
  block.when(confirm{one, 2, 2}).then_nothing();
  EXPECT_EQ(block.state().count_sold, 2u);
  block.when(take_back{one, 3}).then({returned{one, {0, 1}, 0}});
}

TEST(seat_block_sale, undoes_any_sale_for_a_node_that_does_not_number_them) {
  given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0, 3}})
    .when(take_back{one})
    .then({returned{one, {0, 1}, 0}});
}

TEST(seat_block_sale, sells_again_what_an_earlier_sale_has_sold_already) {
  auto block =
    given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0, 1}});
  block.when(confirm{one, 2, 3}, t0 + 2min)
    .then({returned{one, {0, 1}, 0}, held{one, {0, 1}, 0, t0 + 2min},
           sold{one, {0, 1}, 0, 3}});
  block.when(confirm{one, 2, 3}).then_nothing();
  block.when(take_back{one, 2}).then_nothing();
  EXPECT_EQ(block.state().count_sold, 2u);
  EXPECT_EQ(block.state().count_held, 0u);
}

TEST(seat_block_sale, sets_free_what_is_held_besides_when_it_sells_again) {
  const auto until = t0 + 10min;
  auto block = given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0, 1},
                      held{one, {2}, 0, until}});
  block.when(confirm{one, 2, 3}, t0 + 2min)
    .then({released{one, {2}, 0}, returned{one, {0, 1}, 0},
           held{one, {0, 1}, 0, t0 + 2min}, sold{one, {0, 1}, 0, 3}});
  block.when(hold{two, {"1-3"}, until}, t0 + 2min)
    .then({held{two, {2}, 0, until}});
}

TEST(seat_block_sale, sells_nothing_by_a_sale_that_is_taken_back_already) {
  auto sold_before =
    given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0, 1}});
  sold_before.when(take_back{one, 2, t0 + 16min})
    .then({returned{one, {0, 1}, 0}, held{one, {0, 1}, 0, t0 + 16min, 2}});
  auto held_only = given({eight_seats, one_holds_two_seats});
  held_only.when(take_back{one, 2}).then({extended{one, t0 + 10min, 2}});
  held_only.when(take_back{one, 1}).then_nothing();
  for (auto* block : {&sold_before, &held_only}) {
    block->when(confirm{one, 2, 2}).then_refused(errc::hold_expired);
    block->when(extend{one, two_seats, 0, t0 + 20min})
      .then({extended{one, t0 + 20min}});
    block->when(confirm{one, 2, 1}).then_refused(errc::hold_expired);
    block->when(confirm{one, 2, 3}).then({sold{one, {0, 1}, 0, 3}});
  }
}

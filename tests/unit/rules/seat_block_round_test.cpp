#include "tests/support/sale.hpp"

/// A session that gives seats back begins a round. A letter that is late frees
/// nothing that was held in that.
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
const auto until = t0 + 10min;

using names = std::vector<std::string>;

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{block("A").key, past};
}

} // namespace

TEST(seat_block_round, keeps_what_was_held_again_before_it_was_given_back) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(hold{one, {"1-1"}, until, {}, names{"1-2"}, 1})
    .then({extended{one, until, {}, 1}});
  block.when(release{one, {"1-1"}, 0, 1}).then_nothing();
  block.when(release{one, {}, 0, 1}).then_nothing();
  block.when(hold{one, {"1-1"}, until, {}, names{"1-2"}, 1}).then_nothing();
  block.when(release{one, {"1-1"}, 0, 2}).then({released{one, {0}, 0}});
}

TEST(seat_block_round, frees_what_the_letter_means_though_that_is_late) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(hold{one, {"2-1"}, until, {}, names{"1-2"}, 1})
    .then({held{one, {4}, 0, until, {}, 1}, released{one, {0}, 0}});
  block.when(hold{two, {"1-1"}, until}).then({held{two, {0}, 0, until}});
  block.when(release{one, {"1-1"}, 0, 1}).then_nothing();
  EXPECT_EQ(block.state().held.at(one).size(), 2u);
}

TEST(seat_block_round, is_that_of_all_a_session_holds_from_the_checkout_on) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(extend{one, {"1-2"}, 0, until, {}, 1})
    .then({released{one, {0}, 0}, extended{one, until, {}, 1}});
  block.when(release{one, {"1-2"}, 0, 1}).then_nothing();
}

TEST(seat_block_round, gives_the_best_seats_again_that_were_given_back) {
  hold_best again{one, 2, until};
  again.has = names{};
  again.round = 1;
  auto block = given({eight_seats, one_holds_two_seats,
                      held{two, {2, 3, 4, 5, 6, 7}, 0, until}});
  block.when(again).then({extended{one, until, {}, 1}});
  block.when(release{one, {"1-1", "1-2"}, 0, 1}).then_nothing();
}

TEST(seat_block_round, counts_places_as_the_session_does) {
  const std::vector<fact> past{ten_places, one_holds_six_places};
  auto fewer = given(past);
  fewer.when(hold_places{one, 2, until, 1, 1})
    .then({extended{one, until, {}, 1}, released{one, {}, 3}});
  fewer.when(release{one, {}, 5, 1}).then_nothing();
  EXPECT_EQ(fewer.state().held.at(one).places, 3u);
  auto more = given(past);
  more.when(hold_places{one, 4, until, 4, 1})
    .then({held{one, {}, 2, until, {}, 1}});
  more.when(release{one, {}, 2, 1}).then_nothing();
}

TEST(seat_block_round, begins_anew_with_a_hold_after_the_last_has_lapsed) {
  auto block = given({eight_seats, held{one, {0}, 0, until, {}, 2}});
  block.when(hold{one, {"1-1"}, t0 + 30min, {}, names{}, 3}, t0 + 20min)
    .then({lapsed{one, {0}, 0}, held{one, {0}, 0, t0 + 30min, {}, 3}});
  block.when(release{one, {}, 0, 3}).then_nothing();
}

TEST(seat_block_round, outlives_a_sale_that_is_taken_back) {
  const auto keep = t0 + 16min;
  const std::vector<fact> past{eight_seats, held{one, {0, 1}, 0, until, {}, 2},
                               sold{one, {0, 1}, 0, 1}};
  auto block = given(past);
  block.when(take_back{one, 1, keep})
    .then({returned{one, {0, 1}, 0}, held{one, {0, 1}, 0, keep, 1, 2}});
  block.when(release{one, {"1-1"}, 0, 2}).then_nothing();
  auto sold_again = given(past);
  sold_again.when(confirm{one, 2, 2});
  sold_again.when(take_back{one, 2, keep})
    .then({returned{one, {0, 1}, 0}, held{one, {0, 1}, 0, keep, 2, 2}});
}

TEST(seat_block_round, is_nothing_to_a_node_that_does_not_count_them) {
  given({eight_seats, held{one, {0, 1}, 0, until, {}, 2}})
    .when(release{one, {"1-1"}, 0})
    .then({released{one, {0}, 0}})
    .when(hold{one, {"1-1"}, until})
    .then({held{one, {0}, 0, until}})
    .when(release{one, {}, 0, 2})
    .then_nothing();
}

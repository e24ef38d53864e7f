#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::seat_block;

namespace {

const uuid self = block("A").key;
constexpr session_id one{nth(31)};
constexpr session_id two{nth(32)};
constexpr session_id three{nth(33)};
const opened eight_seats{
  concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
const opened ten_places{
  concert, floor_of("FLOOR", 10), standing_place, {floor_price, "EUR"}, false};
const std::vector<std::string> two_seats{"1-1", "1-2"};
const held one_holds_two_seats{one, {0, 1}, 0, t0 + 10min};
const held one_holds_six_places{one, {}, 6, t0 + 10min};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{self, past};
}

std::vector<std::string> ids_of(const granted& what) {
  std::vector<std::string> out;
  for (const auto& seat : what.seats)
    out.push_back(seat.id);
  return out;
}

using names = std::vector<std::string>;

} // namespace

// -- opening

TEST(seat_block, opens_once_and_takes_a_repeat_for_what_it_is) {
  open order{concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
  given({}).when(order).then({eight_seats});
  given({eight_seats}).when(order).then_nothing();
  order.plan = seats_of("A", 9, 9);
  given({eight_seats}).when(order).then_refused(errc::already_exists);
}

TEST(seat_block, knows_no_seats_before_it_opens) {
  given({})
    .when(hold{one, {"1-1"}, t0 + 10min})
    .then_refused(errc::unknown_seat);
  given({}).when(view{}).then_refused(errc::not_found);
}

TEST(seat_block, sells_nothing_more_when_it_is_closed) {
  given({eight_seats, closed{}})
    .when(hold{one, {"1-1"}, t0 + 10min})
    .then_refused(errc::event_cancelled);
  given({eight_seats, closed{}})
    .when(hold_best{one, 1, t0 + 10min})
    .then_refused(errc::event_cancelled);
  given({ten_places, closed{}})
    .when(hold_places{one, 1, t0 + 10min})
    .then_refused(errc::event_cancelled);
  given({eight_seats, one_holds_two_seats, closed{}})
    .when(confirm{one, 2})
    .then_refused(errc::event_cancelled);
  given({eight_seats, one_holds_two_seats, closed{}})
    .when(extend{one, two_seats, 0, t0 + 15min})
    .then_refused(errc::event_cancelled);
  given({eight_seats, closed{}}).when(seat_block::close{}).then_nothing();
}

// -- holding

TEST(seat_block, holds_by_the_printed_name) {
  auto said = given({eight_seats}).when(hold{one, {"2-1", "1-4"}, t0 + 10min});
  said.then({held{one, {4, 3}, 0, t0 + 10min}});
  const auto got = said.replied<granted>();
  EXPECT_EQ(ids_of(got), (names{"A-2-1", "A-1-4"}));
  EXPECT_EQ(got.price, (money{seat_price, "EUR"}));
}

TEST(seat_block, holds_all_seats_or_none_and_names_those_in_the_way) {
  auto said = given({eight_seats, one_holds_two_seats})
                .when(hold{two, {"1-1", "1-2", "1-3"}, t0 + 10min});
  said.then_refused(errc::seat_unavailable);
  EXPECT_EQ(said.said().reply->more, R"("seats":["A-1-1","A-1-2"])");
}

TEST(seat_block, refuses_a_seat_that_nobody_printed) {
  auto said = given({eight_seats}).when(hold{one, {"1-1", "1-5"}, t0 + 10min});
  said.then_refused(errc::unknown_seat);
  EXPECT_EQ(said.said().reply->more, R"("seats":["A-1-5"])");
}

TEST(seat_block, gives_the_same_answer_to_who_asks_again) {
  auto said = given({eight_seats, one_holds_two_seats})
                .when(hold{one, {"1-1", "1-2"}, t0 + 10min});
  said.then_nothing();
  EXPECT_EQ(ids_of(said.replied<granted>()), (names{"A-1-1", "A-1-2"}));
}

TEST(seat_block, holds_what_is_asked_for_again_as_long_as_the_rest) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(hold{one, {"1-1"}, t0 + 15min}).then({extended{one, t0 + 15min}});
  block.when(hold{one, {"1-1"}, t0 + 12min}).then_nothing();
  EXPECT_EQ(block.wakes_at(), t0 + 15min);
}

TEST(seat_block, takes_only_what_is_new_when_some_is_held_already) {
  given({eight_seats, one_holds_two_seats})
    .when(hold{one, {"1-2", "1-3", "1-3"}, t0 + 10min})
    .then({held{one, {2}, 0, t0 + 10min}});
}

TEST(seat_block, keeps_a_hold_until_its_last_moment) {
  given({eight_seats, one_holds_two_seats})
    .when(hold{two, {"1-1"}, t0 + 20min}, t0 + 10min - 1ms)
    .then_refused(errc::seat_unavailable);
}

TEST(seat_block, frees_an_overdue_hold_at_once_for_who_asks) {
  given({eight_seats, one_holds_two_seats})
    .when(hold{two, {"1-1"}, t0 + 20min}, t0 + 10min)
    .then({lapsed{one, {0, 1}, 0}, held{two, {0}, 0, t0 + 20min}});
}

TEST(seat_block, leaves_other_overdue_holds_to_the_alarm) {
  given({eight_seats, one_holds_two_seats})
    .when(hold{two, {"2-1"}, t0 + 20min}, t0 + 10min)
    .then({held{two, {4}, 0, t0 + 20min}});
}

TEST(seat_block, ends_overdue_holds_when_woken) {
  auto block =
    given({eight_seats, one_holds_two_seats, held{two, {4}, 0, t0 + 11min}});
  EXPECT_EQ(block.wakes_at(), t0 + 10min);
  block.when(wake{}, t0 + 10min - 1ms).then_nothing();
  block.when(wake{}, t0 + 10min).then({lapsed{one, {0, 1}, 0}});
  EXPECT_EQ(block.wakes_at(), t0 + 11min);
}

TEST(seat_block, finds_the_best_seats_among_those_that_can_be_had) {
  auto said = given({eight_seats, one_holds_two_seats})
                .when(hold_best{two, 4, t0 + 20min});
  said.then({held{two, {4, 5, 6, 7}, 0, t0 + 20min}});
  given({eight_seats, one_holds_two_seats})
    .when(hold_best{two, 7, t0 + 20min})
    .then_refused(errc::not_enough_seats);
  given({eight_seats})
    .when(hold_best{two, 0, t0})
    .then_refused(errc::invalid_value);
}

TEST(seat_block, says_what_the_best_seats_take_before_it_goes_too_far) {
  auto sparse = eight_seats;
  sparse.plan.rows[0].accessible = {3};
  auto block = given({sparse, held{one, {1, 4, 5, 6, 7}, 0, t0 + 10min}});
  block.when(hold_best{two, 2, t0 + 20min, compromise::none}).then_nothing();
  EXPECT_TRUE(block.replied<granted>().seats.empty());
  EXPECT_EQ(block.replied<granted>().needs, compromise::apart);
  block.when(hold_best{two, 3, t0 + 20min, compromise::apart}).then_nothing();
  EXPECT_EQ(block.replied<granted>().needs, compromise::accessible);
  block.when(hold_best{two, 4, t0 + 20min, compromise::none})
    .then_refused(errc::not_enough_seats);
  block.when(hold_best{two, 2, t0 + 20min, compromise::apart})
    .then({held{two, {0, 3}, 0, t0 + 20min}});
  EXPECT_FALSE(block.replied<granted>().needs);
}

TEST(seat_block, says_that_the_best_seats_would_leave_a_single_one) {
  const std::vector<fact> three_left{eight_seats,
                                     held{one, {3, 4, 5, 6, 7}, 0, t0 + 1h}};
  auto block = given(three_left);
  hold_best order{two, 2, t0 + 20min, compromise::none, true};
  block.when(order).then_nothing();
  EXPECT_TRUE(block.replied<granted>().seats.empty());
  EXPECT_EQ(block.replied<granted>().needs, compromise::none);
  order.no_orphan = {};
  block.when(order).then({held{two, {1, 2}, 0, t0 + 20min}});
  order.no_orphan = true;
  order.count = 3;
  given(three_left).when(order).then({held{two, {0, 1, 2}, 0, t0 + 20min}});
}

TEST(seat_block, refuses_a_hand_picked_orphan_if_the_organizer_wants) {
  auto strict = eight_seats;
  strict.no_orphans = true;
  auto said = given({strict}).when(hold{one, {"1-2"}, t0 + 10min});
  said.then_refused(errc::orphan_seat);
  EXPECT_EQ(said.said().reply->more, R"("seats":["A-1-1"])");
  given({strict})
    .when(hold{one, {"1-1"}, t0 + 10min})
    .then({held{one, {0}, 0, t0 + 10min}});
}

TEST(seat_block, lets_who_had_a_seat_have_it_again_whatever_it_leaves) {
  auto strict = eight_seats;
  strict.no_orphans = true;
  given({strict})
    .when(hold{one, {"1-2"}, t0 + 10min, true})
    .then({held{one, {1}, 0, t0 + 10min}});
  given({strict, held{two, {1}, 0, t0 + 10min}})
    .when(hold{one, {"1-2"}, t0 + 10min, true})
    .then_refused(errc::seat_unavailable);
}

// -- extending, giving back

TEST(seat_block, extends_what_is_held) {
  auto held = given({eight_seats, one_holds_two_seats});
  held.when(extend{one, two_seats, 0, t0 + 15min})
    .then({extended{one, t0 + 15min}});
  held.when(extend{one, two_seats, 0, t0 + 15min}).then_nothing();
  held.when(extend{one, {"1-1", "1-3"}, 0, t0 + 15min})
    .then_refused(errc::hold_expired);
  held.when(extend{one, {}, 0, t0 + 15min}).then_refused(errc::hold_expired);
  held.when(extend{one, {}, 1, t0 + 15min}).then_refused(errc::hold_expired);
  held.when(extend{two, {"1-1"}, 0, t0 + 15min})
    .then_refused(errc::hold_expired);
  held.when(extend{one, two_seats, 0, t0 + 30min}, t0 + 15min)
    .then_refused(errc::hold_expired);
}

TEST(seat_block, gives_back_what_an_extension_does_not_name) {
  given({eight_seats, one_holds_two_seats})
    .when(extend{one, {"1-2"}, 0, t0 + 15min})
    .then({released{one, {0}, 0}, extended{one, t0 + 15min}});
  given({ten_places, one_holds_six_places})
    .when(extend{one, {}, 4, t0 + 15min})
    .then({released{one, {}, 2}, extended{one, t0 + 15min}});
}

TEST(seat_block, judges_what_is_left_of_a_cart_as_if_it_was_picked_by_hand) {
  auto strict = eight_seats;
  strict.no_orphans = true;
  const std::vector<std::string> around{"1-1", "1-3"};
  const held three_seats{one, {0, 1, 2}, 0, t0 + 10min};
  const std::vector<std::vector<fact>> both{
    {strict, three_seats}, {strict, three_seats, released{one, {1}, 0}}};
  for (const auto& past : both) {
    auto said = given(past).when(extend{one, around, 0, t0 + 15min, true});
    said.then_refused(errc::orphan_seat);
    EXPECT_EQ(said.said().reply->more, R"("seats":["A-1-2"])");
  }
  given({strict, three_seats})
    .when(extend{one, {"1-1", "1-2"}, 0, t0 + 15min, true})
    .then({released{one, {2}, 0}, extended{one, t0 + 15min}});
  given({strict, held{one, {0, 2}, 0, t0 + 10min}})
    .when(extend{one, around, 0, t0 + 15min})
    .then({extended{one, t0 + 15min}});
  given({eight_seats, held{one, {0, 2}, 0, t0 + 10min}})
    .when(extend{one, around, 0, t0 + 15min, true})
    .then({extended{one, t0 + 15min}});
}

TEST(seat_block, gives_back_some_or_all_and_never_refuses) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(release{one, {"1-2", "1-3", "9-9"}, 0})
    .then({released{one, {1}, 0}});
  block.when(release{one, {}, 0}).then({released{one, {0}, 0}});
  block.when(release{one, {}, 0}).then_nothing();
  EXPECT_EQ(block.state().available(), 8u);
}

// -- selling

TEST(seat_block, sells_what_is_held_and_only_once) {
  auto block = given({eight_seats, one_holds_two_seats});
  block.when(confirm{one, 2}).then({sold{one, {0, 1}, 0}});
  block.when(confirm{one, 2}).then_nothing();
  block.when(confirm{one, 1}).then_refused(errc::not_held);
  block.when(hold{two, {"1-1"}, t0 + 20min}, t0 + 11min)
    .then_refused(errc::seat_unavailable);
}

TEST(seat_block, needs_no_hold_for_what_the_session_has_bought) {
  auto block = given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0}});
  block.when(extend{one, two_seats, 0, t0 + 15min}).then_nothing();
  block.when(extend{one, {"1-1"}, 0, t0 + 15min})
    .then_refused(errc::hold_expired);
}

TEST(seat_block, sells_nothing_that_is_not_held) {
  given({eight_seats}).when(confirm{one, 1}).then_refused(errc::hold_expired);
  given({eight_seats, one_holds_two_seats})
    .when(confirm{one, 1})
    .then_refused(errc::hold_expired);
  given({eight_seats, one_holds_two_seats})
    .when(confirm{two, 2})
    .then_refused(errc::hold_expired);
}

TEST(seat_block, sells_an_overdue_hold_that_nobody_else_has_taken) {
  given({eight_seats, one_holds_two_seats})
    .when(confirm{one, 2}, t0 + 10min)
    .then({sold{one, {0, 1}, 0}});
}

TEST(seat_block, tells_the_event_when_the_last_seat_goes_and_comes_back) {
  const entity_id event{entity_kind::event, concert.value};
  auto block = given({eight_seats, held{one, {0, 1, 2, 3}, 0, t0 + 10min},
                      held{two, {4, 5, 6, 7}, 0, t0 + 10min}});
  block.when(confirm{one, 4}).then_letters(0);
  block.when(confirm{two, 4})
    .then_letters(1)
    .then_tells<event::note_stock>(
      0, event, [](const auto& told) { return told.exhausted; });
  block.when(take_back{one})
    .then({returned{one, {0, 1, 2, 3}, 0}})
    .then_tells<event::note_stock>(
      0, event, [](const auto& told) { return !told.exhausted; });
  block.when(take_back{one}).then_nothing();
  block.when(hold{three, {"1-1"}, t0 + 20min})
    .then({held{three, {0}, 0, t0 + 20min}});
}

namespace {

auto saying(bool exhausted, version as_of) {
  return [=](const event::note_stock& asked) {
    return asked.section == "A" && asked.exhausted == exhausted
           && asked.as_of == as_of;
  };
}

} // namespace

TEST(seat_block, asks_the_event_until_it_has_heard_of_the_stock) {
  const entity_id event{entity_kind::event, concert.value};
  auto block =
    given({eight_seats, held{one, {0, 1, 2, 3, 4, 5, 6, 7}, 0, t0 + 10min}});
  EXPECT_EQ(block.wakes_at(), t0 + 10min);
  block.when(confirm{one, 8, 1})
    .then_tells<event::note_stock>(0, event, saying(true, 3));
  ASSERT_TRUE(block.wakes_at() && *block.wakes_at() <= t0) << "it may be lost";
  block.when(wake{}).then_asks<event::note_stock>(event, saying(true, 3));
  block.when_refused(errc::outcome_unknown).then_nothing();
  ASSERT_TRUE(block.wakes_at() && *block.wakes_at() <= t0) << "once more";
  block.when(wake{}).when_granted().then({event_told{true}});
  EXPECT_FALSE(block.wakes_at());
  block.when(wake{}).then_nothing().then_asks_nobody();
  block.when(take_back{one, 1})
    .then_tells<event::note_stock>(0, event, saying(false, 5));
  block.when(wake{}).then_asks<event::note_stock>(event, saying(false, 5));
  block.when_granted().then({event_told{false}});
  EXPECT_FALSE(block.wakes_at());
}

TEST(seat_block, tells_the_event_what_setting_aside_makes_of_the_stock) {
  const entity_id event{entity_kind::event, concert.value};
  auto block = given({eight_seats, held{one, {0, 1, 2, 3, 4, 5, 6}, 0, t0},
                      sold{one, {0, 1, 2, 3, 4, 5, 6}, 0, 1}});
  block.when(block_seats{{"2-4"}, "camera"});
  block.when(wake{}).then_asks<event::note_stock>(event, saying(true, 4));
  block.when_granted().then({event_told{true}});
  block.when(unblock_seats{{"2-4"}});
  block.when(wake{}).then_asks<event::note_stock>(event, saying(false, 6));
}

TEST(seat_block, has_no_stock_to_speak_of_when_it_is_closed) {
  auto block = given({eight_seats, held{one, {0, 1, 2, 3, 4, 5, 6, 7}, 0, t0},
                      sold{one, {0, 1, 2, 3, 4, 5, 6, 7}, 0, 1}, closed{}});
  EXPECT_FALSE(block.wakes_at());
  block.when(wake{}).then_nothing().then_asks_nobody();
}

TEST(seat_block, holds_what_stays_in_the_cart_when_a_sale_is_taken_back) {
  auto block = given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0}});
  block.when(take_back{one, 0, t0 + 16min})
    .then({returned{one, {0, 1}, 0}, held{one, {0, 1}, 0, t0 + 16min, 0}});
  block.when(release{one, {"1-1"}, 0}).then({released{one, {0}, 0}});
  block.when(hold{two, {"1-2"}, t0 + 20min}, t0 + 15min)
    .then_refused(errc::seat_unavailable);
  EXPECT_EQ(block.state().count_sold, 0u);
  EXPECT_EQ(block.wakes_at(), t0 + 16min) << "nothing stays for ever";
}

TEST(seat_block, holds_nothing_for_a_cart_whose_time_is_over) {
  given({eight_seats, one_holds_two_seats, sold{one, {0, 1}, 0}})
    .when(take_back{one, 0, t0 + 16min}, t0 + 16min)
    .then({returned{one, {0, 1}, 0}});
  given({ten_places, one_holds_six_places})
    .when(take_back{one, 0, t0 + 16min})
    .then_nothing();
}

// -- house holds

TEST(seat_block, sets_seats_aside_with_a_reason) {
  auto block = given({eight_seats});
  block.when(block_seats{{"1-1", "1-2"}, "camera"})
    .then({blocked{{0, 1}, "camera"}});
  block.when(block_seats{{"1-1", "1-2"}, "camera"}).then_nothing();
  block.when(hold{one, {"1-1"}, t0 + 10min})
    .then_refused(errc::seat_unavailable);
  EXPECT_EQ(block.state().count_sold, 0u);
  EXPECT_EQ(block.state().available(), 6u);
  block.when(unblock_seats{{"1-1"}}).then({unblocked{{0}}});
  block.when(unblock_seats{{"1-1"}}).then_nothing();
  block.when(unblock_seats{{"7-1"}}).then_refused(errc::unknown_seat);
}

TEST(seat_block, sets_nothing_aside_that_is_held_or_sold) {
  given({eight_seats, one_holds_two_seats})
    .when(block_seats{{"1-1"}, "camera"})
    .then_refused(errc::seat_unavailable);
  given({eight_seats, one_holds_two_seats})
    .when(block_seats{{"1-1"}, "camera"}, t0 + 10min)
    .then({lapsed{one, {0, 1}, 0}, blocked{{0}, "camera"}});
}

// -- general admission

TEST(seat_block, counts_places_of_general_admission) {
  auto block = given({ten_places, one_holds_six_places});
  block.when(hold_places{two, 5, t0 + 10min})
    .then_refused(errc::not_enough_seats);
  block.when(hold_places{two, 4, t0 + 12min})
    .then({held{two, {}, 4, t0 + 12min}});
  block.when(release{one, {}, 2}).then({released{one, {}, 2}});
  block.when(confirm{one, 4}).then({sold{one, {}, 4}});
  EXPECT_EQ(block.state().available(), 2u);
  EXPECT_EQ(block.state().count_held, 4u);
  EXPECT_EQ(block.state().count_sold, 4u);
}

TEST(seat_block, frees_overdue_places_only_when_they_are_needed) {
  given({ten_places, one_holds_six_places})
    .when(hold_places{two, 4, t0 + 20min}, t0 + 10min)
    .then({held{two, {}, 4, t0 + 20min}});
  given({ten_places, one_holds_six_places})
    .when(hold_places{two, 5, t0 + 20min}, t0 + 10min)
    .then({lapsed{one, {}, 6}, held{two, {}, 5, t0 + 20min}});
}

TEST(seat_block, does_not_revive_overdue_places_of_who_asks_for_more) {
  given({ten_places, held{one, {}, 2, t0 + 10min}})
    .when(hold_places{one, 1, t0 + 20min}, t0 + 10min)
    .then({lapsed{one, {}, 2}, held{one, {}, 1, t0 + 20min}});
}

TEST(seat_block, has_no_places_where_there_are_seats_and_no_seats_on_a_floor) {
  given({eight_seats})
    .when(hold_places{one, 1, t0 + 10min})
    .then_refused(errc::invalid_value);
  given({ten_places})
    .when(hold{one, {"1-1"}, t0 + 10min})
    .then_refused(errc::unknown_seat);
  given({ten_places})
    .when(hold_best{one, 1, t0 + 10min})
    .then_refused(errc::not_enough_seats);
}

// -- the picture

TEST(seat_block, draws_a_picture_only_if_something_changed) {
  auto block = given({eight_seats, one_holds_two_seats});
  const auto all = block.when(view{0}).replied<picture>();
  EXPECT_EQ(all.now, 2u);
  EXPECT_EQ(all.held, 2u);
  EXPECT_EQ(all.available, 6u);
  EXPECT_EQ(all.total, 8u);
  EXPECT_NE(
    all.section_json.find(R"("id":"A-1-1","row":"1","number":1,"label":"1-1")"),
    std::string::npos);
  EXPECT_NE(all.section_json.find(R"("status":"held")"), std::string::npos);
  EXPECT_TRUE(block.when(view{2}).replied<picture>().section_json.empty());
}

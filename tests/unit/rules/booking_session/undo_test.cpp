#include "actors/booking_session/booking_session.hpp"
#include "tests/unit/rules/booking_session/carts.hpp"

/// An order that comes to nothing leaves nothing sold, even if what it told
/// the blocks is lost.
using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

namespace {

const std::set<block_id> both_blocks{{block("A").key}, {block("B").key}};

/// Ada holds a seat in A and one in B that cost nothing, and B refused to sell.
session_facts half_given_away() {
  auto a = a_seat("A", "1-1");
  auto b = a_seat("B", "1-1");
  a.price = b.price = 0;
  return {opened_by_ada(), added{{a, b}}, started(1, 0, t0 + 16min, t0 + 1min),
          payment_failed{nth_payment(1), outcome::failed}};
}

entity_id nth_owed(const scenario<state>& session, int n) {
  return {entity_kind::seat_block,
          std::next(session.state().owed.begin(), n)->value};
}

} // namespace

TEST(undoing, asks_the_blocks_until_each_has_taken_back) {
  auto session = given_checkout();
  session.when(cancel{ada}).then({cancelled{}});
  const auto later = session.state().expires_at;
  EXPECT_EQ(session.state().owed, both_blocks);
  EXPECT_EQ(session.wakes_at(), later) << "nobody waits for it";
  session.when(wake{}, later)
    .then_asks<seat_block::take_back>(nth_owed(session, 0));
  session.when_refused(errc::outcome_unknown, later).then_nothing();
  EXPECT_EQ(session.wakes_at(), later) << "to be asked again";
  session.when(wake{}, later)
    .then_asks<seat_block::take_back>(nth_owed(session, 0));
  session.when_granted({}, later).then_asks<seat_block::take_back>(
    nth_owed(session, 1));
  session.when_granted({}, later).then({undone{}});
  EXPECT_EQ(session.wakes_at(), std::nullopt);
}

TEST(undoing, is_not_needed_where_nothing_can_have_been_sold) {
  EXPECT_EQ(given({opened_by_ada(), two_blocks, cancelled{}}).wakes_at(),
            std::nullopt);
  EXPECT_EQ(given({opened_by_ada(), two_blocks, expired{}}).wakes_at(),
            std::nullopt);
  EXPECT_EQ(given({opened_by_ada(), two_blocks, first_checkout(), expired{}})
              .wakes_at(),
            std::nullopt);
}

TEST(undoing, begins_anew_when_money_comes_for_what_is_over) {
  auto session = given(
    {opened_by_ada(), two_blocks, first_checkout(), cancelled{}, undone{}});
  EXPECT_EQ(session.wakes_at(), std::nullopt);
  session.when(told(outcome::paid)).then({refund_due{nth_payment(1)}});
  EXPECT_EQ(session.state().owed, both_blocks);
  EXPECT_NE(session.wakes_at(), std::nullopt);
}

TEST(undoing, ends_what_was_half_given_away) {
  auto session = given(half_given_away());
  session.when(wake{}, t0 + 16min)
    .then({expired{}})
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::take_back>(2, block("A"));
  session.when(wake{}, t0 + 17min)
    .then_asks<seat_block::take_back>(nth_owed(session, 0));
}

TEST(undoing, does_not_forget_what_was_taken_out_of_a_failed_cart) {
  auto session = given_checkout();
  session.when(told(outcome::failed)).when(told(outcome::paid), t0 + 2min);
  session.when_granted().when_granted(); // secured
  session.when_granted().when_refused(errc::outcome_unknown);
  session.when(booking_session::remove{ada, "B-1-1"}, t0 + 3min);
  session.when(told(outcome::paid), t0 + 4min)
    .then({refund_due{nth_payment(1)}});
  EXPECT_EQ(session.state().owed, both_blocks);
}

TEST(undoing, spares_what_a_later_attempt_has_bought) {
  auto past = half_given_away();
  past.emplace_back(removed{"B-1-1"});
  past.emplace_back(started(2, 0, t0 + 16min, t0 + 2min));
  completed bought;
  bought.payment = nth_payment(2);
  past.emplace_back(bought);
  auto session = given(past);
  EXPECT_EQ(session.state().owed, std::set<block_id>{{block("B").key}})
    << "A has sold what she has a ticket for";
  session.when(wake{}, t0 + 16min).then_asks<seat_block::take_back>(block("B"));
  session.when_granted({}, t0 + 16min).then({undone{}});
  EXPECT_EQ(session.state().status, status::completed);
}

TEST(undoing, means_no_sale_that_comes_after_it) {
  auto session = given(half_given_away());
  session.when(booking_session::remove{ada, "B-1-1"}, t0 + 2min)
    .then_tells<seat_block::take_back>(
      0, block("B"), [](const auto& told) { return told.sale == 2; });
  checkout again;
  again.caller = ada;
  session.when(again, t0 + 3min)
    .when_granted({}, t0 + 3min)
    .then_asks<seat_block::confirm>(
      block("A"), [](const auto& asked) { return asked.sale == 4; });
}

TEST(undoing, means_all_that_has_been_sold_so_far) {
  auto session = given_checkout();
  session.when(told(outcome::paid))
    .then_asks<seat_block::confirm>(
      block("A"), [](const auto& asked) { return asked.sale == 1; })
    .when_refused(errc::outcome_unknown);
  session.when(cancel{ada})
    .then_tells<seat_block::take_back>(
      0, block("B"), [](const auto& told) { return told.sale == 1; });
}

TEST(undoing, of_what_is_over_spares_money_that_may_still_come) {
  auto session = given({opened_by_ada(), two_blocks, first_checkout(),
                        expired{}, refund_due{nth_payment(1)}});
  const auto next = session.state().sale;
  auto is_earlier = [&](const auto& told) { return told.sale < next; };
  session.when(wake{}, t0 + 17min)
    .then_asks<seat_block::take_back>(nth_owed(session, 0), is_earlier);
  session.when_refused(errc::outcome_unknown, t0 + 17min);
  session.when(told(outcome::paid), t0 + 18min)
    .then_nothing()
    .then_tells<seat_block::take_back>(0, block("B"), is_earlier);
  EXPECT_EQ(session.state().sale, next);
}

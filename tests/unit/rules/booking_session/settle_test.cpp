#include "tests/unit/rules/booking_session/carts.hpp"

#include <set>

using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

TEST(settling, confirms_every_block_before_it_completes) {
  auto session = given_checkout();
  session.when(told(outcome::paid), t0 + 2min)
    .then_asks<seat_block::confirm>(
      block("A"), [](const auto& asked) { return asked.count == 2; });
  session.when_granted({}, t0 + 2min)
    .then_nothing()
    .then_asks<seat_block::confirm>(block("B"));
  session.when_granted({}, t0 + 2min);
  EXPECT_EQ(session.state().status, status::completed);
  EXPECT_EQ(session.state().tickets.size(), 3u);
  EXPECT_FALSE(session.replied<settled>().refund);
  session.then_letters(0);
  EXPECT_EQ(session.wakes_at(), std::nullopt);
}

TEST(settling, tells_an_allowance_that_counts_what_was_bought) {
  auto session = given({opened_by_ada(), shared{}, added{{floor_places(3)}},
                        started(1, 6000, t0 + 15min, t0)});
  session.when(told(outcome::paid)).when_granted();
  session.then_letters(1).then_tells<allowance::leave>(
    0, the_allowance, [](const auto& told) { return told.bought == 3; });
}

TEST(settling, issues_one_ticket_a_place_and_each_with_its_own_id) {
  auto session = given({opened_by_ada(), added{{floor_places(3)}},
                        started(1, 6000, t0 + 15min, t0)});
  session.when(told(outcome::paid)).when_granted();
  std::set<ticket_id> ids;
  std::set<std::string> numbers;
  for (const auto& one : session.state().tickets) {
    ids.insert(one.id);
    numbers.insert(one.number);
    EXPECT_EQ(one.price, floor_price);
    EXPECT_EQ(one.seat, "FLOOR");
  }
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(numbers.size(), 3u);
}

TEST(settling, uses_up_the_place_in_the_queue) {
  auto terms = opened_by_ada();
  terms.queue_number = 7;
  given({terms, added{{a_seat("A", "1-1")}},
         started(1, seat_price, t0 + 15min, t0)})
    .when(told(outcome::paid))
    .when_granted()
    .then_letters(2)
    .then_tells<waiting_room::check_out>(0, the_room)
    .then_tells<queue_slot::complete>(
      1, adas_slot, [](const auto& told) { return told.number == 7; });
}

TEST(settling, again_has_no_second_effect) {
  auto session = given_checkout();
  session.when(told(outcome::paid)).when_granted().when_granted();
  session.when(told(outcome::paid)).then_nothing().then_letters(0);
  EXPECT_FALSE(session.replied<settled>().refund);
  session.when(told(outcome::failed)).then_nothing();
  EXPECT_EQ(session.state().status, status::completed);
}

TEST(settling, refunds_a_second_payment_of_a_completed_order) {
  auto session = given_checkout();
  session.when(told(outcome::paid)).when_granted().when_granted();
  session.when(told(outcome::paid, 2)).then({refund_due{nth_payment(2)}});
  session.then_letters(0);
  EXPECT_TRUE(session.replied<settled>().refund);
  session.when(told(outcome::paid, 2)).then_nothing();
  EXPECT_TRUE(session.replied<settled>().refund);
}

TEST(settling, takes_back_what_was_sold_when_a_block_cannot_sell) {
  auto session = given_checkout();
  session.when(told(outcome::paid))
    .when_granted()
    .when_refused(errc::hold_expired)
    .then({payment_failed{nth_payment(1), outcome::failed},
           refund_due{nth_payment(1)}, removed{"B-1-1"}, removed{"A-1-1"},
           removed{"A-1-2"}})
    .then_letters(4)
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::release>(1, block("B"))
    .then_tells<seat_block::take_back>(2, block("A"))
    .then_tells<seat_block::release>(3, block("A"));
  EXPECT_TRUE(session.replied<settled>().refund);
}

TEST(settling, tells_an_allowance_that_counts_what_went_back_with_the_money) {
  auto session =
    given({opened_by_ada(), shared{}, two_blocks, first_checkout()});
  session.when(told(outcome::paid))
    .when_refused(errc::hold_expired)
    .then_letters(5)
    .then_tells<allowance::claim>(4, the_allowance, [](const auto& told) {
      return told.session == cart_id && told.total == 0;
    });
  session.when(told(outcome::paid)).then_nothing();
  EXPECT_TRUE(session.replied<settled>().refund);
}

TEST(settling, leaves_no_seat_in_the_cart_when_it_refunds_in_time) {
  auto session = given_checkout();
  session.when(told(outcome::paid), t0 + 2min)
    .when_refused(errc::hold_expired, t0 + 2min)
    .then_tells<seat_block::take_back>(0, block("B"), [&](const auto& asked) {
      return asked.sale < session.state().sale;
    });
  EXPECT_EQ(session.state().status, status::failed);
  EXPECT_EQ(session.wakes_at(), t0 + 16min);
  EXPECT_NE(render(session.state(), cart).find("\"seats\":[]"),
            std::string::npos);
  EXPECT_EQ(session.state().owed.size(), 2u) << "for letters may be lost";
  session.when(told(outcome::paid), t0 + 3min).then_nothing();
  EXPECT_TRUE(session.replied<settled>().refund);
  checkout again;
  again.caller = ada;
  session.when(again, t0 + 3min).then_refused(errc::empty_session);
  session.when(cancel{ada}, t0 + 4min).then({cancelled{}});
}

TEST(settling, leaves_the_cart_as_it_is_while_its_seats_are_held) {
  auto session = given_checkout();
  session.when(told(outcome::failed)).when(told(outcome::paid, 2));
  EXPECT_EQ(session.state().status, status::failed);
  EXPECT_EQ(session.state().items.size(), 3u);
}

TEST(settling, guesses_nothing_when_a_block_does_not_answer) {
  for (const auto fault : {errc::outcome_unknown, errc::unavailable,
                           errc::overloaded, errc::quarantined})
    given_checkout()
      .when(told(outcome::paid))
      .when_granted()
      .when_refused(fault)
      .then_refused(errc::outcome_unknown)
      .then_letters(0);
}

TEST(a_late_success, takes_the_seats_again_and_completes) {
  auto session =
    given({opened_by_ada(), two_blocks, first_checkout(),
           payment_failed{nth_payment(1), outcome::expired}, expired{}});
  const auto later = t0 + 1h;
  session.when(told(outcome::paid), later)
    .then_asks<allowance::come_back>(the_allowance, [](const auto& asked) {
      return asked.total == 3 && asked.limit == 4;
    });
  session.when_granted({}, later).then_asks<seat_block::extend>(block("A"));
  session.when_refused(errc::hold_expired, later)
    .then_asks<seat_block::hold>(block("A"), [](const auto& asked) {
      return asked.seats == std::vector<std::string>{"1-1", "1-2"}
             && asked.again == true;
    });
  session.when_granted(granted_seats("A", {"A-1-1", "A-1-2"}), later)
    .then_asks<seat_block::extend>(block("A"));
  session.when_granted({}, later).then_asks<seat_block::extend>(block("B"));
  session.when_granted({}, later).then_asks<seat_block::confirm>(block("A"));
  session.when_granted({}, later).then_asks<seat_block::confirm>(block("B"));
  session.when_granted({}, later);
  EXPECT_EQ(session.state().status, status::completed);
  EXPECT_TRUE(std::get<completed>(session.said().facts.at(0)).late);
}

TEST(a_late_success, never_shortens_a_hold_that_has_longer_to_run) {
  auto session = given({opened_by_ada(), two_blocks, first_checkout(),
                        payment_failed{nth_payment(1), outcome::failed}});
  const auto ends = session.state().expires_at;
  const auto early = t0 + 2min;
  ASSERT_GT(ends, early + 1min);
  session.when(told(outcome::paid), early)
    .then_asks<seat_block::extend>(
      block("A"), [&](const auto& asked) { return asked.until > ends; });
  session.when_granted({}, early).then_asks<seat_block::extend>(
    block("B"), [&](const auto& asked) { return asked.until > ends; });
}

TEST(a_late_success, is_refunded_when_the_seats_are_gone_and_takes_none) {
  auto session =
    given({opened_by_ada(), two_blocks, first_checkout(),
           payment_failed{nth_payment(1), outcome::expired}, expired{}});
  session.when(told(outcome::paid), t0 + 1h)
    .when_granted({}, t0 + 1h)
    .when_refused(errc::hold_expired, t0 + 1h)
    .when_granted(granted_seats("A", {"A-1-1", "A-1-2"}), t0 + 1h)
    .when_granted({}, t0 + 1h)
    .when_refused(errc::hold_expired, t0 + 1h)
    .when_refused(errc::seat_unavailable, t0 + 1h)
    .then({refund_due{nth_payment(1)}})
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::release>(3, block("A"));
  EXPECT_TRUE(session.replied<settled>().refund);
  EXPECT_EQ(session.state().status, status::expired);
}

TEST(a_late_success, takes_floor_places_again) {
  given({opened_by_ada(), added{{floor_places(2)}},
         started(1, 4000, t0 + 15min, t0), expired{}})
    .when(told(outcome::paid), t0 + 1h)
    .when_granted({}, t0 + 1h)
    .when_refused(errc::hold_expired, t0 + 1h)
    .then_asks<seat_block::hold_places>(
      block("FLOOR"), [](const auto& asked) { return asked.count == 2; });
}

TEST(a_late_success, is_refunded_when_the_buyer_has_too_many_by_now) {
  given({opened_by_ada(), two_blocks, first_checkout(), expired{}})
    .when(told(outcome::paid), t0 + 1h)
    .when_refused(errc::limit_reached, t0 + 1h)
    .then({refund_due{nth_payment(1)}})
    .then_letters(4); // it may have been half sold before it expired
}

TEST(a_late_success, is_refunded_when_the_cart_has_changed_since) {
  given({opened_by_ada(), two_blocks, first_checkout(),
         payment_failed{nth_payment(1), outcome::failed}, removed{"A-1-1"}})
    .when(told(outcome::paid))
    .then({refund_due{nth_payment(1)}});
}

TEST(a_late_success, that_is_refunded_again_gives_back_again) {
  given(
    {opened_by_ada(), two_blocks, first_checkout(), refund_due{nth_payment(1)}})
    .when(told(outcome::paid))
    .then({payment_failed{nth_payment(1), outcome::failed}, // as of old
           removed{"B-1-1"}, removed{"A-1-1"}, removed{"A-1-2"}})
    .then_letters(4);
}

TEST(a_late_success, that_is_refunded_again_leaves_a_later_attempt_its_seats) {
  const auto later = started(2, 2 * seat_price, t0 + 16min, t0 + 5min);
  auto session =
    given({opened_by_ada(), two_blocks, first_checkout(),
           payment_failed{nth_payment(1), outcome::failed}, removed{"A-1-1"}});
  session.when(told(outcome::paid)).then_letters(0);
  session.when(told(outcome::paid)).then_nothing().then_letters(0);
  given({opened_by_ada(), two_blocks, first_checkout(),
         payment_failed{nth_payment(1), outcome::failed}, removed{"A-1-1"},
         later, refund_due{nth_payment(1)}})
    .when(told(outcome::paid))
    .then_nothing()
    .then_letters(0);
}

TEST(a_late_success, that_was_refunded_leaves_nothing_sold_at_the_end) {
  given({opened_by_ada(), two_blocks, first_checkout(),
         payment_failed{nth_payment(1), outcome::failed},
         refund_due{nth_payment(1)}})
    .when(wake{}, t0 + 16min)
    .then({expired{}})
    .then_letters(4)
    .then_tells<seat_block::take_back>(0, block("B"));
}

TEST(a_late_success, never_resurrects_a_cancelled_order) {
  auto session =
    given({opened_by_ada(), two_blocks, first_checkout(), cancelled{}});
  session.when(told(outcome::paid))
    .then({refund_due{nth_payment(1)}})
    .then_letters(4) // it may have been half sold before
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::take_back>(2, block("A"));
  EXPECT_TRUE(session.replied<settled>().refund);
  EXPECT_EQ(session.state().status, status::cancelled);
}

TEST(a_failed_payment, keeps_the_seats_while_the_window_lasts) {
  auto session = given_checkout();
  session.when(told(outcome::failed), t0 + 5min)
    .then({payment_failed{nth_payment(1), outcome::failed}})
    .then_letters(0);
  EXPECT_EQ(session.wakes_at(), t0 + 16min);
  session.when(wake{}, t0 + 16min).then({expired{}});
}

TEST(a_failed_payment, of_another_attempt_changes_nothing) {
  given_checkout().when(told(outcome::failed, 3)).then_nothing();
}

TEST(settling, is_for_a_session_that_exists) {
  given({}).when(told(outcome::paid)).then_refused(errc::not_found);
}

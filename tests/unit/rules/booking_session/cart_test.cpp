#include "tests/unit/rules/booking_session/carts.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

/// Removing, extending, cancelling, expiring, sharing.

TEST(removing, gives_the_seat_back) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(booking_session::remove{ada, "A-1-1"})
    .then({removed{"A-1-1"}})
    .then_letters(1)
    .then_tells<seat_block::release>(0, block("A"), [](const auto& told) {
      return told.seats == std::vector<std::string>{"1-1"};
    });
  session.when(booking_session::remove{ada, "A-1-1"})
    .then_refused(errc::not_held);
}

TEST(removing, frees_nothing_that_was_taken_again_before_it_was_heard) {
  const seat_block::opened on_sale{
    concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
  auto seats = scenario<seat_block::state>{
    block("A").key,
    {on_sale, seat_block::held{cart_id, {0, 1}, 0, t0 + 10min}}};
  auto obeys = [&](const letter& one) {
    seats.when(std::get<seat_block::command>(one.what));
  };
  auto session = given({opened_by_ada(), two_blocks});
  session.when(booking_session::remove{ada, "A-1-1"})
    .then_tells<seat_block::release>(
      0, block("A"), [](const auto& told) { return told.round == 1; });
  const auto late = session.said().letters.front();
  hold again;
  again.caller = ada;
  again.wanted.seats = {"A-1-1"};
  session.when(again).then_asks<seat_block::hold>(
    block("A"), [](const auto& asked) {
      return asked.round == 1U && asked.has == std::vector<std::string>{"1-2"};
    });
  obeys(session.said().ask->ask);
  session.when_granted(seats.replied<seat_block::granted>())
    .then({added{{a_seat("A", "1-1")}}});
  obeys(late);
  EXPECT_EQ(seats.state().held.at(cart_id).size(), 2u);
}

TEST(removing, gives_back_all_places_of_a_floor) {
  given({opened_by_ada(), added{{floor_places(3)}}})
    .when(booking_session::remove{ada, "FLOOR"})
    .then({removed{"FLOOR"}})
    .then_tells<seat_block::release>(
      0, block("FLOOR"), [](const auto& told) { return told.places == 3; });
}

TEST(removing, gives_back_some_places_of_a_floor) {
  auto session = given({opened_by_ada(), shared{}, added{{floor_places(3)}}});
  session.when(reduce{ada, "FLOOR", 1})
    .then({reduced{"FLOOR", 1}})
    .then_letters(2)
    .then_tells<seat_block::release>(
      0, block("FLOOR"),
      [](const auto& told) { return told.seats.empty() && told.places == 1; })
    .then_tells<allowance::claim>(
      1, the_allowance, [](const auto& told) { return told.total == 2; });
  EXPECT_EQ(session.said().show, 200);
  EXPECT_EQ(session.state().items, std::vector{floor_places(2)});
  session.when(reduce{ada, "FLOOR", 3}).then_refused(errc::not_held);
  session.when(reduce{ada, "FLOOR", 0}).then_refused(errc::invalid_value);
  session.when(reduce{bob, "FLOOR", 1}).then_refused(errc::not_found);
  session.when(reduce{ada, "FLOOR", 2}).then({removed{"FLOOR"}});
  given({opened_by_ada(), two_blocks})
    .when(reduce{ada, "A-1-1", 1})
    .then({removed{"A-1-1"}});
}

TEST(removing, of_some_places_takes_back_what_may_be_half_bought) {
  auto session = given({opened_by_ada(), added{{floor_places(3)}},
                        started(1, 6000, t0 + 16min, t0),
                        payment_failed{nth_payment(1), outcome::failed}});
  session.when(reduce{ada, "FLOOR", 1}, t0 + 2min)
    .then_tells<seat_block::take_back>(
      0, block("FLOOR"),
      [](const auto& told) { return told.keep_until == t0 + 16min + grace; })
    .then_tells<seat_block::release>(
      1, block("FLOOR"), [](const auto& told) { return told.places == 1; });
  EXPECT_EQ(session.state().owed.size(), 1u);
}

TEST(removing, takes_back_what_a_late_success_has_half_bought) {
  auto session = given_checkout();
  session.when(told(outcome::failed)).when(told(outcome::paid));
  session.when_granted().when_granted(); // secured
  session.when_granted().when_refused(errc::outcome_unknown);
  session.when(booking_session::remove{ada, "A-1-1"})
    .then({removed{"A-1-1"}})
    .then_letters(2)
    .then_tells<seat_block::take_back>(
      0, block("A"),
      [](const auto& told) { return told.keep_until == t0 + 16min + grace; })
    .then_tells<seat_block::release>(1, block("A"), [](const auto& told) {
      return told.seats == std::vector<std::string>{"1-1"};
    });
}

TEST(removing, concerns_only_one_of_two_seats_that_are_half_sold) {
  const seat_block::opened on_sale{
    concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false};
  auto seats = scenario<seat_block::state>{
    block("A").key,
    {on_sale, seat_block::held{cart_id, {0, 1}, 0, t0 + 17min}}};
  auto obeys = [&](const letter& one, timestamp now) {
    seats.when(std::get<seat_block::command>(one.what), now);
  };
  auto session = given_checkout();
  session.when(told(outcome::failed)).when(told(outcome::paid));
  session.when_granted().when_granted(); // secured
  obeys(session.said().ask->ask, t0);
  seats.then({seat_block::sold{cart_id, {0, 1}, 0, 2}});
  session.when_granted().when_refused(errc::outcome_unknown);
  session.when(booking_session::remove{ada, "A-1-1"}, t0 + 2min);
  for (const auto& one : session.said().letters)
    obeys(one, t0 + 2min);
  EXPECT_EQ(seats.state().sold.size(), 0u);
  EXPECT_EQ(seats.state().held.at(cart_id).seats,
            std::vector<seat_block::seat_no>{1});
  checkout again;
  again.caller = ada;
  again.method = "card";
  session.when(again, t0 + 3min).then_asks<seat_block::extend>(block("A"));
  obeys(session.said().ask->ask, t0 + 3min);
  EXPECT_TRUE(seats.said().reply ? seats.said().reply->granted() : true);
  EXPECT_EQ(seats.state().held.at(cart_id).size(), 1u);
}

TEST(removing, tells_the_allowance_if_it_counts) {
  given({opened_by_ada(), shared{}, two_blocks})
    .when(booking_session::remove{ada, "B-1-1"})
    .then_letters(2)
    .then_tells<allowance::claim>(
      1, the_allowance, [](const auto& told) { return told.total == 2; });
}

TEST(removing, is_for_the_owner_of_an_open_session_only) {
  given({opened_by_ada(), two_blocks})
    .when(booking_session::remove{bob, "A-1-1"})
    .then_refused(errc::not_found);
  given_checkout()
    .when(booking_session::remove{ada, "A-1-1"})
    .then_refused(errc::session_not_open);
}

TEST(extending, asks_every_block_then_moves_the_end_by_one_step) {
  auto session = given({opened_by_ada(), two_blocks});
  auto until = [](timestamp t, std::uint32_t n) {
    return [=](const seat_block::extend& asked) {
      return asked.until == t && asked.seats.size() == n;
    };
  };
  session.when(extend{ada, false, {}, 0, {}, 4min}, t0 + 5min)
    .then_asks<seat_block::extend>(block("A"), until(t0 + 14min, 2));
  session.when_granted().then_asks<seat_block::extend>(block("B"),
                                                       until(t0 + 14min, 1));
  session.when_granted().then({extended{t0 + 14min}});
}

TEST(extending, is_bounded_by_an_absolute_end) {
  given({opened_by_ada(), extended{t0 + 20min}})
    .when(extend{ada, false, {}, 0, {}})
    .then_refused(errc::cannot_extend);
  given({opened_by_ada(), extended{t0 + 18min}})
    .when(extend{ada, false, {}, 0, {}})
    .then({extended{t0 + 20min}});
}

TEST(extending, fails_when_a_hold_has_lapsed) {
  given({opened_by_ada(), two_blocks})
    .when(extend{ada, false, {}, 0, {}})
    .when_refused(errc::hold_expired)
    .then_refused(errc::hold_expired);
}

TEST(cancelling, says_farewell_to_blocks_allowance_and_room) {
  auto terms = opened_by_ada();
  terms.queue_number = 7;
  given({terms, two_blocks, shared{}})
    .when(cancel{ada})
    .then({cancelled{}})
    .then_letters(4)
    .then_tells<seat_block::release>(0, block("A"))
    .then_tells<seat_block::release>(1, block("B"))
    .then_tells<allowance::leave>(
      2, the_allowance, [](const auto& told) { return told.bought == 0; })
    .then_tells<waiting_room::check_out>(3, the_room);
}

TEST(cancelling, is_no_news_to_an_allowance_that_did_not_count) {
  given({opened_by_ada(), two_blocks})
    .when(cancel{ada})
    .then_letters(2)
    .then_tells<seat_block::release>(
      0, block("A"), [](const auto& told) { return told.round == 0; })
    .then_tells<seat_block::release>(1, block("B"));
}

TEST(cancelling, again_is_no_error_and_too_late_is) {
  given({opened_by_ada(), cancelled{}}).when(cancel{ada}).then_nothing();
  given({opened_by_ada(), expired{}})
    .when(cancel{ada})
    .then_refused(errc::session_not_open);
  given({opened_by_ada()}).when(cancel{bob}).then_refused(errc::not_found);
}

TEST(cancelling, is_possible_while_the_payment_is_open) {
  given_checkout().when(cancel{ada}).then({cancelled{}});
}

TEST(a_cancelled_event, ends_a_session_that_is_open) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(wind_up{})
    .then({cancelled{}})
    .then_letters(2)
    .then_tells<seat_block::release>(0, block("A"))
    .then_tells<seat_block::release>(1, block("B"));
  session.when(wind_up{}).then_nothing().then_letters(0);
}

TEST(a_cancelled_event, lets_nobody_pay_any_more) {
  auto session = given_checkout();
  session.when(wind_up{}, t0 + 2min)
    .then({cancelled{}})
    .then_letters(5)
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<payment::notify>(
      4, {entity_kind::payment, nth_payment(1).value}, [](const auto& told) {
        return told.what == payment::report::expired && !told.told;
      });
  session.when(told(outcome::expired)).then_nothing();
  session
    .when(told(outcome::paid)) // it was on its way
    .then({refund_due{nth_payment(1)}});
  EXPECT_TRUE(session.replied<settled>().refund);
}

TEST(a_cancelled_event, leaves_alone_what_is_over_or_never_began) {
  given({}).when(wind_up{}).then_nothing().then_letters(0);
  given({opened_by_ada(), two_blocks, expired{}})
    .when(wind_up{})
    .then_nothing()
    .then_letters(0);
}

TEST(cancelling, takes_back_what_a_checkout_may_have_sold) {
  auto session = given_checkout();
  session.when(told(outcome::paid)).when_granted();
  session.when_refused(errc::outcome_unknown);
  session.when(cancel{ada})
    .then({cancelled{}})
    .then_letters(4)
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::release>(1, block("B"))
    .then_tells<seat_block::take_back>(2, block("A"))
    .then_tells<seat_block::release>(3, block("A"));
}

TEST(expiring, happens_at_the_end_and_frees_everything) {
  auto session = given({opened_by_ada(), two_blocks, shared{}});
  session.when(wake{}, t0 + 10min - 1ms).then_nothing().then_letters(0);
  session.when(wake{}, t0 + 10min)
    .then({expired{}})
    .then_tells<seat_block::release>(
      0, block("A"), [](const auto& told) { return told.round == 1; })
    .then_tells<seat_block::release>(1, block("B"))
    .then_tells<allowance::leave>(2, the_allowance);
  EXPECT_EQ(session.wakes_at(), std::nullopt);
}

TEST(sharing, tells_the_usage_and_counts_from_then_on) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(share{}).then({shared{}});
  EXPECT_EQ(session.replied<used>().tickets, 3u);
  EXPECT_FALSE(session.replied<used>().over);
  session.when(share{}).then_nothing();
}

TEST(sharing, tells_that_a_session_is_over_and_what_it_bought) {
  auto session = given({opened_by_ada(), two_blocks, expired{}});
  session.when(share{}).then_nothing();
  EXPECT_TRUE(session.replied<used>().over);
  EXPECT_EQ(session.replied<used>().tickets, 0u);
  EXPECT_TRUE(given({}).when(share{}).replied<used>().over);
}

TEST(describing, is_for_the_owner) {
  given({opened_by_ada()}).when(describe{bob}).then_refused(errc::not_found);
  EXPECT_EQ(given({opened_by_ada()}).when(describe{ada}).said().show, 200);
}

TEST(describing, shows_the_cart_and_the_payment) {
  auto session = given_checkout();
  const auto text = render(session.state(), cart);
  EXPECT_NE(text.find(R"("status":"checkout")"), std::string::npos);
  EXPECT_NE(text.find(R"("total":{"amount":15000,"currency":"EUR"})"),
            std::string::npos);
  EXPECT_NE(text.find(to_string(nth_payment(1).value)), std::string::npos);
  EXPECT_NO_THROW(json::parse(text));
}

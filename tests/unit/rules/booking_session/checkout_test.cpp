#include "tests/unit/rules/booking_session/carts.hpp"

#include <set>

using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

namespace {

checkout by(account_id who) {
  checkout out;
  out.caller = who;
  out.method = "card";
  return out;
}

} // namespace

TEST(checking_out, holds_every_block_for_the_payment_window_and_a_little) {
  auto session = given({opened_by_ada(), two_blocks});
  auto until = [](timestamp t) {
    return [t](const seat_block::extend& asked) { return asked.until == t; };
  };
  session.when(by(ada), t0 + 1min)
    .then_asks<seat_block::extend>(block("A"), until(t0 + 16min + grace));
  session.when_granted({}, t0 + 1min)
    .then_asks<seat_block::extend>(block("B"), until(t0 + 16min + grace));
  EXPECT_FALSE(session.said().ask->newborn);
  session.when_granted({}, t0 + 1min)
    .then({first_checkout()})
    .then_asks<payment::create>(
      {entity_kind::payment, nth_payment(1).value}, [](const auto& asked) {
        return asked.amount == money{price_of_two_blocks, "EUR"}
               && asked.payer == ada && asked.until == t0 + 16min
               && asked.session == cart_id;
      });
  EXPECT_TRUE(session.said().ask->newborn);
  session.when_granted(payment::standing{}, t0 + 1min).then_nothing();
  EXPECT_EQ(session.said().show, 200);
  EXPECT_EQ(session.state().status, status::checkout);
}

namespace {

/// Ada holds a seat in A and one in B that cost nothing.
scenario<state> given_for_nothing() {
  auto a = a_seat("A", "1-1");
  auto b = a_seat("B", "1-1");
  a.price = b.price = 0;
  return given({opened_by_ada(), added{{a, b}}});
}

} // namespace

TEST(checking_out, buys_at_once_what_is_free) {
  auto session = given_for_nothing();
  session.when(by(ada)).when_granted().when_granted();
  session.then({started(1, 0, t0 + 15min, t0)})
    .then_asks<seat_block::confirm>(block("A"));
  session.when_granted().then_asks<seat_block::confirm>(block("B"));
  session.when_granted();
  EXPECT_EQ(session.state().status, status::completed);
  EXPECT_EQ(session.state().tickets.size(), 2u);
  EXPECT_EQ(session.said().show, 200) << "the buyer waits for it";
  EXPECT_EQ(render(session.state(), cart).find("payment"), std::string::npos);
}

TEST(checking_out, goes_on_with_what_is_free_after_a_crash) {
  auto session = given_for_nothing();
  session.when(by(ada)).when_granted().when_granted();
  auto again = session;
  again
    .when(by(ada), t0 + 1min) // the buyer asks again
    .then_asks<seat_block::confirm>(block("A"));
  session
    .when(wake{}, t0 + 16min) // or nobody does
    .then_asks<seat_block::extend>(block("A"));
}

TEST(checking_out, gives_back_what_is_free_when_a_block_refuses) {
  auto session = given_for_nothing();
  session.when(by(ada)).when_granted().when_granted().when_granted();
  session.when_refused(errc::event_cancelled)
    .then_refused(errc::event_cancelled,
                  {payment_failed{nth_payment(1), outcome::failed},
                   removed{"A-1-1"}, removed{"B-1-1"}})
    .then_letters(4)
    .then_tells<seat_block::take_back>(0, block("B"))
    .then_tells<seat_block::take_back>(2, block("A"));
  EXPECT_TRUE(session.state().refunds.empty());
  EXPECT_EQ(session.state().owed.size(), 2u) << "for letters may be lost";
}

TEST(checking_out, tells_an_allowance_that_counts_what_was_not_given_away) {
  auto session = given_for_nothing();
  session.when(share{}).then({shared{}});
  session.when(by(ada)).when_granted().when_granted();
  session.when_refused(errc::hold_expired)
    .then_letters(5)
    .then_tells<allowance::claim>(4, the_allowance, [](const auto& told) {
      return told.session == cart_id && told.total == 0;
    });
}

TEST(checking_out, has_each_payment_in_the_shard_of_its_session) {
  std::set<payment_id> different;
  for (unsigned i = 0; i < 100; ++i) {
    const auto session = mint_uuid();
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
      const auto id = payment_of(session, attempt);
      EXPECT_EQ(shard_of({entity_kind::payment, id.value}),
                shard_of({entity_kind::booking_session, session}));
      EXPECT_EQ(payment_of(session, attempt), id);
      different.insert(id);
    }
  }
  EXPECT_EQ(different.size(), 300u);
}

TEST(checking_out, wants_somebody_to_take_the_money) {
  auto wanted = by(ada);
  wanted.takes_money = false;
  given({opened_by_ada(), two_blocks})
    .when(wanted)
    .then_refused(errc::invalid_value);
  given_for_nothing().when(wanted).then_asks<seat_block::extend>(block("A"));
}

TEST(checking_out, wants_to_know_how_to_pay_only_for_what_has_a_price) {
  auto wanted = by(ada);
  wanted.method.clear();
  auto session = given({opened_by_ada(), two_blocks});
  session.when(wanted).then_refused(errc::missing_field);
  EXPECT_EQ(session.said().reply->more, "\"field\":\"payment_method\"");
  given_for_nothing().when(wanted).then_asks<seat_block::extend>(block("A"));
}

TEST(checking_out, fails_when_a_hold_has_lapsed) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(by(ada))
    .when_refused(errc::hold_expired)
    .then_refused(errc::hold_expired);
  EXPECT_EQ(session.state().status, status::open);
}

TEST(checking_out, has_a_block_judge_the_seats_if_some_left_the_cart) {
  auto judged = [](bool it_is) {
    return [=](const seat_block::extend& asked) {
      return asked.judged.value_or(false) == it_is;
    };
  };
  auto session = given({opened_by_ada(), two_blocks, removed{"A-1-2"}});
  session.when(by(ada)).then_asks<seat_block::extend>(block("A"), judged(true));
  auto refused = session;
  refused.when_refused(errc::orphan_seat).then_refused(errc::orphan_seat);
  EXPECT_EQ(refused.state().status, status::open);
  EXPECT_EQ(refused.state().items.size(), 2u);
  refused.when(by(ada)).then_asks<seat_block::extend>(block("A"), judged(true));
  session.when_granted().then_asks<seat_block::extend>(block("B"),
                                                       judged(false));
  session.when_granted().when(told(outcome::failed)); // judged once
  session.when(by(ada), t0 + 1min)
    .then_asks<seat_block::extend>(block("A"), judged(false));
}

TEST(checking_out, tells_what_can_be_done_about_a_seat_left_alone) {
  const auto lonely =
    std::make_shared<const answer>(answer{errc::orphan_seat, "\"seats\":[]"});
  auto told_in = [&](scenario<state> session) {
    session.when(by(ada), t0 + 2min).when_answered(lonely, t0 + 2min);
    session.then_refused(errc::orphan_seat);
    const auto more = "{" + session.said().reply->more + "}";
    const auto problem = json::parse(more);
    EXPECT_TRUE(problem.as_object().contains("seats"));
    return json::get<std::string>(problem.as_object().at("advice"));
  };
  const auto in_open =
    told_in(given({opened_by_ada(), two_blocks, removed{"A-1-2"}}));
  const auto in_failed = told_in(
    given({opened_by_ada(), two_blocks, first_checkout(),
           payment_failed{nth_payment(1), outcome::failed}, removed{"A-1-2"}}));
  auto from_queue = opened_by_ada();
  from_queue.queue_number = 7;
  const auto with_turn = told_in(
    given({from_queue, two_blocks, first_checkout(),
           payment_failed{nth_payment(1), outcome::failed}, removed{"A-1-2"}}));
  EXPECT_EQ(in_open, to_string(advice::hold_again));
  EXPECT_EQ(in_failed, to_string(advice::give_back_or_cancel));
  EXPECT_EQ(with_turn, to_string(advice::give_back_more))
    << "to cancel would end the turn";
}

TEST(checking_out, needs_an_owner_seats_time_and_no_other_payment) {
  given({opened_by_ada()}).when(by(bob)).then_refused(errc::not_found);
  given({opened_by_ada()}).when(by(ada)).then_refused(errc::empty_session);
  given({opened_by_ada(), two_blocks})
    .when(by(ada), t0 + 10min)
    .then_refused(errc::session_expired);
  given_checkout().when(by(ada)).then_refused(errc::payment_pending);
  given_checkout().when(by(bob)).then_refused(errc::not_found).then_letters(0);
  given({opened_by_ada(), cancelled{}})
    .when(by(ada))
    .then_refused(errc::session_not_open);
}

TEST(checking_out, refuses_a_total_that_no_number_can_hold) {
  auto dear = a_seat("A", "1-1");
  dear.price = std::numeric_limits<std::int64_t>::max();
  given({opened_by_ada(), added{{dear, a_seat("B", "1-1")}}})
    .when(by(ada))
    .then_refused(errc::invalid_value);
}

TEST(checking_out, again_after_a_failure_gets_the_rest_of_the_window) {
  auto session = given_checkout();
  session.when(told(outcome::failed), t0 + 5min);
  EXPECT_EQ(session.state().status, status::failed);
  session.when(by(ada), t0 + 6min)
    .when_granted({}, t0 + 6min)
    .when_granted({}, t0 + 6min)
    .then({started(2, price_of_two_blocks, t0 + 16min, t0 + 6min)});
}

TEST(checking_out, asks_the_payment_how_it_stands_before_a_seat_is_freed) {
  auto session = given_checkout();
  EXPECT_EQ(session.wakes_at(), t0 + 16min + grace / 2);
  session.when(wake{}, t0 + 16min).then_nothing().then_asks_nobody();
  session.when(wake{}, t0 + 17min)
    .then_asks<payment::inquire>({entity_kind::payment, nth_payment(1).value});
}

TEST(reconciling, waits_while_the_payment_is_pending_or_silent) {
  payment::standing pending;
  pending.now = payment::status::pending;
  given_checkout()
    .when(wake{}, t0 + 17min)
    .when_granted(pending, t0 + 17min)
    .then_nothing();
  given_checkout()
    .when(wake{}, t0 + 17min)
    .when_refused(errc::outcome_unknown, t0 + 17min)
    .then_letters(0)
    .then_asks_nobody();
}

TEST(checking_out, by_the_same_request_is_the_same_attempt) {
  auto wanted = by(ada);
  wanted.request = nth(60);
  auto begun = first_checkout();
  begun.request = wanted.request;
  auto session = given({opened_by_ada(), two_blocks});
  session.when(wanted, t0 + 1min).when_granted({}, t0 + 1min);
  session.when_granted({}, t0 + 1min).then({begun});
  session = given({opened_by_ada(), two_blocks, begun}); // a crash
  session.when(by(ada)).then_refused(errc::payment_pending);
  session.when(wanted, t0 + 2min)
    .then_nothing()
    .then_asks<payment::create>(
      {entity_kind::payment, nth_payment(1).value},
      [](const auto& asked) { return asked.until == t0 + 16min; });
  session.when_granted(payment::standing{}, t0 + 2min).then_nothing();
  EXPECT_EQ(session.said().show, 200);
  session.when(told(outcome::failed));
  session.when(wanted, t0 + 3min).then_nothing().then_asks_nobody();
  EXPECT_EQ(session.said().show, 200);
  session.when(by(ada), t0 + 3min).then_asks<seat_block::extend>(block("A"));
}

TEST(checking_out, by_the_same_request_buys_once_what_is_free) {
  auto wanted = by(ada);
  wanted.request = nth(60);
  auto session = given_for_nothing();
  session.when(wanted).when_granted().when_granted();
  auto bought = session;
  bought.when_granted().when_granted();
  bought.when(wanted).then_nothing();
  EXPECT_EQ(bought.said().show, 200);
  session.when(wanted).then_asks<seat_block::confirm>(block("A"));
  session.when_refused(errc::hold_expired);
  session.when(wanted).then_refused(errc::empty_session);
}

TEST(checking_out, again_makes_a_payment_that_was_lost_in_a_crash) {
  given_checkout()
    .when(by(ada), t0 + 2min)
    .then_refused(errc::payment_pending)
    .then_tells<payment::create>(
      0, {entity_kind::payment, nth_payment(1).value}, [](const auto& told) {
        return told.amount == money{price_of_two_blocks, "EUR"}
               && told.until == t0 + 16min && told.method == "card";
      });
}

TEST(reconciling, ends_the_session_when_its_payment_was_lost_in_a_crash) {
  given_checkout()
    .when(wake{}, t0 + 17min)
    .when_refused(errc::not_found, t0 + 17min)
    .then({payment_failed{nth_payment(1), outcome::expired}, expired{}});
}

TEST(reconciling, ends_the_session_when_no_money_will_come) {
  payment::standing expired_payment;
  expired_payment.now = payment::status::expired;
  given_checkout()
    .when(wake{}, t0 + 17min)
    .when_granted(expired_payment, t0 + 17min)
    .then({payment_failed{nth_payment(1), outcome::expired}, expired{}})
    .then_tells<seat_block::release>(0, block("A"))
    .then_tells<seat_block::release>(1, block("B"));
}

TEST(reconciling, completes_when_the_money_is_there) {
  payment::standing paid;
  paid.now = payment::status::completed;
  auto session = given_checkout();
  session.when(wake{}, t0 + 17min)
    .when_granted(paid, t0 + 17min)
    .then_asks<seat_block::extend>(block("A"));
  for (int i = 0; i < 4; ++i)
    session.when_granted({}, t0 + 17min);
  EXPECT_EQ(session.state().status, status::completed);
}

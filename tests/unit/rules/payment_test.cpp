#include "actors/payment/payment.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::payment;

namespace {

constexpr uuid self = nth(50);
constexpr session_id cart{nth(40)};
const entity_id the_session{entity_kind::booking_session, cart.value};
const money price{15000, "EUR"};
const created an_intent{cart, concert, ada, price, "card", t0 + 15min, t0};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{self, past};
}

notify saying(report what, money amount = price) {
  notify out;
  out.callback = "cb-1";
  out.what = what;
  out.amount = std::move(amount);
  return out;
}

bool is_refund(const errand& what) {
  auto* call = std::get_if<refund_call>(&what);
  return call && call->payment.value == self && call->amount == price;
}

} // namespace

TEST(payment, journals_the_intent_and_takes_a_repeat_for_what_it_is) {
  const create order{cart, concert, ada, price, "card", t0 + 15min};
  auto payment = given({});
  payment.when(order).then({an_intent});
  EXPECT_EQ(payment.replied<standing>().now, status::pending);
  payment.when(order, t0 + 1min).then_nothing();
  EXPECT_EQ(payment.replied<standing>().id.value, self);
  EXPECT_EQ(payment.wakes_at(), t0 + 15min);
}

TEST(payment, tells_the_session_before_it_thanks_the_provider) {
  auto payment = given({an_intent});
  payment.when(saying(report::succeeded), t0 + 1min)
    .then({completed{"cb-1", t0 + 1min}})
    .then_asks<booking_session::settle>(the_session, [](const auto& asked) {
      return asked.payment.value == self
             && asked.how == booking_session::outcome::paid;
    });
  EXPECT_FALSE(payment.said().reply);
  payment.when_granted(booking_session::settled{false}).then({settled{}});
  EXPECT_FALSE(payment.wakes_at());
}

TEST(payment, tells_the_session_again_until_it_has_heard) {
  const auto late = an_intent.until + 1min;
  auto payment = given({an_intent, completed{"cb-1", late}});
  EXPECT_EQ(payment.wakes_at(), late + patience);
  payment.when(wake{}, late + patience)
    .then_nothing()
    .then_asks<booking_session::settle>(the_session, [](const auto& asked) {
      return asked.how == booking_session::outcome::paid;
    });
  payment.when_refused(errc::outcome_unknown);
  EXPECT_TRUE(payment.wakes_at());
  payment.when(wake{}, late + 2 * patience)
    .when_granted(booking_session::settled{true})
    .then({refund_started{}});
}

TEST(payment, needs_no_alarm_of_its_own_for_a_session_that_waits_for_it) {
  auto payment = given({an_intent});
  const auto before = payment.wakes_at();
  payment.when(saying(report::succeeded), t0 + 1min);
  EXPECT_EQ(payment.wakes_at(), before);
}

TEST(payment, lets_the_provider_ask_again_when_the_session_does_not_answer) {
  given({an_intent})
    .when(saying(report::succeeded))
    .when_refused(errc::outcome_unknown)
    .then_refused(errc::outcome_unknown);
}

TEST(payment, starts_a_refund_when_no_seat_can_be_given) {
  auto payment = given({an_intent});
  payment.when(saying(report::succeeded))
    .when_granted(booking_session::settled{true})
    .then({refund_started{}});
  ASSERT_EQ(payment.said().errands.size(), 1u);
  EXPECT_TRUE(is_refund(payment.said().errands[0]));
}

TEST(payment, asks_for_the_refund_until_the_provider_has_done_it) {
  auto payment = given({an_intent, completed{"cb-1", t0}, refund_started{}});
  payment.when(wake{}, t0 + 1min);
  ASSERT_EQ(payment.said().errands.size(), 1u);
  EXPECT_TRUE(is_refund(payment.said().errands[0]));
  payment.when(refund_done{false}).then_nothing();
  EXPECT_TRUE(payment.wakes_at());
  payment.when(refund_done{true}).then({refunded{}});
  payment.when(refund_done{true}).then_nothing();
  EXPECT_FALSE(payment.wakes_at());
}

TEST(payment, hears_a_repeated_success_without_a_second_effect) {
  given({an_intent, completed{"cb-1", t0}})
    .when(saying(report::succeeded))
    .then_nothing()
    .then_asks<booking_session::settle>(the_session);
  given({an_intent, completed{"cb-1", t0}, settled{}})
    .when(saying(report::succeeded))
    .then_nothing()
    .then_asks_nobody();
}

TEST(payment, that_is_refunded_stays_refunded) {
  for (const auto what : {report::succeeded, report::failed, report::expired})
    given({an_intent, completed{"cb-1", t0}, refund_started{}, refunded{}})
      .when(saying(what))
      .then_nothing()
      .then_asks_nobody();
}

TEST(payment, refuses_and_records_a_wrong_amount_or_currency) {
  for (const auto& claimed : {money{14999, "EUR"}, money{15000, "VND"}}) {
    auto payment = given({an_intent});
    payment.when(saying(report::succeeded, claimed))
      .then_refused(errc::wrong_amount, {amount_mismatch{"cb-1", claimed}});
    EXPECT_EQ(payment.state().status, status::pending);
    EXPECT_EQ(payment.state().incidents, 1u);
  }
}

TEST(payment, records_a_wrong_amount_that_is_said_twice_once) {
  const money wrong{14999, "EUR"};
  auto payment = given({an_intent});
  payment.when(saying(report::succeeded, wrong));
  payment.when(saying(report::succeeded, wrong))
    .then_refused(errc::wrong_amount, {});
  auto other = saying(report::succeeded, wrong);
  other.callback = "cb-2";
  payment.when(other).then_refused(errc::wrong_amount,
                                   {amount_mismatch{"cb-2", wrong}});
  EXPECT_EQ(payment.state().incidents, 2u);
}

TEST(payment, of_a_wrong_amount_ends_with_its_window) {
  const money wrong{14999, "EUR"};
  auto found = saying(report::succeeded, wrong);
  found.callback = "inquiry";
  given({an_intent, amount_mismatch{"cb-1", wrong}})
    .when(found, t0 + 14min)
    .then_refused(errc::wrong_amount, {});
  given({an_intent, amount_mismatch{"cb-1", wrong}})
    .when(found, t0 + 15min)
    .then({expired{}})
    .then_asks<booking_session::settle>(the_session, [](const auto& asked) {
      return asked.how == booking_session::outcome::expired;
    });
  given({an_intent})
    .when(found, t0 + 15min)
    .then({amount_mismatch{"inquiry", wrong}, expired{}});
}

TEST(payment, that_failed_or_expired_can_still_succeed_late) {
  for (const auto& end : {fact{failed{"cb-0"}}, fact{expired{}}})
    given({an_intent, end})
      .when(saying(report::succeeded), t0 + 1h)
      .then({completed{"cb-1", t0 + 1h}})
      .then_asks<booking_session::settle>(the_session);
}

TEST(payment, that_succeeded_does_not_fail_any_more) {
  given({an_intent, completed{"cb-1", t0}})
    .when(saying(report::failed))
    .then_nothing()
    .then_asks_nobody();
}

TEST(payment, tells_the_session_of_a_failure_as_often_as_it_is_said) {
  auto is_failure = [](const booking_session::settle& asked) {
    return asked.how == booking_session::outcome::failed;
  };
  auto payment = given({an_intent});
  payment.when(saying(report::failed))
    .then({failed{"cb-1"}})
    .then_asks<booking_session::settle>(the_session, is_failure);
  payment.when_refused(errc::outcome_unknown)
    .then_refused(errc::outcome_unknown);
  payment.when(saying(report::failed))
    .then_nothing()
    .then_asks<booking_session::settle>(the_session, is_failure);
  payment.when_granted(booking_session::settled{false}).then_nothing();
  payment.when(saying(report::expired)).then_nothing().then_asks_nobody();
}

TEST(payment, tells_the_session_again_that_the_window_is_over) {
  given({an_intent, expired{}})
    .when(saying(report::expired))
    .then_nothing()
    .then_asks<booking_session::settle>(the_session, [](const auto& asked) {
      return asked.how == booking_session::outcome::expired;
    });
  given({an_intent, expired{}})
    .when(saying(report::failed))
    .then_nothing()
    .then_asks_nobody();
}

TEST(payment, asks_the_provider_at_the_end_of_the_window) {
  auto payment = given({an_intent});
  payment.when(wake{}, t0 + 15min - 1ms).then_nothing();
  EXPECT_TRUE(payment.said().errands.empty());
  payment.when(wake{}, t0 + 15min).then_nothing();
  ASSERT_EQ(payment.said().errands.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<inquiry_call>(payment.said().errands[0]));
}

namespace {

bool asks_provider(const scenario<state>& payment) {
  const auto& calls = payment.said().errands;
  return calls.size() == 1 && std::holds_alternative<inquiry_call>(calls[0]);
}

} // namespace

TEST(payment, that_came_to_nothing_is_looked_up_twice_more) {
  auto payment = given({an_intent, failed{"cb-0"}});
  const auto until = an_intent.until;
  EXPECT_EQ(payment.wakes_at(), until + 5min);
  payment.when(wake{}, until).then_nothing(); // the alarm of its window
  EXPECT_FALSE(asks_provider(payment));
  payment.when(wake{}, until + 5min).then({looked_again{1}});
  EXPECT_TRUE(asks_provider(payment));
  payment.when(saying(report::failed), until + 5min).then_nothing();
  EXPECT_EQ(payment.wakes_at(), until + 1h);
  payment.when(wake{}, until + 1h).then_nothing();
  EXPECT_TRUE(asks_provider(payment));
  EXPECT_EQ(payment.wakes_at(), until + 1h) << "until it answers";
  payment.when(saying(report::expired), until + 1h)
    .then({looked_again{2}})
    .then_asks_nobody();
  EXPECT_FALSE(payment.wakes_at());
}

TEST(payment, that_is_found_paid_late_is_as_good_as_one_we_are_told_of) {
  auto found = saying(report::succeeded);
  found.callback = "inquiry";
  auto payment = given({an_intent, expired{}});
  const auto late = an_intent.until + 5min;
  payment.when(wake{}, late).when(found, late);
  payment.then({completed{"inquiry", late}})
    .then_asks<booking_session::settle>(the_session, [](const auto& asked) {
      return asked.how == booking_session::outcome::paid;
    });
  payment.when_granted(booking_session::settled{true}, late)
    .then({refund_started{}});
}

TEST(payment, gives_up_a_provider_that_does_not_answer) {
  auto payment = given({an_intent, expired{}, looked_again{1}});
  const auto last = an_intent.until + 1h;
  payment.when(wake{}, last).then_nothing();
  EXPECT_TRUE(asks_provider(payment));
  payment.when(wake{}, last + last_patience - 1ms).then_nothing();
  EXPECT_TRUE(asks_provider(payment));
  payment.when(wake{}, last + last_patience).then({looked_again{2}});
  EXPECT_TRUE(asks_provider(payment)) << "it may be the first time, after all";
  EXPECT_FALSE(payment.wakes_at());
}

TEST(payment, of_a_wrong_amount_is_not_looked_up_for_ever) {
  const money wrong{14999, "EUR"};
  auto found = saying(report::succeeded, wrong);
  found.callback = "inquiry";
  given({an_intent, amount_mismatch{"cb-1", wrong}, expired{}})
    .when(found, an_intent.until + 1h)
    .then_refused(errc::wrong_amount, {looked_again{2}});
}

TEST(payment, is_shown_to_its_payer_only) {
  given({an_intent}).when(describe{bob}).then_refused(errc::not_found);
  EXPECT_EQ(given({an_intent}).when(describe{ada}).said().show, 200);
  given({}).when(describe{ada}).then_refused(errc::not_found);
  given({}).when(inquire{}).then_refused(errc::not_found);
  given({}).when(saying(report::succeeded)).then_refused(errc::not_found);
  EXPECT_NO_THROW(json::parse(render(given({an_intent}).state(), self)));
}

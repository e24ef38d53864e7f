#include "tests/unit/rules/booking_session/carts.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

namespace {

open by_ada(std::uint64_t queue_number = 0) {
  open out;
  out.caller = ada;
  out.event = concert;
  out.queue_number = queue_number;
  return out;
}

std::shared_ptr<const event::terms> terms_with_room() {
  auto out = std::make_shared<event::terms>(*terms_of_sale());
  out->rules.waiting_room.enabled = true;
  return out;
}

} // namespace

TEST(opening_a_session, asks_the_event_then_the_allowance) {
  auto session = given({});
  session.when(by_ada()).then_asks<event::admit>(the_event);
  session.when_granted(terms_of_sale())
    .then_asks<allowance::enter>(the_allowance, [](const auto& asked) {
      return asked.session == cart_id && asked.limit == 4;
    });
  session.when_granted(allowance::entered_as{false, 4});
  EXPECT_EQ(session.state().status, status::open);
  EXPECT_FALSE(session.state().shared);
  EXPECT_EQ(session.state().expires_at, t0 + 10min);
  EXPECT_EQ(session.state().terms.last_moment, t0 + 30min);
  EXPECT_EQ(session.said().show, 201);
  EXPECT_EQ(session.wakes_at(), t0 + 10min);
}

TEST(opening_a_session, never_lasts_longer_than_the_house_allows) {
  auto wanted = by_ada();
  wanted.max_hold = 7min;
  auto session = given({});
  session.when(wanted)
    .when_granted(terms_of_sale())
    .when_granted(allowance::entered_as{false, 4});
  EXPECT_EQ(session.state().expires_at, t0 + 7min);
  EXPECT_EQ(session.state().terms.last_moment, t0 + 7min);
}

TEST(opening_a_session, is_refused_for_the_reason_of_who_was_asked) {
  given({})
    .when(by_ada())
    .when_refused(errc::not_on_sale)
    .then_refused(errc::not_on_sale);
  given({})
    .when(by_ada())
    .when_granted(terms_of_sale())
    .when_refused(errc::unavailable)
    .then_refused(errc::unavailable);
}

TEST(opening_a_session, needs_a_token_where_there_is_a_waiting_room) {
  given({})
    .when(by_ada())
    .when_granted(terms_with_room())
    .then_refused(errc::checkout_token_required);
}

TEST(opening_a_session, checks_in_at_the_waiting_room_when_all_else_agreed) {
  auto session = given({});
  session.when(by_ada(7))
    .when_granted(terms_with_room())
    .then_asks<allowance::enter>(the_allowance);
  session.when_granted(allowance::entered_as{true, 2})
    .then_asks<waiting_room::check_in>(the_room, [](const auto& asked) {
      return asked.number == 7 && asked.session == cart_id;
    });
  session.when_granted();
  EXPECT_EQ(session.state().status, status::open);
  EXPECT_EQ(session.state().terms.queue_number, 7u);
  EXPECT_TRUE(session.state().shared);
}

TEST(opening_a_session, binds_no_turn_when_the_allowance_does_not_answer) {
  given({})
    .when(by_ada(7))
    .when_granted(terms_with_room())
    .when_refused(errc::unavailable)
    .then_refused(errc::unavailable)
    .then_letters(0);
}

TEST(opening_a_session, passes_on_what_the_room_says_and_leaves_the_allowance) {
  for (const auto why : {errc::checkout_in_progress, errc::outcome_unknown})
    given({})
      .when(by_ada(7))
      .when_granted(terms_with_room())
      .when_granted(allowance::entered_as{false, 4})
      .when_refused(why)
      .then_refused(why)
      .then_tells<allowance::leave>(0, the_allowance, [](const auto& told) {
        return told.session == cart_id && told.bought == 0;
      });
}

TEST(opening_a_session, gives_its_turn_back_when_the_room_does_not_answer) {
  given({})
    .when(by_ada(7))
    .when_granted(terms_with_room())
    .when_granted(allowance::entered_as{false, 4})
    .when_refused(errc::outcome_unknown)
    .then_letters(2)
    .then_tells<waiting_room::check_out>(
      1, the_room, [](const waiting_room::check_out& told) {
        return told.number == 7 && told.session == cart_id
               && told.unopened == true;
      });
}

TEST(opening_a_session, accounts_for_its_turn_when_the_room_asks) {
  share question;
  question.in_doubt = turn{concert, 7};
  given({opened_by_ada()}).when(question).then_nothing().then_letters(0);
  given({opened_by_ada(), expired{}})
    .when(question)
    .then_tells<waiting_room::check_out>(
      0, the_room, [](const auto& told) { return !told.unopened; });
  given({}).when(question).then_nothing().then_tells<waiting_room::check_out>(
    0, the_room,
    [](const auto& told) { return told.number == 7 && told.unopened; });
}

TEST(opening_a_session, accounts_for_what_its_turn_came_to_as_well) {
  share question;
  question.in_doubt = turn{concert, 7};
  auto terms = opened_by_ada();
  terms.queue_number = 7;
  auto session = given({terms, added{{a_seat("A", "1-1")}},
                        started(1, seat_price, t0 + 15min, t0)});
  session.when(told(outcome::paid)).when_granted().then_letters(2);
  session
    .when(question) // the letters were lost
    .then_nothing()
    .then_letters(2)
    .then_tells<waiting_room::check_out>(
      0, the_room, [](const auto& told) { return !told.unopened; })
    .then_tells<queue_slot::complete>(
      1, adas_slot, [](const auto& told) { return told.number == 7; });
}

TEST(opening_a_session, ignores_a_token_where_there_is_no_room) {
  auto session = given({});
  session.when(by_ada(7))
    .when_granted(terms_of_sale())
    .when_granted(allowance::entered_as{});
  EXPECT_EQ(session.state().terms.queue_number, 0u);
}

TEST(opening_a_session, happens_once) {
  given({opened_by_ada()}).when(by_ada()).then_refused(errc::already_exists);
}

#include "actors/allowance/allowance.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::allowance;

namespace {

constexpr session_id first{nth(41)};
constexpr session_id second{nth(42)};

entity_id cart_of(session_id who) {
  return {entity_kind::booking_session, who.value};
}

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{allowance::key_of(concert, ada), past};
}

enter entering(session_id who) {
  return {who, 4, t0 + 1h, {}, {}};
}

claim claiming(session_id who, std::uint32_t total) {
  return {who, total, {}, {}};
}

const entered first_enters{first, 4, t0 + 1h};
const entered second_enters{second, 4, t0 + 1h};

} // namespace

TEST(allowance, lets_a_session_alone_count_for_itself) {
  auto allowance = given({});
  allowance.when(entering(first)).then({first_enters});
  EXPECT_FALSE(allowance.replied<entered_as>().shared);
  EXPECT_EQ(allowance.replied<entered_as>().left, 4u);
  allowance.when(entering(first)).then_nothing();
  EXPECT_FALSE(allowance.replied<entered_as>().shared);
}

TEST(allowance, lists_the_sessions_that_have_not_left) {
  auto allowance = given({});
  allowance.when(list{}).then_nothing();
  EXPECT_TRUE(allowance.replied<guest_list>().sessions.empty());
  allowance.when(entering(first)).when(list{});
  EXPECT_EQ(allowance.replied<guest_list>().sessions, std::vector{first});
  allowance.when(leave{first, 2}).when(list{});
  EXPECT_TRUE(allowance.replied<guest_list>().sessions.empty());
}

TEST(allowance, asks_the_first_session_when_a_second_comes) {
  auto allowance = given({first_enters});
  allowance.when(entering(second))
    .then_nothing()
    .then_asks<booking_session::share>(cart_of(first));
  allowance.when_granted(booking_session::used{3, false})
    .then({counted{first, 3}, second_enters});
  EXPECT_TRUE(allowance.replied<entered_as>().shared);
  EXPECT_EQ(allowance.replied<entered_as>().left, 1u);
}

TEST(allowance, promises_nothing_when_the_first_session_does_not_answer) {
  given({first_enters})
    .when(entering(second))
    .when_refused(errc::outcome_unknown)
    .then_refused(errc::unavailable);
}

TEST(allowance, forgets_a_session_that_is_over_and_keeps_what_it_bought) {
  auto allowance = given({first_enters});
  allowance.when(entering(second))
    .when_granted(booking_session::used{3, true})
    .then({left{first, 3}, second_enters});
  EXPECT_EQ(allowance.replied<entered_as>().left, 1u);
}

TEST(allowance, counts_over_all_sessions_and_what_was_bought) {
  auto allowance = given({first_enters, counted{first, 2}, second_enters});
  allowance.when(claiming(second, 3)).then_refused(errc::limit_reached);
  allowance.when(claiming(second, 2)).then({counted{second, 2}});
  allowance.when(claiming(second, 2)).then_nothing();
  allowance.when(leave{first, 2}).then({left{first, 2}});
  allowance.when(claiming(second, 3)).then_refused(errc::limit_reached);
}

TEST(allowance, gives_back_what_a_session_did_not_buy) {
  auto allowance = given({first_enters, counted{first, 4}, second_enters});
  allowance.when(claiming(second, 1)).then_refused(errc::limit_reached);
  allowance.when(leave{first, 0}).then({left{first, 0}});
  allowance.when(claiming(second, 4)).then({counted{second, 4}});
}

TEST(allowance, says_how_many_are_left_when_it_refuses) {
  auto allowance = given({first_enters, counted{first, 1}, second_enters});
  auto too_many = claiming(second, 4);
  allowance.when(too_many).then_refused(errc::limit_reached);
  EXPECT_EQ(allowance.said().reply->more, R"("limit":4)"); // of old
  too_many.has = 2;
  allowance.when(too_many).then_refused(errc::limit_reached);
  EXPECT_EQ(allowance.said().reply->more, R"("limit":4,"left":1)");
  too_many.has = 4; // more than it may by now
  allowance.when(too_many).then_refused(errc::limit_reached);
  EXPECT_EQ(allowance.said().reply->more, R"("limit":4,"left":0)");
}

TEST(allowance, always_lets_a_session_have_less) {
  given({first_enters, counted{first, 2}, second_enters, counted{second, 2}})
    .when(claiming(second, 1))
    .then({counted{second, 1}});
}

TEST(allowance, asks_a_session_that_must_be_over_by_now) {
  given({first_enters, counted{first, 4}, second_enters})
    .when(claiming(second, 1), t0 + 1h)
    .then_asks<booking_session::share>(cart_of(first))
    .when_granted(booking_session::used{0, true}, t0 + 1h)
    .then({left{first, 0}, counted{second, 1}});
}

TEST(allowance, asks_each_session_at_most_once_even_if_it_lives_too_long) {
  constexpr session_id third{nth(43)};
  auto allowance = given({first_enters, counted{first, 1}, second_enters,
                          counted{second, 1}, entered{third, 4, t0 + 2h}});
  allowance.when(claiming(third, 2), t0 + 1h)
    .then_asks<booking_session::share>(cart_of(first));
  allowance.when_granted(booking_session::used{1, false}, t0 + 1h)
    .then_nothing()
    .then_asks<booking_session::share>(cart_of(second));
  allowance.when_granted(booking_session::used{1, false}, t0 + 1h)
    .then({counted{third, 2}})
    .then_asks_nobody();
}

TEST(allowance, writes_down_what_a_session_that_lives_too_long_has_by_now) {
  given({first_enters, counted{first, 1}, second_enters})
    .when(entering(second), t0 + 1h)
    .when_granted(booking_session::used{3, false}, t0 + 1h)
    .then({counted{first, 3}})
    .then_asks_nobody();
}

TEST(allowance, knows_no_session_that_has_not_entered) {
  given({first_enters}).when(claiming(second, 1)).then_refused(errc::not_found);
  given({first_enters}).when(leave{second, 0}).then_nothing();
}

TEST(allowance, counts_once_what_it_hears_twice) {
  auto allowance = given({first_enters, left{first, 2}});
  allowance.when(leave{first, 2}).then_nothing();
  allowance.when(leave{first, 0}).then_nothing();
}

TEST(allowance, takes_a_session_back_only_within_the_limit) {
  auto allowance = given({first_enters, left{first, 0}, second_enters});
  const come_back late{first, 3, 4, t0 + 2h, {}, {}};
  allowance.when(late)
    .then_asks<booking_session::share>(cart_of(second))
    .when_granted(booking_session::used{2, false})
    .then_refused(errc::limit_reached, {counted{second, 2}});
  allowance.when(claim{second, 1, {}, {}});
  allowance.when(late).then({entered{first, 4, t0 + 2h}, counted{first, 3}});
  allowance.when(claiming(second, 2)).then_refused(errc::limit_reached);
}

TEST(allowance, counts_what_a_session_buys_after_it_has_left) {
  auto allowance = given({first_enters, left{first, 0}, second_enters});
  allowance.when(leave{first, 2}).then({left{first, 2}});
  allowance.when(claiming(second, 3)).then_refused(errc::limit_reached);
}

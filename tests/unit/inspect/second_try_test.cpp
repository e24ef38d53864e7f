#include "node/inspect/second_try.hpp"
#include "tests/support/one_entity.hpp"

/// Dead letters that are delivered again, to entities under CAF's
/// deterministic scheduler.
using namespace usher;
using namespace usher::test;
using inspect::ending;
using inspect::try_again;
using inspect::try_all_again;

namespace {

const entity_id cart{entity_kind::booking_session, nth(40)};

/// Breaks its session: as if the event had answered, but no terms.
booking_session::command breaking(const std::string& email = {}) {
  booking_session::open out;
  out.caller = ada;
  out.event = concert;
  out.email = email;
  out.got = granting();
  return booking_session::command{out};
}

struct second_try_test : entity_actor_test {
  second_try_test() {
    asks = [this](request what) {
      heard.clear();
      asked.push_back(what.to);
      what.from = {1, {}, ++number};
      mail.deliver(std::move(what));
      sched.run();
      return heard.size() == 1 ? heard[0].what : answer{errc::outcome_unknown};
    };
  }

  /// Becomes a dead letter.
  template <class Command>
  void crash_on(const Command& what, const entity_id& who = cart) {
    for (int i = 0; i < 2; ++i)
      letters().note(request{who, any_command{what}}, "boom", now);
  }

  cluster::dead_letters& letters() { return mail.crashes(); }

  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> out;
    for (const auto& one : letters().all())
      out.push_back(one.number);
    return out;
  }

  std::vector<entity_id> asked;
  inspect::asking asks;
};

using of = std::vector<std::uint64_t>;

} // namespace

TEST_F(second_try_test, ends_what_the_entity_obeys_or_refuses) {
  crash_on(founding(), hall);
  EXPECT_EQ(try_again(letters(), asks, 1).how, ending::decided);
  EXPECT_EQ(ask(hall, looking()), errc::ok) << "it was founded";
  crash_on(founding(), hall);
  const auto came = try_again(letters(), asks, 2);
  EXPECT_EQ(came.how, ending::decided);
  EXPECT_THAT(came.said, testing::HasSubstr("already_exists"));
  EXPECT_TRUE(letters().all().empty());
  EXPECT_EQ(try_again(letters(), asks, 2).how, ending::no_letter);
}

TEST_F(second_try_test, keeps_what_crashes_again_under_its_number) {
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(ask(cart, breaking()), errc::outcome_unknown);
  ASSERT_EQ(numbers(), of{1});
  const auto came = try_again(letters(), asks, 1);
  EXPECT_EQ(came.how, ending::crashed);
  EXPECT_THAT(came.said, testing::HasSubstr(letters().all()[0].why));
  ASSERT_EQ(numbers(), of{1});
  EXPECT_EQ(letters().all()[0].crashes, 3u);
}

TEST_F(second_try_test, does_not_reach_who_is_set_aside) {
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(cart, breaking()), errc::outcome_unknown);
  const auto came = try_again(letters(), asks, 1);
  EXPECT_EQ(came.how, ending::set_aside);
  EXPECT_THAT(came.said, testing::HasSubstr("quarantine retry"));
  EXPECT_EQ(numbers(), of{1});
}

TEST_F(second_try_test, keeps_what_nobody_answered) {
  crash_on(founding(), hall);
  const auto silent = [](const request&) {
    return answer{errc::outcome_unknown};
  };
  EXPECT_EQ(try_again(letters(), silent, 1).how, ending::not_known);
  const auto full = [](const request&) { return answer{errc::overloaded}; };
  EXPECT_EQ(try_again(letters(), full, 1).how, ending::not_begun);
  EXPECT_EQ(numbers(), of{1});
}

TEST_F(second_try_test, is_made_by_one_at_a_time) {
  crash_on(founding(), hall);
  const auto while_it_waits = [this](const request&) {
    EXPECT_EQ(try_again(letters(), asks, 1).how, ending::not_begun);
    EXPECT_FALSE(inspect::drop(letters(), 1));
    return answer{errc::overloaded};
  };
  EXPECT_EQ(try_again(letters(), while_it_waits, 1).how, ending::not_begun);
  EXPECT_TRUE(asked.empty());
  EXPECT_TRUE(inspect::drop(letters(), 1));
  EXPECT_FALSE(inspect::drop(letters(), 1));
}

TEST_F(second_try_test, of_all_comes_one_after_the_other_up_to_a_crash) {
  const booking_session::command harmless{booking_session::usage{}};
  crash_on(harmless);
  crash_on(breaking());
  crash_on(breaking("ada@usher.example"));
  crash_on(founding(), hall);
  EXPECT_THAT(try_all_again(letters(), asks, cart),
              testing::AllOf(testing::StartsWith("1 of 3 dead letters"),
                             testing::HasSubstr("2 and what came after it")));
  EXPECT_EQ(numbers(), (of{2, 3, 4}));
  EXPECT_EQ(asked, (std::vector{cart, cart})) << "nobody was taken along";
  letters().forget(cart);
  EXPECT_EQ(try_all_again(letters(), asks, hall),
            "1 of 1 dead letters delivered");
}

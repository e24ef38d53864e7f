#include "persistence/postgres/sandbox_book.hpp"
#include "tests/support/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

class sandbox_books : public testing::Test {
protected:
  static sandbox_play a_play(payment::report what = payment::report::succeeded,
                             std::int64_t amount = 1'200'000) {
    return {payment_id{mint_uuid()}, what, {amount, "VND"}, {}};
  }

  void enter(sandbox_book& book, const sandbox_play& play) {
    book.enter({&play, 1});
  }

  /// As if so much time had passed since everything was entered or claimed.
  void pass(const std::string& interval) {
    it.ask("UPDATE sandbox_callback SET due = due - interval '" + interval
           + "', at = at - interval '" + interval + "'");
  }

  static std::vector<payment_id> names(const std::vector<sandbox_play>& all) {
    std::vector<payment_id> out;
    for (const auto& play : all)
      out.push_back(play.payment);
    return out;
  }

  pg_store it;
  sandbox_book here{it.options()};
  sandbox_book there{it.options()};
};

} // namespace

TEST_F(sandbox_books, what_one_node_entered_every_node_finds) {
  auto play = a_play(payment::report::failed, 7);
  enter(here, play);
  auto found = there.look_up(play.payment);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, payment::report::failed);
  EXPECT_EQ(found->amount, (money{7, "VND"}));
  EXPECT_FALSE(there.look_up(payment_id{mint_uuid()}));
}

TEST_F(sandbox_books, the_last_play_counts) {
  auto wrong = a_play(payment::report::succeeded, 7);
  auto right = wrong;
  right.amount.amount = 8;
  enter(here, wrong);
  enter(there, right);
  EXPECT_EQ(here.look_up(wrong.payment)->amount.amount, 8);
}

TEST_F(sandbox_books, a_play_for_later_is_unheard_of_until_then) {
  auto later = a_play();
  later.at = now() + 1min;
  enter(here, later);
  EXPECT_FALSE(here.look_up(later.payment));
  EXPECT_TRUE(there.claim(10).empty());
  pass("1 min");
  EXPECT_TRUE(here.look_up(later.payment));
  EXPECT_THAT(names(there.claim(10)), testing::ElementsAre(later.payment));
}

TEST_F(sandbox_books, what_a_node_left_behind_another_claims_once) {
  auto play = a_play();
  enter(here, play);
  EXPECT_TRUE(there.claim(10).empty()) << "it is being delivered";
  pass("7 s");
  EXPECT_THAT(names(there.claim(10)), testing::ElementsAre(play.payment));
  EXPECT_TRUE(here.claim(10).empty());
  pass("7 s");
  EXPECT_THAT(names(here.claim(10)), testing::ElementsAre(play.payment));
}

TEST_F(sandbox_books, what_was_taken_is_never_claimed) {
  const std::array plays{a_play(), a_play()};
  here.enter(plays);
  const auto taken = callback_of(plays[0]);
  here.mark_taken({&taken, 1});
  here.put_off({&taken, 1});
  pass("1 h");
  EXPECT_THAT(names(there.claim(10)), testing::ElementsAre(plays[1].payment));
}

TEST_F(sandbox_books, entering_again_changes_nothing) {
  auto play = a_play();
  const std::array twice{play, play};
  here.enter(twice);
  const auto taken = callback_of(play);
  here.mark_taken({&taken, 1});
  there.enter(twice);
  pass("1 h");
  EXPECT_TRUE(here.claim(10).empty());
}

TEST_F(sandbox_books, failures_are_claimed_later_and_later_and_twelve_times) {
  auto play = a_play();
  const auto name = callback_of(play);
  enter(here, play);
  pass("7 s");
  for (int tries = 1; tries <= 12; ++tries) {
    ASSERT_EQ(here.claim(10).size(), 1u) << tries;
    here.put_off({&name, 1});
    EXPECT_TRUE(there.claim(10).empty()) << tries;
    pass("30 s");
  }
  pass("1 h");
  EXPECT_TRUE(here.claim(10).empty());
  EXPECT_TRUE(here.look_up(play.payment)) << "given up, but not forgotten";
}

TEST_F(sandbox_books, claims_are_bounded) {
  std::vector<sandbox_play> many;
  for (int i = 0; i < 30; ++i)
    many.push_back(a_play());
  here.enter(many);
  pass("7 s");
  EXPECT_EQ(here.claim(20).size(), 20u);
  EXPECT_EQ(there.claim(20).size(), 10u);
}

TEST_F(sandbox_books, money_goes_back_once) {
  auto play = a_play();
  here.refund(play.payment, play.amount);
  there.refund(play.payment, play.amount);
  EXPECT_EQ(it.ask("SELECT * FROM sandbox_refund").size(), 1u);
}

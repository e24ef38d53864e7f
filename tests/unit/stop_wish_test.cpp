#include "node/stop_wish.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace std::chrono_literals;

TEST(stop_wish, is_there_from_the_first_signal_on) {
  for (const int signal : {SIGTERM, SIGINT}) {
    stop_wish told;
    told.be_asked();
    EXPECT_FALSE(told.is_there());
    EXPECT_FALSE(told.wait_for(10ms));
    std::raise(signal);
    told.wait();
    EXPECT_TRUE(told.is_there());
    std::raise(signal); // the same wish: who is told twice does not die of it
    EXPECT_TRUE(told.wait_for(1h));
  }
}

TEST(stop_wish, may_be_our_own_before_somebody_asks) {
  stop_wish told;
  told.be_asked();
  told.wish();
  EXPECT_TRUE(told.is_there());
  std::this_thread::sleep_for(1'200ms);
  std::raise(SIGTERM); // the first one
  EXPECT_TRUE(told.wait_for(1h));
}

TEST(stop_wish, ends_a_process_at_once_that_has_nothing_to_give_back) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto is_stuck = [] {
    const stop_wish told;
    std::raise(SIGTERM);
    std::this_thread::sleep_for(30s);
  };
  EXPECT_EXIT(is_stuck(), testing::ExitedWithCode(0),
              "stopped_before_it_served");
}

TEST(stop_wish, ends_a_process_that_is_stuck_when_somebody_asks_again) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto is_stuck = [] {
    stop_wish told;
    told.be_asked();
    for (int i = 0; i < 300; ++i) {
      std::raise(SIGINT);
      std::this_thread::sleep_for(100ms);
    }
  };
  EXPECT_EXIT(is_stuck(), testing::KilledBySignal(SIGINT), "");
}

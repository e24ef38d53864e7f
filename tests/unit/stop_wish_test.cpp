#include "node/stop_wish.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace std::chrono_literals;

TEST(stop_wish, is_there_from_the_first_signal_on) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const stop_wish told;
    EXPECT_FALSE(told.is_there());
    EXPECT_FALSE(told.wait_for(10ms));
    std::raise(signal);
    told.wait();
    EXPECT_TRUE(told.is_there());
    std::raise(signal); // and nobody dies of another
    EXPECT_TRUE(told.wait_for(1h));
  }
}

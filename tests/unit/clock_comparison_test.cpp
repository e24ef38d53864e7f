#include "node/membership/clock_comparison.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace std::chrono_literals;

namespace {

/// A database that is asked each second, and its clock.
struct asked {
  clock_comparison compared;
  duration since_boot = 1h;
  timestamp clock{1'000'000h};

  /// Its answer takes so long, and is given after a part of that.
  bool ask(duration takes = 2ms, duration given_after = 1ms) {
    since_boot += 1s;
    clock += 1s;
    return compared.was_set(since_boot, since_boot + takes,
                            clock + given_after);
  }
};

} // namespace

TEST(clock_comparison, is_not_misled_by_slow_answers) {
  asked it;
  EXPECT_FALSE(it.ask(3s, 0s));
  EXPECT_FALSE(it.ask(3s, 3s));
  EXPECT_FALSE(it.ask());
  for (const auto given_after : {0ms, 1'000ms, 60'000ms}) {
    EXPECT_FALSE(it.ask(60s, given_after));
    EXPECT_FALSE(it.ask());
  }
}

TEST(clock_comparison, lets_a_clock_be_corrected_little_by_little) {
  asked it;
  for (int i = 0; i < 100; ++i) {
    it.clock += 200ms;
    EXPECT_FALSE(it.ask());
  }
  for (int i = 0; i < 200; ++i) {
    it.clock -= 200ms;
    EXPECT_FALSE(it.ask());
  }
}

TEST(clock_comparison, tells_once_of_each_jump_in_either_direction) {
  for (const duration jump : {duration{1h}, duration{-1h}, duration{1s},
                              duration{-1s}, duration{300ms}}) {
    asked it;
    EXPECT_FALSE(it.ask());
    it.clock += jump;
    EXPECT_TRUE(it.ask()) << jump.count();
    EXPECT_FALSE(it.ask());
    it.clock -= jump;
    EXPECT_TRUE(it.ask()) << jump.count();
    EXPECT_FALSE(it.ask());
  }
}

TEST(clock_comparison, sees_behind_a_slow_answer_that_it_was_set) {
  asked it;
  EXPECT_FALSE(it.ask());
  it.clock += 2s;
  EXPECT_FALSE(it.ask(4s, 1s)) << "it may have been given late, no more";
  EXPECT_TRUE(it.ask());
  it.clock -= 1h;
  EXPECT_TRUE(it.ask(4s, 1s)) << "that no slowness explains";
  EXPECT_FALSE(it.ask());
}

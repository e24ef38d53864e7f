#include "node/log.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace std::chrono_literals;

TEST(narrow_pass, lets_a_few_through_each_second_and_counts_the_rest) {
  log::narrow_pass it{2};
  const log::narrow_pass::clock::time_point begin{1h};
  EXPECT_EQ(it.pass(begin), 0u);
  EXPECT_EQ(it.pass(begin), 0u);
  EXPECT_FALSE(it.pass(begin + 500ms));
  EXPECT_FALSE(it.pass(begin + 999ms));
  EXPECT_EQ(it.pass(begin + 1s), 2u) << "so many were held back";
  EXPECT_EQ(it.pass(begin + 1s), 0u);
  EXPECT_FALSE(it.pass(begin + 1s));
  EXPECT_EQ(it.pass(begin + 1h), 1u);
}

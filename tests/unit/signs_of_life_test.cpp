#include "node/membership/signs_of_life.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace std::chrono_literals;

namespace {

cluster_member leased(incarnation who, duration until) {
  cluster_member out;
  out.self = who;
  out.lease_until = timestamp{until};
  return out;
}

} // namespace

TEST(signs_of_life, are_two_renewals) {
  signs_of_life signs(1s);
  EXPECT_FALSE(signs.lives(leased(1, 4s), 0s));
  EXPECT_FALSE(signs.lives(leased(1, 5s), 900ms));
  EXPECT_FALSE(signs.lives(leased(2, 5s), 900ms));
  EXPECT_FALSE(signs.lives(leased(1, 5s), 1900ms));
  EXPECT_TRUE(signs.lives(leased(1, 6s), 1900ms));
  EXPECT_FALSE(signs.lives(leased(2, 6s), 1900ms)) << "its first";
}

TEST(signs_of_life, are_not_what_several_promise_as_a_clock_was_set) {
  signs_of_life signs(1s);
  EXPECT_FALSE(signs.lives(leased(1, 2h), 0s));
  EXPECT_FALSE(signs.lives(leased(1, 1h), 200ms));
  EXPECT_FALSE(signs.lives(leased(1, 1h + 1s), 1100ms));
  EXPECT_FALSE(signs.lives(leased(1, 1h + 1s), 9s));
}

#include "node/http/rate_limit.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

using namespace usher;
using namespace usher::http;
using namespace std::chrono_literals;

namespace {

using moment = rate_limiter::clock::time_point;
const moment t0{1h};

unsigned granted(rate_limiter& limiter, rate_key key, moment now, int tries) {
  unsigned n = 0;
  for (int i = 0; i < tries; ++i)
    n += limiter.take(key, now) ? 0u : 1u;
  return n;
}

TEST(rate_limiter, grants_a_burst_and_then_the_rate) {
  rate_limiter limiter({.per_second = 10, .burst = 5});
  EXPECT_EQ(granted(limiter, 1, t0, 100), 5u);
  EXPECT_EQ(limiter.take(1, t0), 100ms);
  EXPECT_EQ(limiter.take(1, t0 + 99ms), 1ms);
  EXPECT_EQ(limiter.take(1, t0 + 100ms), std::nullopt);
  EXPECT_EQ(granted(limiter, 1, t0 + 1100ms, 100), 5u);
  EXPECT_EQ(granted(limiter, 1, t0 + 24h, 100), 5u);
}

TEST(rate_limiter, counts_each_key_by_itself) {
  rate_limiter limiter({.per_second = 1, .burst = 2});
  EXPECT_EQ(granted(limiter, 1, t0, 10), 2u);
  EXPECT_EQ(granted(limiter, 2, t0, 10), 2u);
  EXPECT_EQ(granted(limiter, 0, t0, 10), 2u);
}

TEST(rate_limiter, takes_several_tokens_or_none) {
  rate_limiter limiter({.per_second = 1, .burst = 10});
  EXPECT_EQ(limiter.take(1, t0, 7), std::nullopt);
  EXPECT_EQ(limiter.take(1, t0, 7), 4s);
  EXPECT_EQ(limiter.take(1, t0, 3), std::nullopt);
  EXPECT_NE(limiter.take(2, t0, 11), std::nullopt);
}

TEST(rate_limiter, takes_a_token_back) {
  rate_limiter limiter({.per_second = 1, .burst = 2});
  limiter.give_back(1); // of somebody unknown
  EXPECT_EQ(granted(limiter, 1, t0, 10), 2u);
  limiter.give_back(1);
  EXPECT_EQ(granted(limiter, 1, t0, 10), 1u);
}

TEST(rate_limiter, forgets_the_idle_and_keeps_the_indebted) {
  rate_limiter limiter({.per_second = 1, .burst = 100}, 4);
  EXPECT_EQ(granted(limiter, 1, t0, 1'000), 100u);
  for (rate_key key = 2; key < 1'000; ++key)
    EXPECT_EQ(limiter.take(key, t0), std::nullopt);
  EXPECT_EQ(granted(limiter, 1, t0, 1'000), 0u);
}

/// In any stretch of time nobody gets more than the burst and the rate.
TEST(rate_limiter, never_grants_more_than_it_says) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 dice(seed);
    rate_limiter limiter({.per_second = 100, .burst = 7});
    std::map<rate_key, std::vector<moment>> grants;
    auto now = t0;
    for (int i = 0; i < 500;
         ++i, now += std::chrono::milliseconds(dice() % 8)) {
      const rate_key key = dice() % 3;
      if (const auto wait = limiter.take(key, now)) {
        EXPECT_EQ(limiter.take(key, now), wait) << "seed " << seed;
        EXPECT_GT(*wait, 0s);
      } else {
        grants[key].push_back(now);
      }
    }
    for (const auto& [key, times] : grants)
      for (std::size_t i = 0; i + 8 < times.size(); ++i)
        EXPECT_GE(times[i + 8] - times[i], 10ms) << "seed " << seed;
  }
}

TEST(rate_key, takes_the_network_of_an_ipv6_address) {
  EXPECT_EQ(rate_key_of_address("2001:db8::1"),
            rate_key_of_address("2001:db8:0:0:ffff::2"));
  EXPECT_NE(rate_key_of_address("2001:db8::1"),
            rate_key_of_address("2001:db8:0:1::1"));
  EXPECT_NE(rate_key_of_address("10.0.0.1"), rate_key_of_address("10.0.0.2"));
  EXPECT_NE(rate_key_of_address("::ffff:10.0.0.1"),
            rate_key_of_address("::ffff:10.0.0.2"));
}

TEST(retry_after, is_rounded_up_to_seconds) {
  EXPECT_EQ(retry_after_seconds(1ns), 1u);
  EXPECT_EQ(retry_after_seconds(1s), 1u);
  EXPECT_EQ(retry_after_seconds(1001ms), 2u);
}

} // namespace

#include "node/inspect/pace.hpp"

#include <gmock/gmock.h>

using namespace usher::inspect;
using namespace std::chrono_literals;

namespace {

counters at(std::chrono::milliseconds when, std::uint64_t fast,
            std::uint64_t slow) {
  counters out;
  out.at = std::chrono::steady_clock::time_point{1h} + when;
  out.requests = fast + slow;
  out.appends = 2 * fast;
  const auto end = std::numeric_limits<double>::infinity();
  out.within = {{0.001, fast}, {0.1, fast + slow}, {end, fast + slow}};
  return out;
}

} // namespace

TEST(between, works_out_rates_and_quantiles) {
  const auto found = between(at(0ms, 10, 10), at(2s, 110, 10));
  EXPECT_DOUBLE_EQ(found.requests_per_second, 50);
  EXPECT_DOUBLE_EQ(found.appends_per_second, 100);
  EXPECT_DOUBLE_EQ(found.p50_ms.value(), 0.5);
  EXPECT_NEAR(between(at(0ms, 0, 0), at(1s, 50, 50)).p99_ms.value(), 98, 0.1);
  EXPECT_FALSE(found.commit_ms);
}

TEST(between, has_no_quantile_where_nothing_happened) {
  const auto found = between(at(0ms, 5, 5), at(1s, 5, 5));
  EXPECT_DOUBLE_EQ(found.requests_per_second, 0);
  EXPECT_FALSE(found.p50_ms);
  EXPECT_FALSE(found.p99_ms);
}

TEST(pace, needs_two_readings_that_are_not_too_close_nor_too_far_apart) {
  pace it;
  EXPECT_FALSE(it.take(at(0ms, 0, 0)));
  EXPECT_FALSE(it.take(at(100ms, 50, 0)));
  EXPECT_DOUBLE_EQ(it.take(at(1s, 100, 0))->requests_per_second, 100);
  EXPECT_DOUBLE_EQ(it.take(at(1'100ms, 900, 0))->requests_per_second, 100);
  EXPECT_FALSE(it.take(at(60s, 1000, 0)));
}

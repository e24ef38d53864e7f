#include "node/front/front_desk.hpp"
#include "node/front/shedding.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace usher;

namespace {

/// How many of the five are put off: the first ones go first.
int put_off(std::uint64_t words, std::uint64_t bytes) {
  const burden now{words, 1'000, bytes, 8'000};
  int out = 0;
  for (auto how : {urgency::browsing, urgency::joining, urgency::holding,
                   urgency::serving, urgency::watching})
    out += is_too_much(now, how) ? 1 : 0;
  return out;
}

} // namespace

TEST(shedding, puts_off_the_more_the_longer_the_journal_is_behind) {
  EXPECT_EQ(put_off(250, 0), 0);
  EXPECT_EQ(put_off(251, 0), 1);
  EXPECT_EQ(put_off(501, 0), 2);
  EXPECT_EQ(put_off(1'001, 0), 3);
  EXPECT_EQ(put_off(4'000, 0), 3) << "who holds seats is served for long ..";
  EXPECT_EQ(put_off(4'001, 0), 4) << ".. but not without end";
}

TEST(shedding, puts_off_the_more_the_less_memory_is_left) {
  EXPECT_EQ(put_off(0, 2'000), 0);
  EXPECT_EQ(put_off(0, 2'001), 1);
  EXPECT_EQ(put_off(0, 4'001), 2);
  EXPECT_EQ(put_off(0, 6'001), 3);
  EXPECT_EQ(put_off(0, 8'001), 4);
}

/// Their turn is given to others when nobody hears of them for a while.
TEST(shedding, lets_who_waits_show_up_though_others_may_not_join) {
  auto urgency_at = [](http::method verb) {
    const auto& routes = all_routes();
    auto found = std::ranges::find_if(routes, [&](const route_plan& plan) {
      return plan.verb == verb && plan.pattern == "/v1/events/{id}/queue";
    });
    return found == routes.end() ? urgency::watching : found->how;
  };
  EXPECT_EQ(urgency_at(http::method::post), urgency::joining);
  EXPECT_EQ(urgency_at(http::method::get), urgency::serving);
  EXPECT_EQ(urgency_of(queue_slot::command{queue_slot::join{}}),
            urgency::joining);
  EXPECT_EQ(urgency_of(queue_slot::command{queue_slot::status{}}),
            urgency::serving);
}

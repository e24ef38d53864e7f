#include "node/live_hub.hpp"
#include "tests/support/sale.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace usher::test;

TEST(live_hub, knows_the_topic_while_somebody_watches_and_a_minute_longer) {
  auto now = t0;
  live_hub hub{[&] { return now; }};
  const auto topic = std::make_shared<const live_topic>();
  const auto listen = [](const live_frame&) {};
  EXPECT_FALSE(hub.topic_of(concert));
  const auto number = hub.watch(concert, {}, topic, listen);
  EXPECT_EQ(hub.topic_of(concert), topic);
  hub.stop(concert, number);
  now += 59s;
  const event_id other{nth(77)};
  hub.stop(other, hub.watch(other, {}, topic, listen));
  EXPECT_EQ(hub.topic_of(concert), topic);
  now += 1s;
  hub.watch(other, {}, topic, listen);
  EXPECT_FALSE(hub.topic_of(concert));
}

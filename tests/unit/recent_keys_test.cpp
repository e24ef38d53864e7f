#include "node/front/recent_keys.hpp"
#include "tests/support/scenario.hpp"

using namespace usher;
using namespace usher::test;

TEST(recent_keys, counts_each_key_once_however_often_it_comes) {
  recent_keys seen{1min};
  for (int i = 0; i < 3; ++i) {
    seen.note(nth(1), t0 + i * 1s);
    seen.note(nth(2), t0 + i * 1s);
  }
  EXPECT_EQ(seen.count(t0 + 3s), 2u);
  seen.note(nth(1), t0 + 61s); // in the next span
  EXPECT_EQ(seen.count(t0 + 62s), 2u);
}

TEST(recent_keys, forgets_who_does_not_come_again) {
  recent_keys seen{1min};
  seen.note(nth(1), t0);
  EXPECT_EQ(seen.count(t0 + 90s), 1u);
  seen.note(nth(2), t0 + 90s);
  EXPECT_EQ(seen.count(t0 + 121s), 1u);
  EXPECT_EQ(seen.count(t0 + 1h), 0u);
}

TEST(recent_keys, forgets_who_leaves) {
  recent_keys seen{1min};
  seen.note(nth(1), t0);
  seen.note(nth(2), t0 + 61s);
  seen.forget(nth(1));
  seen.forget(nth(2));
  EXPECT_EQ(seen.count(t0 + 62s), 0u);
}

#include "node/clock.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace usher;
using namespace std::chrono_literals;

namespace {

/// A clock, and that of the database, which it looks at each second.
struct followed {
  followed() {
    clock.set(timestamp{1'000'000h});
    lead = clock.at(boot).time_since_epoch() - boot;
  }

  void ask(duration takes = 2ms) {
    boot += 1s;
    clock.follow(boot, boot + takes, timestamp{boot + lead + takes / 2});
  }

  /// By how much it is ahead of the database's.
  duration off() const {
    return clock.at(boot + 10ms) - timestamp{boot + lead + 10ms};
  }

  node_clock clock;
  duration boot = since_boot() + 1h;
  duration lead;
};

} // namespace

TEST(clock, goes_after_that_of_the_database_a_millisecond_a_second) {
  for (const duration by : {100ms, -100ms}) {
    followed it;
    it.ask();
    EXPECT_EQ(it.off(), 0ms);
    it.lead += by;
    for (int i = 0; i < 50; ++i)
      it.ask();
    EXPECT_EQ(it.off(), -by / 2);
    for (int i = 0; i < 100; ++i)
      it.ask();
    EXPECT_LE(std::chrono::abs(it.off()), 1ms);
  }
}

TEST(clock, is_not_hurried_by_an_hour_nor_by_who_asks_often) {
  followed it;
  it.lead += 1h;
  for (int i = 0; i < 1'000; ++i) {
    it.boot += 10ms;
    it.clock.follow(it.boot, it.boot, timestamp{it.boot + it.lead});
  }
  EXPECT_LE(it.off(), -1h + 10ms);
  EXPECT_GE(it.off(), -1h + 9ms);
}

TEST(clock, keeps_that_pace_however_answers_come) {
  const auto moved = [](const std::vector<duration>& pauses) {
    followed it;
    it.lead += 1h;
    const auto begun = it.off();
    const auto end = it.boot + 100s;
    for (std::size_t i = 0; it.boot < end; ++i) {
      it.boot += pauses[i % pauses.size()];
      it.clock.follow(it.boot, it.boot, timestamp{it.boot + it.lead});
    }
    return it.off() - begun;
  };
  for (const auto& pauses : std::vector<std::vector<duration>>{
         {1'000ms}, {996ms, 1'004ms}, {700ms}, {950ms, 1'000ms, 1'050ms}}) {
    EXPECT_GE(moved(pauses), 99ms);
    EXPECT_LE(moved(pauses), 101ms);
  }
}

TEST(clock, is_not_misled_by_slow_answers) {
  followed it;
  it.lead += 500ms;
  for (int i = 0; i < 10; ++i)
    it.ask(3s);
  EXPECT_EQ(it.off(), -500ms) << "nothing says that it is off";
}

TEST(clock, never_goes_back) {
  followed it;
  it.lead -= 1h;
  auto last = it.clock.at(it.boot);
  for (int i = 0; i < 3; ++i) {
    it.ask(0ms);
    for (duration later = 0ms; later <= 1s; later += 1ms) {
      const auto now = it.clock.at(it.boot + later);
      EXPECT_GE(now, last);
      last = now;
    }
  }
  EXPECT_EQ(it.off(), 1h - 3ms);
}

#include "cluster/alarm_clock.hpp"
#include "tests/support/scenario.hpp"
#include "tests/support/scheduled.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;

namespace {

/// Notes who is woken.
struct wakings final : post_office {
  std::uint64_t deliver(request what) override {
    woken.push_back(what.to);
    return 0;
  }

  void deliver(response) override {}

  bool retire(const entity_id&, const std::function<bool()>&) override {
    return true;
  }

  void bury(const entity_id&, const std::string&, const std::string&) override {
  }

  void recall(const entity_id&) override {}

  std::vector<entity_id> woken;
};

struct alarm_clock_test : testing::Test {
  alarm_clock_test() {
    cluster::alarm_settings settings;
    settings.mail = &mail;
    settings.now = [this] { return now; };
    settings.stored = [this](timestamp) {
      ++reads;
      return stored;
    };
    clock = sys.spawn(cluster::alarm_clock, settings);
    sched.run();
  }

  ~alarm_clock_test() override {
    caf::anon_send_exit(clock, caf::exit_reason::user_shutdown);
    sched.run();
    sched.trigger_timeouts(); // the tick that it still waits for
    sched.run();
  }

  void pass(duration time) {
    now += time;
    sched.advance_time(time);
    sched.run();
  }

  scheduled cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  timestamp now = t0;
  wakings mail;
  std::vector<usher::alarm> stored;
  int reads = 0;
  caf::actor clock;
};

const entity_id cart{entity_kind::booking_session, nth(1)};

} // namespace

TEST_F(alarm_clock_test, wakes_nobody_before_it_is_told_to_begin) {
  stored = {{cart, t0}};
  pass(1s);
  EXPECT_EQ(reads, 0);
  EXPECT_TRUE(mail.woken.empty());
  caf::anon_send(clock, tick{});
  sched.run();
  EXPECT_THAT(mail.woken, testing::ElementsAre(cart));
}

TEST_F(alarm_clock_test, rings_again_what_is_still_stored_when_shards_stay) {
  stored = {{cart, t0}};
  caf::anon_send(clock, tick{});
  sched.run();
  EXPECT_EQ(mail.woken.size(), 1u); // and that was lost on the way
  pass(1s);
  EXPECT_EQ(mail.woken.size(), 1u);
  EXPECT_EQ(reads, 1);
  caf::anon_send(clock, adopted{});
  pass(50ms);
  EXPECT_EQ(mail.woken.size(), 2u);
  EXPECT_EQ(reads, 2);
}

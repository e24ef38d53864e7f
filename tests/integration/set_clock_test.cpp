#include "node/clock.hpp"
#include "node/membership/membership_keeper.hpp"
#include "tests/support/stores.hpp"

#include <gtest/gtest.h>

#include <filesystem>

/// Keepers whose database's clock is set while they hold leases.
using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

/// By how much the clock that keepers are shown is ahead of the server's.
std::atomic<duration> ahead{};

/// A clock that is set ahead and the same clock with all that it said before
/// moved back look alike: so the rows are moved, and what is shown of them.
class registry_by_its_clock final : public registry {
public:
  explicit registry_by_its_clock(const pg_options& where) : all_(where) {}

  membership join(const introduction& who, duration ttl) override {
    auto out = all_.join(who, ttl);
    return {out.self, out.now + ahead.load(), out.lease_until + ahead.load()};
  }

  std::optional<renewal> renew(incarnation self, duration ttl) override {
    auto out = all_.renew(self, ttl);
    if (out)
      out->now += ahead.load(), out->lease_until += ahead.load();
    return out;
  }

  cluster_view look() override {
    auto out = all_.look();
    out.now += ahead.load();
    for (auto& one : out.members)
      one.lease_until += ahead.load();
    return out;
  }

  std::vector<shard_lease> take(incarnation self,
                                const std::vector<shard_no>& which) override {
    return all_.take(self, which);
  }

  std::vector<shard_no> hand_over(incarnation self,
                                  const std::vector<shard_lease>& what,
                                  incarnation to) override {
    return all_.hand_over(self, what, to);
  }

  std::vector<shard_lease> owned(incarnation self) override {
    return all_.owned(self);
  }

  std::vector<incarnation> declare_dead(incarnation by) override {
    return all_.declare_dead(by);
  }

  bool suspect(incarnation by, incarnation whom) override {
    return all_.suspect(by, whom);
  }

  void promise_anew(incarnation by) override { all_.promise_anew(by); }

  bool drain(const std::string& name) override { return all_.drain(name); }

  bool drain(incarnation who) override { return all_.drain(who); }

  bool pin(shard_no shard, const std::string& name) override {
    return all_.pin(shard, name);
  }

  void unpin(shard_no shard) override { all_.unpin(shard); }

  void leave(incarnation self) override { all_.leave(self); }

  void bury_last(incarnation self, const std::string& name) override {
    all_.bury_last(self, name);
  }

private:
  pg_registry all_;
};

void set_clock(const pg_store& it, std::chrono::hours by) {
  const auto moved = std::to_string(-by.count()) + " h'";
  it.ask("UPDATE member SET lease_until = lease_until + interval '" + moved
         + ", steady_since = steady_since + interval '" + moved);
  ahead = ahead.load() + by;
}

/// A node without shards that only keeps its lease and buries the dead.
struct observer {
  observer(const pg_store& it, const std::string& name)
    : home("/tmp/usher-clock." + it.database + "." + name),
      keeper(std::make_shared<registry_by_its_clock>(it.options()),
             {locked_home{home}, named(name), 2s, 300ms}, events()) {
    const auto entered = keeper.enter();
    self = entered.self;
    clock.set(entered.now);
    keeper.watch();
  }

  ~observer() { std::filesystem::remove_all(home); }

  keeper_events events() {
    keeper_events out;
    out.declared_dead = [this] { is_dead = true; };
    out.database_said = [this](auto sent, auto received, auto said) {
      clock.follow(sent, received, said);
    };
    return out;
  }

  const std::string home;
  std::atomic<bool> is_dead = false;
  incarnation self = 0;
  node_clock clock;
  membership_keeper keeper;
};

/// Seconds until nobody thinks any more that it lives.
duration burial_of(pg_store& it, incarnation who) {
  const auto begun = since_boot();
  while (it.members().look().find(who) && since_boot() < begun + 20s)
    std::this_thread::sleep_for(20ms);
  return since_boot() - begun;
}

class set_clock_of : public testing::TestWithParam<int> {};

} // namespace

TEST_P(set_clock_of, the_database_buries_the_dead_and_nobody_else) {
  ahead = 0ms;
  pg_store it;
  observer a(it, "a"), b(it, "b");
  std::this_thread::sleep_for(2'500ms); // those who came may judge now
  auto other = std::make_unique<pg_registry>(it.options());
  const auto gone = other->join(named("gone"), 2s).self;
  set_clock(it, std::chrono::hours{GetParam()});
  EXPECT_LE(burial_of(it, gone), 8s); // 2 leases, and a busy machine
  std::this_thread::sleep_for(2'500ms);
  EXPECT_FALSE(a.is_dead || b.is_dead);
  pg_registry another(it.options()); // who is buried has no session any more
  const auto late = another.join(named("late"), 2s).self;
  EXPECT_LE(burial_of(it, late), 6s) << "one lease, as ever";
}

TEST_P(set_clock_of, the_database_is_gone_after_slowly_by_those_who_run) {
  ahead = 0ms;
  const pg_store it;
  observer a(it, "a");
  const auto lead = [&] {
    const auto at = since_boot();
    return a.clock.at(at).time_since_epoch() - at;
  };
  const auto before = lead();
  const auto begun = since_boot();
  set_clock(it, std::chrono::hours{GetParam()});
  std::this_thread::sleep_for(5'500ms);
  const auto moved = (lead() - before) * GetParam();
  EXPECT_GE(moved, 2ms);
  EXPECT_LE(moved, (since_boot() - begun) / 1'000 + 1ms);
}

INSTANTIATE_TEST_SUITE_P(hours, set_clock_of, testing::Values(-1, 1));

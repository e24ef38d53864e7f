#include "node/clock.hpp"
#include "node/membership/membership_keeper.hpp"
#include "tests/support/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

/// Keepers of several nodes over one PostgreSQL, with threads and all.
using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

template <class Condition>
bool soon(Condition is_so, duration within = 20s) {
  const auto end = since_boot() + within;
  while (!is_so())
    if (std::this_thread::sleep_for(5ms); since_boot() > end)
      return false;
  return true;
}

/// A node without actors: has shards, gives them when asked.
class member {
public:
  member(pg_store& it, const std::string& name, duration ttl = 2s,
         duration renew = 300ms)
    : home_("/tmp/usher-keeper." + it.database + "." + name),
      sessions_(std::make_shared<pg_registry>(it.options())),
      keeper_(std::make_unique<membership_keeper>(
        sessions_,
        membership_keeper::options{locked_home{home_}, named(name), ttl, renew},
        events())) {
    self = keeper_->enter().self;
  }

  ~member() {
    keeper_.reset();
    if (giver_.joinable())
      giver_.join();
    std::filesystem::remove_all(home_);
  }

  void start() {
    for (const auto& one : keeper_->first_share())
      enter(one);
    keeper_->watch();
  }

  membership_keeper& keeper() { return *keeper_; }

  std::size_t count() const {
    const std::lock_guard guard{mutex_};
    return shards_.size();
  }

  std::map<shard_no, std::int32_t> shards() const {
    const std::lock_guard guard{mutex_};
    return shards_;
  }

  incarnation self = 0;
  std::atomic<bool> is_dead = false, is_drained = false;
  std::atomic<int> gifts = 0, given = 0, faults = 0;
  std::atomic<bool> keeps_all = false; ///< fails to give
  std::atomic<bool> is_cut = false;    ///< has no way to others
  std::function<void()> before_giving = [] {};

private:
  void enter(const shard_lease& one) {
    const std::lock_guard guard{mutex_};
    faults += shards_.contains(one.shard);
    shards_[one.shard] = one.epoch;
  }

  void give(const std::vector<shard_no>& shards,
            const std::function<bool()>& hand_over) {
    faults += is_giving_.exchange(true);
    faults += shards.empty() || shards.size() > 32;
    const auto before = this->shards();
    {
      const std::lock_guard guard{mutex_};
      for (auto one : shards)
        faults += shards_.erase(one) != 1; // frozen
    }
    ++gifts;
    if (keeps_all)
      return take_back(before);
    before_giving();
    faults += !hand_over();
    ++given;
    is_giving_ = false;
  }

  void take_back(const std::map<shard_no, std::int32_t>& all) {
    {
      const std::lock_guard guard{mutex_};
      shards_ = all;
    }
    is_giving_ = false;
  }

  keeper_events events() {
    keeper_events out;
    out.adopt = [this](const auto& leases) {
      for (const auto& one : leases)
        enter(one);
    };
    out.give = [this](const auto& shards, auto, auto hand_over) {
      // From a thread of its own, as a node does once all is durable.
      if (giver_.joinable())
        giver_.join();
      giver_ =
        std::thread([this, shards, hand_over] { give(shards, hand_over); });
    };
    out.reaches = [this](incarnation) { return !is_cut; };
    out.drained = [this] { is_drained = true; };
    out.declared_dead = [this] { is_dead = true; };
    return out;
  }

  std::string home_;
  mutable std::mutex mutex_;
  std::map<shard_no, std::int32_t> shards_;
  std::atomic<bool> is_giving_ = false;
  std::shared_ptr<pg_registry> sessions_;
  std::thread giver_;
  std::unique_ptr<membership_keeper> keeper_;
};

/// Everybody has what is his, and what he believes is what the database says.
bool is_settled(pg_store& it, const std::vector<member*>& all) {
  const auto view = it.members().look();
  if (!cluster::misplaced(view).empty())
    return false;
  std::size_t sum = 0;
  for (const auto* one : all) {
    for (const auto& [shard, epoch] : one->shards())
      if (view.shards[shard].owner != one->self
          || view.shards[shard].epoch != epoch)
        return false;
    sum += one->count();
  }
  return sum == shard_count;
}

} // namespace

TEST(keeper, has_everything_at_once_when_it_is_alone) {
  pg_store it;
  member one(it, "one");
  EXPECT_EQ(one.keeper().first_share().size(), shard_count);
  EXPECT_TRUE(
    soon([&] { return one.keeper().lease_surely_until() > since_boot(); }));
  EXPECT_LE(one.keeper().lease_surely_until(), since_boot() + 750ms);
  one.keeper().leave();
  EXPECT_EQ(it.members().look().shards[0].owner, 0);
}

TEST(keeper, shares_with_those_who_come_and_inherits_from_those_who_go) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  EXPECT_GT(b.count(), 64u);
  member c(it, "c");
  c.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b, &c}); }));
  EXPECT_GT(c.count(), 40u);
  EXPECT_TRUE(a.keeper().give_all(8s));
  a.keeper().leave();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&b, &c}); }));
  b.keeper().leave();
  EXPECT_TRUE(soon([&] { return c.count() == shard_count; }));
  EXPECT_FALSE(c.keeper().give_all(8s)); // to nobody: at once
  EXPECT_EQ(a.faults + c.faults, 0);
  EXPECT_GE(a.gifts, 6);
}

TEST(keeper, rests_when_a_gift_has_failed) {
  pg_store it;
  member a(it, "a");
  a.start();
  ASSERT_TRUE(soon([&] { return a.count() == shard_count; }));
  a.keeps_all = true;
  member b(it, "b");
  b.start();
  ASSERT_TRUE(soon([&] { return a.gifts == 1; }));
  std::this_thread::sleep_for(800ms); // looks again, but those who wait first
  EXPECT_EQ(a.gifts, 1);
  a.keeps_all = false;
  EXPECT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  EXPECT_EQ(a.faults + b.faults, 0);
}

TEST(keeper, gives_nothing_to_whom_it_has_no_way_unless_it_drains) {
  pg_store it;
  member a(it, "a");
  a.is_cut = true;
  a.start();
  ASSERT_TRUE(soon([&] { return a.count() == shard_count; }));
  member b(it, "b");
  b.start();
  std::this_thread::sleep_for(1s); // it looks three times a second
  EXPECT_EQ(a.gifts, 0);
  EXPECT_EQ(b.count(), 0u);
  a.is_cut = false;
  a.keeper().poke();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  a.is_cut = true;
  ASSERT_TRUE(it.members().drain("a"));
  EXPECT_TRUE(soon([&] { return a.is_drained && b.count() == shard_count; }));
  EXPECT_EQ(a.faults + b.faults, 0);
}

TEST(keeper, ends_a_gift_when_it_stops_while_the_server_is_away) {
  pg_store it;
  member a(it, "a");
  a.start();
  ASSERT_TRUE(soon([&] { return a.count() == shard_count; }));
  a.before_giving = [] { server().stop(); };
  member b(it, "b");
  b.start();
  ASSERT_TRUE(soon([&] { return a.gifts == 1; }));
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(a.given, 0) << "it asks until it hears what became of them";
  a.keeper().stop_watching();
  EXPECT_TRUE(soon([&] { return a.given == 1; }, 10s));
  server().start();
}

TEST(keeper, gives_all_when_an_operator_drains_it) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  ASSERT_TRUE(it.members().drain("a"));
  EXPECT_TRUE(soon([&] { return a.is_drained && b.count() == shard_count; }));
  EXPECT_EQ(a.count(), 0u);
  EXPECT_FALSE(a.is_dead || b.is_drained);
  EXPECT_EQ(a.faults + b.faults, 0);
}

TEST(keeper, takes_what_is_free_while_it_drains_if_nobody_serves) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  a.keeps_all = true;
  ASSERT_TRUE(it.members().drain("a"));
  ASSERT_TRUE(soon([&] { return a.gifts > 0; }));
  b.keeper().leave(); // in the middle of it
  EXPECT_TRUE(soon([&] { return a.count() == shard_count; }));
  EXPECT_FALSE(a.is_drained);
  a.keeps_all = false;
  member c(it, "c");
  c.start();
  EXPECT_TRUE(soon([&] { return a.is_drained && c.count() == shard_count; }));
  EXPECT_EQ(a.faults + c.faults, 0);
}

TEST(keeper, takes_nothing_more_when_it_is_about_to_leave) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  b.keeps_all = true;
  EXPECT_FALSE(b.keeper().give_all(500ms));
  const auto kept = b.count();
  a.keeper().leave();
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(b.count(), kept);
}

TEST(keeper, counts_for_nobody_from_when_it_is_about_to_leave) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  a.keeper().prepare_to_leave();
  EXPECT_FALSE(it.members().drain("b")) << "nobody else would serve";
  EXPECT_TRUE(soon([&] { return b.count() == shard_count; }));
  EXPECT_EQ(a.faults + b.faults, 0);
}

TEST(keeper, moves_what_an_operator_pins_and_nothing_else) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  const auto before = it.members().look().shards;
  const auto which = a.shards().begin()->first;
  ASSERT_TRUE(it.members().pin(which, "b"));
  EXPECT_TRUE(soon([&] { return b.shards().contains(which); }));
  for (shard_no i = 0; i < shard_count; ++i) {
    const auto now = it.members().look().shards[i];
    EXPECT_EQ(now.epoch, before[i].epoch + (i == which ? 1 : 0)) << i;
  }
  ASSERT_TRUE(it.members().drain("b")); // a pin holds up nobody who leaves
  EXPECT_TRUE(soon([&] { return a.count() == shard_count; }));
  it.members().unpin(which);
  EXPECT_EQ(a.faults + b.faults, 0);
}

TEST(keeper, inherits_when_a_lease_ends) {
  pg_store it;
  member a(it, "a");
  a.start();
  pg_registry other(it.options()); // joins, takes, and never renews
  it.ask("UPDATE member SET state = 'draining'");
  const auto late = other.join(named("late"), 2s).self;
  ASSERT_TRUE(soon([&] { return a.count() == 0; }));
  it.ask("UPDATE member SET state = 'serving' WHERE incarnation <> "
         + std::to_string(late));
  const auto begun = since_boot();
  EXPECT_TRUE(soon([&] { return a.count() == shard_count; }));
  EXPECT_LE(since_boot() - begun,
            5s); // the lease, and what a busy machine adds
  EXPECT_FALSE(a.is_dead);
}

TEST(keeper, inherits_at_once_from_one_that_was_killed) {
  pg_store it;
  member a(it, "a", 4s, 300ms);
  a.start();
  std::this_thread::sleep_for(4s); // nobody is judged by a young server's clock
  auto killed = std::make_unique<pg_registry>(it.options());
  it.ask("UPDATE member SET state = 'draining'");
  const auto whom = killed->join(named("killed"), 4s).self;
  ASSERT_TRUE(soon([&] { return a.count() == 0; }));
  it.ask("UPDATE member SET state = 'serving'");
  killed->renew(whom, 4s);
  a.keeper().suspect(whom); // its link was cut, no more: it renews
  std::this_thread::sleep_for(700ms);
  killed->renew(whom, 4s);
  std::this_thread::sleep_for(700ms);
  EXPECT_LT(a.count(), shard_count);
  killed->renew(whom, 4s);
  killed.reset();
  a.keeper().suspect(whom);
  const auto begun = since_boot();
  EXPECT_TRUE(soon([&] { return a.count() == shard_count; }));
  EXPECT_LE(since_boot() - begun, 3'700ms); // and not 4 s
}

TEST(keeper, ends_the_process_that_was_declared_dead) {
  pg_store it;
  member a(it, "a");
  a.start();
  it.members().leave(a.self);
  EXPECT_TRUE(soon([&] { return a.is_dead.load(); }));
  EXPECT_EQ(a.keeper().lease_surely_until(), 0ms);
}

TEST(keeper, waits_for_the_name_of_one_that_may_be_dead) {
  pg_store it;
  it.members().join(named("a"), 1s);
  const auto begun = since_boot();
  member a(it, "a", 1s, 300ms);
  EXPECT_GE(since_boot() - begun, 800ms);
  EXPECT_EQ(a.keeper().first_share().size(), shard_count);
}

TEST(keeper, leaves_a_stranger_alone_that_has_the_number_of_its_last_life) {
  pg_store it;
  member stranger(it, "stranger");
  const auto home = "/tmp/usher-keeper." + it.database + ".one";
  std::filesystem::create_directories(home); // it was of another database
  std::ofstream{home + "/incarnation"} << stranger.self;
  member one(it, "one");
  EXPECT_NE(one.self, stranger.self);
  EXPECT_NE(it.members().look().find(stranger.self), nullptr);
}

TEST(keeper, survives_the_servers_death_and_loses_nothing) {
  pg_store it;
  member a(it, "a"), b(it, "b");
  a.start();
  b.start();
  ASSERT_TRUE(soon([&] { return is_settled(it, {&a, &b}); }));
  const auto before = a.shards();
  server().kill_9();
  std::this_thread::sleep_for(2'500ms); // all leases are over
  EXPECT_LT(a.keeper().lease_surely_until(), since_boot());
  server().start();
  EXPECT_TRUE(soon([&] {
    return a.keeper().lease_surely_until() > since_boot()
           && b.keeper().lease_surely_until() > since_boot();
  }));
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(a.is_dead || b.is_dead);
  EXPECT_EQ(a.shards(), before);
}

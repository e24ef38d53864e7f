#include "tests/support/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

/// What several members do to each other in the database.
using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

/// Another process: sessions of its own, which end with it.
struct process {
  explicit process(pg_store& it, duration ttl = 1h,
                   const introduction& who = anybody())
    : members(std::make_unique<pg_registry>(it.options())),
      self(members->join(who, ttl).self) {}

  std::unique_ptr<pg_registry> members;
  incarnation self;
};

std::vector<shard_lease> some(const std::map<shard_no, shard_lease>& all,
                              shard_no from, shard_no end) {
  std::vector<shard_lease> out;
  for (auto i = from; i < end; ++i)
    out.push_back(all.at(i));
  return out;
}

std::vector<shard_no> range(shard_no from, shard_no end) {
  std::vector<shard_no> out;
  for (auto i = from; i < end; ++i)
    out.push_back(i);
  return out;
}

entity_id block_in(shard_no shard) {
  for (;;)
    if (auto one = any_block(); shard_of(one) == shard)
      return one;
}

void let_lapse(const pg_store& it, incarnation who) {
  it.ask("UPDATE member SET ttl = '0', lease_until = now() - interval '1 s' "
         "WHERE incarnation = "
         + std::to_string(who));
}

int sessions_of(const pg_store& it, incarnation who) {
  return it
    .ask("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + it.database
         + "' AND application_name = 'usher " + std::to_string(who) + "'")[0][0]
    .as<int>();
}

/// The database's clock is set so far ahead, or back: to those who look, all
/// that it has said before was said as much earlier.
void set_clock(const pg_store& it, const std::string& ahead) {
  it.ask("UPDATE member SET lease_until = lease_until - interval '" + ahead
         + "', steady_since = steady_since - interval '" + ahead + "'");
}

/// Ends all sessions that the daemon's role has in this database.
void cut_all_sessions(const pg_store& it) {
  it.ask("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
         "WHERE usename = 'usher_app' AND datname = '"
         + it.database + "'");
}

} // namespace

TEST(pg_members, are_seen_as_they_introduced_themselves) {
  pg_store it;
  introduction who{"it's \"me\"", "10.0.0.1:7000", "10.0.0.1:80", false, true,
                   2.5,           {3, 4}};
  auto self = it.members().join(who, 5s).self;
  auto front = anybody();
  front.is_worker = false;
  auto other = it.members().join(front, 5s).self;
  auto all = it.members().look();
  ASSERT_EQ(all.members.size(), 2u);
  EXPECT_EQ(all.members[0].self, self);
  EXPECT_EQ(all.members[0].about, who);
  EXPECT_EQ(all.find(other)->about, front);
  EXPECT_EQ(all.members[0].state, member_state::serving);
  EXPECT_GT(all.members[0].lease_until, all.now + 4s);
  EXPECT_LE(all.members[0].lease_until, all.now + 5s);
  EXPECT_EQ(all.shards[7].owner, 0);
  EXPECT_EQ(all.find(other + 1), nullptr);
}

TEST(pg_members, have_names_that_are_unique_among_the_living) {
  pg_store it;
  auto self = it.members().join(named("one"), 1h).self;
  EXPECT_THROW(it.members().join(named("one"), 1h), name_taken);
  it.members().leave(self);
  self = it.members().join(named("one"), 1h).self;
  let_lapse(it, self);
  EXPECT_THROW(it.members().join(named("one"), 1h), name_taken);
  std::this_thread::sleep_for(10ms); // the lease of the other, and more
  EXPECT_GT(it.members().join(named("one"), 1h).self, self);
}

TEST(pg_members, hear_when_renewing_that_they_are_to_drain) {
  pg_store it;
  process one(it, 1h, named("one"));
  auto heard = one.members->renew(one.self, 4s);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->state, member_state::serving);
  EXPECT_EQ(heard->lease_until, heard->now + 4s);
  EXPECT_FALSE(it.members().drain("another"));
  EXPECT_TRUE(it.members().drain(one.self));
  EXPECT_EQ(one.members->renew(one.self, 4s)->state, member_state::draining);
  EXPECT_EQ(it.members().look().find(one.self)->state, member_state::draining);
  one.members->leave(one.self);
  EXPECT_FALSE(it.members().drain(one.self));
}

TEST(pg_members, take_only_what_they_want_and_nobody_living_owns) {
  pg_store it;
  process a(it), b(it);
  EXPECT_EQ(a.members->take(a.self, range(0, 10)).size(), 10u);
  auto taken = b.members->take(b.self, range(5, 15));
  ASSERT_EQ(taken.size(), 5u);
  EXPECT_EQ(taken[0].shard, 10);
  EXPECT_EQ(b.members->take(b.self, range(5, 15)).size(), 5u); // asked again
  auto all = it.members().look();
  EXPECT_EQ(all.shards[9].owner, a.self);
  EXPECT_EQ(all.shards[10].owner, b.self);
  EXPECT_EQ(all.shards[10].epoch, 1);
  EXPECT_EQ(all.shards[15].owner, 0);
  EXPECT_EQ(a.members->owned(a.self).size(), 10u);
}

TEST(pg_members, never_take_the_same_when_they_grab_at_once) {
  pg_store it;
  process old(it);
  old.members->take(old.self, all_shards());
  for (int round = 0; round < 10; ++round) {
    process a(it), b(it);
    old.members->leave(old.self);
    auto first = std::async(std::launch::async, [&] {
      return a.members->take(a.self, all_shards()).size();
    });
    auto second = b.members->take(b.self, all_shards()).size();
    EXPECT_EQ(first.get() + second, shard_count);
    old.members->leave(a.self);
    old.self = b.self;
  }
}

TEST(pg_members, hand_over_what_is_theirs_with_a_new_epoch) {
  pg_store it;
  node a(it), b(it);
  auto who = block_in(3);
  a.add(who, "[1]");
  ASSERT_EQ(a.commit(), verdict::durable);
  auto gift = some(a.leases, 0, 32);
  EXPECT_EQ(it.members().hand_over(a.self, gift, b.self), range(0, 32));
  EXPECT_EQ(it.members().hand_over(a.self, gift, b.self),
            range(0, 32)); // again
  auto got = it.members().owned(b.self);
  ASSERT_EQ(got.size(), 32u);
  EXPECT_EQ(got[3].epoch, a.leases[3].epoch + 1);
  EXPECT_EQ(it.members().owned(a.self).size(), shard_count - 32u);
  b.leases[3] = got[3];
  b.versions[who] = 1;
  b.add(who, "[2]");
  EXPECT_EQ(b.commit(), verdict::durable);
  // The giver goes on with what it kept.
  a.add(block_in(40), "[1]");
  EXPECT_EQ(a.commit(), verdict::durable);
}

TEST(pg_members, keep_what_they_would_hand_to_the_dead) {
  pg_store it;
  node a(it), b(it);
  it.members().leave(b.self);
  auto gift = some(a.leases, 0, 4);
  EXPECT_TRUE(it.members().hand_over(a.self, gift, b.self).empty());
  EXPECT_EQ(it.members().owned(a.self).size(), shard_count);
}

TEST(pg_members, are_not_moved_by_the_late_echo_of_an_earlier_try) {
  pg_store it;
  node a(it), b(it);
  auto gift = some(a.leases, 0, 4);
  ASSERT_EQ(it.members().hand_over(a.self, gift, b.self).size(), 4u);
  auto theirs = it.members().owned(b.self);
  ASSERT_EQ(it.members().hand_over(b.self, theirs, a.self).size(), 4u);
  it.members().hand_over(a.self, gift, b.self); // reached the server only now
  EXPECT_EQ(it.members().look().shards[0].owner, a.self);
  EXPECT_EQ(it.members().look().shards[0].epoch, gift[0].epoch + 2);
}

TEST(pg_members, lose_nothing_when_the_receiver_dies_before_it_opens) {
  pg_store it;
  node a(it), b(it);
  process c(it);
  auto who = block_in(2);
  a.add(who, "[1]");
  ASSERT_EQ(a.commit(), verdict::durable);
  it.members().hand_over(a.self, some(a.leases, 0, 4), b.self);
  let_lapse(it, b.self);
  EXPECT_THAT(c.members->declare_dead(c.self), testing::ElementsAre(b.self));
  auto got = c.members->take(c.self, range(0, 8));
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[2].epoch, a.leases[2].epoch + 2);
}

TEST(pg_members, leave_shards_free_when_the_taker_dies_between) {
  pg_store it;
  process a(it), b(it), c(it);
  a.members->take(a.self, all_shards());
  let_lapse(it, a.self);
  EXPECT_EQ(b.members->declare_dead(b.self).size(), 1u);
  let_lapse(it, b.self); // before it took anything
  EXPECT_EQ(c.members->declare_dead(c.self).size(), 1u);
  EXPECT_EQ(c.members->take(c.self, all_shards()).size(), shard_count);
  EXPECT_TRUE(b.members->take(b.self, all_shards()).empty());
}

TEST(pg_members, cannot_write_nor_move_after_a_takeover) {
  pg_store it;
  node a(it);
  process b(it);
  auto who = block_in(1);
  a.add(who, "[1]");
  ASSERT_EQ(a.commit(), verdict::durable);
  let_lapse(it, a.self);
  b.members->declare_dead(b.self);
  ASSERT_EQ(b.members->take(b.self, range(0, 2)).size(), 2u);
  a.add(who, "[late]");
  EXPECT_EQ(a.commit(), verdict::fenced);
  EXPECT_FALSE(renewed(it, a.self, 1h));
  it.members().hand_over(a.self, some(a.leases, 0, 9), b.self);
  EXPECT_EQ(it.members().look().shards[5].owner, a.self);
  EXPECT_EQ(it.members().look().owner_of(5), nullptr);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("[1]"));
}

TEST(pg_members, judge_nobody_while_their_own_lease_is_over) {
  pg_store it;
  process a(it), b(it), c(it);
  it.ask("UPDATE member SET lease_until = now() - interval '1 s', ttl = '1 s'");
  EXPECT_TRUE(b.members->declare_dead(b.self).empty());
  a.members.reset();
  EXPECT_FALSE(b.members->suspect(b.self, a.self));
  // Back, but it cannot tell yet who else was only cut off.
  ASSERT_TRUE(b.members->renew(b.self, 1h));
  EXPECT_TRUE(b.members->declare_dead(b.self).empty());
  EXPECT_FALSE(b.members->suspect(b.self, a.self));
  EXPECT_TRUE(c.members->renew(c.self, 1h)); // was, in fact
  std::this_thread::sleep_for(1'100ms);
  EXPECT_THAT(b.members->declare_dead(b.self), testing::ElementsAre(a.self));
}

TEST(pg_members, judge_nobody_when_they_have_just_come) {
  pg_store it;
  process a(it, 2s);
  std::this_thread::sleep_for(2'100ms); // all were cut off for so long
  process b(it);
  EXPECT_TRUE(b.members->declare_dead(b.self).empty());
  ASSERT_TRUE(a.members->renew(a.self, 2s)) << "nobody has buried it";
  std::this_thread::sleep_for(2'100ms);
  EXPECT_THAT(b.members->declare_dead(b.self), testing::ElementsAre(a.self));
}

TEST(pg_members, are_judged_by_a_clock_that_was_set_once_all_promised_anew) {
  for (const auto* ahead : {"-1 h", "1 h"}) {
    pg_store it;
    process judge(it, 1s), lives(it, 1s), gone(it, 1s);
    std::this_thread::sleep_for(1'100ms); // the server, too, is old enough
    for (auto* one : {&judge, &lives, &gone})
      ASSERT_TRUE(one->members->renew(one->self, 1s));
    gone.members.reset(); // now nothing but the promise protects it
    set_clock(it, ahead);
    judge.members->promise_anew(judge.self);
    EXPECT_TRUE(judge.members->declare_dead(judge.self).empty()) << ahead;
    EXPECT_FALSE(judge.members->suspect(judge.self, gone.self));
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(400ms);
      ASSERT_TRUE(judge.members->renew(judge.self, 1s));
      ASSERT_TRUE(lives.members->renew(lives.self, 1s)) << ahead;
    }
    EXPECT_THAT(judge.members->declare_dead(judge.self),
                testing::ElementsAre(gone.self))
      << ahead;
    EXPECT_TRUE(lives.members->renew(lives.self, 1s));
  }
}

TEST(pg_members, promise_anew_by_the_time_at_which_a_row_was_to_be_had) {
  pg_store it;
  process judge(it, 4s);
  pqxx::connection another(server().as_owner(it.database));
  pqxx::work renewal(another);
  renewal.exec("UPDATE member SET lease_until = lease_until");
  auto promised = std::async(std::launch::async,
                             [&] { judge.members->promise_anew(judge.self); });
  std::this_thread::sleep_for(500ms);
  const auto then = renewal.quote(
    renewal.exec("SELECT clock_timestamp()")[0][0].as<std::string>());
  renewal.commit();
  promised.get();
  EXPECT_TRUE(it.ask("SELECT lease_until - ttl >= " + then
                     + " AND steady_since >= " + then + " FROM member")[0][0]
                .as<bool>());
}

TEST(pg_members, promise_nothing_when_they_are_dead) {
  pg_store it;
  process judge(it), dead(it);
  dead.members->leave(dead.self);
  let_lapse(it, judge.self);
  dead.members->promise_anew(dead.self);
  const auto seen = it.members().look();
  EXPECT_LT(seen.find(judge.self)->lease_until, seen.now);
}

TEST(pg_members, who_come_after_a_clock_was_set_back_wait_for_no_odd_lease) {
  pg_store it;
  auto of = [&it](const std::string& name) {
    return it.members().join(named(name), 1s).self;
  };
  const auto first = of("one"), second = of("two");
  set_clock(it, "-1 h"); // and nobody is left who could have seen it
  const auto until = std::chrono::steady_clock::now() + 10s;
  incarnation again = 0;
  while (again == 0 && std::chrono::steady_clock::now() < until) {
    try {
      again = of("one");
    } catch (const name_taken&) {
      std::this_thread::sleep_for(50ms);
    }
  }
  EXPECT_GT(again, second) << "its name was free after a lease";
  EXPECT_EQ(it.members().look().find(first), nullptr);
  std::vector<incarnation> buried;
  while (buried.empty() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(200ms);
    ASSERT_TRUE(it.members().renew(again, 1s));
    buried = it.members().declare_dead(again);
  }
  EXPECT_THAT(buried, testing::ElementsAre(second));
}

TEST(pg_members, are_gone_at_once_when_their_session_is) {
  pg_store it;
  process b(it);
  std::this_thread::sleep_for(2s); // it and the server are older than the lease
  process a(it, 2s);
  a.members->take(a.self, all_shards());
  EXPECT_FALSE(b.members->suspect(b.self, a.self));
  EXPECT_FALSE(b.members->suspect(b.self, b.self));
  ASSERT_TRUE(a.members->renew(a.self, 2s));
  a.members.reset();                                // as by kill -9
  EXPECT_FALSE(b.members->suspect(b.self, a.self)); // may still answer reads
  bool is_dead = false;
  for (int i = 0; i < 380 && !is_dead; ++i) {
    is_dead = b.members->suspect(b.self, a.self);
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_TRUE(is_dead);
  EXPECT_TRUE(b.members->suspect(b.self, a.self)); // and stays so
  EXPECT_EQ(b.members->take(b.self, all_shards()).size(), shard_count);
}

TEST(pg_members, stand_by_their_session_again_once_they_renewed) {
  pg_store it;
  process a(it, 50ms), b(it);
  b.members->look();
  std::this_thread::sleep_for(60ms);
  cut_all_sessions(it);
  EXPECT_THROW(a.members->renew(a.self, 50ms), unavailable);
  ASSERT_TRUE(a.members->renew(a.self, 50ms));
  std::this_thread::sleep_for(30ms); // silent, but its session is there
  EXPECT_THROW(b.members->look(), unavailable);
  EXPECT_FALSE(b.members->suspect(b.self, a.self));
  EXPECT_TRUE(a.members->renew(a.self, 50ms));
  EXPECT_EQ(sessions_of(it, a.self), 1);
  cut_all_sessions(it); // and now without renewing
  std::this_thread::sleep_for(60ms);
  EXPECT_THROW(b.members->look(), unavailable);
  EXPECT_TRUE(b.members->suspect(b.self, a.self));
  EXPECT_THROW(a.members->renew(a.self, 50ms), unavailable);
  EXPECT_FALSE(a.members->renew(a.self, 50ms));
}

TEST(pg_members, lose_their_sessions_when_they_are_declared_dead) {
  pg_store it;
  node a(it);
  process b(it);
  auto options = it.options();
  options.session = "usher " + std::to_string(a.self);
  pg_archive reading(options);
  reading.load({any_block()});
  EXPECT_EQ(sessions_of(it, a.self), 2); // the heartbeat and this one
  let_lapse(it, a.self);
  b.members->declare_dead(b.self);
  for (int i = 0; i < 2'000 && sessions_of(it, a.self) > 0; ++i)
    std::this_thread::sleep_for(5ms);
  EXPECT_EQ(sessions_of(it, a.self), 0);
  EXPECT_EQ(sessions_of(it, b.self), 1);
}

TEST(pg_members, are_judged_by_nobody_while_the_server_is_young) {
  pg_store it;
  process a(it, 2s), b(it, 2s);
  b.members->look();
  server().stop();
  std::this_thread::sleep_for(2'100ms); // both leases are over
  server().start();
  EXPECT_THROW(b.members->look(), unavailable);
  EXPECT_THROW(b.members->renew(b.self, 2s), unavailable);
  ASSERT_TRUE(b.members->renew(b.self, 1h)); // the first renewal wins
  EXPECT_TRUE(b.members->declare_dead(b.self).empty());
  EXPECT_FALSE(b.members->suspect(b.self, a.self));
  process newcomer(it);
  EXPECT_TRUE(newcomer.members->declare_dead(newcomer.self).empty());
  EXPECT_THROW(a.members->renew(a.self, 2s), unavailable);
  EXPECT_TRUE(a.members->renew(a.self, 1h)); // and so does the second
}

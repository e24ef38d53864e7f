#include "cluster/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// Placement over random clusters: who is there, what they weigh, who owns
/// what.
using namespace usher;
using namespace usher::cluster;

namespace {

constexpr timestamp moment{duration{1'000'000}};

/// Many small choices from one that shrinks to nothing smaller.
class dice {
public:
  template <class T>
  T any_of(std::initializer_list<T> all) {
    return all.begin()[any(all.size())];
  }

  std::size_t any(std::size_t n) { return engine_() % n; }

private:
  std::mt19937_64 engine_{*rc::gen::arbitrary<std::uint64_t>()};
};

cluster_member any_member(dice& chance, incarnation self) {
  cluster_member out;
  out.self = self;
  out.about.name =
    std::to_string(chance.any(1'000'000)) + "-" + std::to_string(self);
  out.about.weight = chance.any_of({0.0, 0.5, 1.0, 1.0, 1.0, 2.0, 3.0});
  out.about.is_worker = chance.any(6) > 0;
  out.state =
    chance.any(6) > 0 ? member_state::serving : member_state::draining;
  out.lease_until = moment + duration{chance.any_of({-500, 0, 3'000})};
  out.about.protocol.high = chance.any_of<std::uint16_t>({1, 2, 2, 3, 5, 5});
  return out;
}

/// Up to eight living members; owners are some of them, the dead, or nobody;
/// some shards are pinned, to one of them or to a name that nobody has.
cluster_view any_view() {
  dice chance;
  cluster_view out;
  out.now = moment;
  const auto n = 1 + chance.any(8);
  for (std::size_t i = 1; i <= n; ++i)
    out.members.push_back(any_member(chance, static_cast<incarnation>(i) * 3));
  for (auto& shard : out.shards)
    shard = {static_cast<incarnation>(chance.any(3 * n + 2)), 1};
  for (auto pins = chance.any(20); pins > 0; --pins)
    out.pins[static_cast<shard_no>(chance.any(shard_count))] =
      chance.any(4) > 0 ? out.members[chance.any(n)].about.name : "nobody";
  return out;
}

/// `n` equal serving workers, everything where it is to be.
cluster_view settled(std::size_t n, const std::string& prefix,
                     double weight_of_first = 1) {
  cluster_view out;
  out.now = moment;
  for (std::size_t i = 1; i <= n; ++i) {
    cluster_member one;
    one.self = static_cast<incarnation>(i);
    one.about.name = prefix + std::to_string(i);
    one.lease_until = moment + duration{3'000};
    out.members.push_back(one);
  }
  out.members[0].about.weight = weight_of_first;
  for (shard_no i = 0; i < shard_count; ++i)
    out.shards[i] = {winner_of(out, i), 1};
  return out;
}

std::map<incarnation, int> shares(const cluster_view& all) {
  std::map<incarnation, int> out;
  for (shard_no i = 0; i < shard_count; ++i)
    ++out[winner_of(all, i)];
  return out;
}

bool may_win(const cluster_member& x) {
  return x.about.is_worker && x.state == member_state::serving
         && x.about.weight > 0;
}

bool may_inherit(const cluster_member& x) {
  return x.about.is_worker && x.state == member_state::draining
         && x.about.weight > 0 && x.about.protocol.high >= 5;
}

bool owns_any(const cluster_view& all, const cluster_member& x) {
  return std::ranges::count(all.shards, x.self, &shard_owner::owner) > 0;
}

/// Who takes what is free: those who may win or, if there are none, those who
/// drain.
bool has_heirs(const cluster_view& all) {
  return std::ranges::any_of(all.members, may_win)
         || std::ranges::any_of(all.members, may_inherit);
}

/// Who is to have the shard by its pin, written anew.
const cluster_member* pinned(const cluster_view& all, shard_no shard) {
  for (const auto& one : all.members)
    if (all.pins.contains(shard) && all.pins.at(shard) == one.about.name
        && one.about.is_worker && one.state == member_state::serving
        && one.about.protocol.high >= 2)
      return &one;
  return nullptr;
}

std::string any_prefix() {
  return std::to_string(*rc::gen::inRange(0, 1'000'000)) + "-";
}

} // namespace

RC_GTEST_PROP(placement, has_serving_workers_win_and_all_others_not, ()) {
  const auto all = any_view();
  const bool any = std::any_of(all.members.begin(), all.members.end(), may_win);
  for (shard_no i = 0; i < shard_count; ++i) {
    const auto winner = winner_of(all, i);
    if (const auto* by_hand = pinned(all, i)) {
      RC_ASSERT(winner == by_hand->self);
      continue;
    }
    RC_ASSERT((winner != 0) == any);
    RC_ASSERT((winner == 0 || may_win(*all.find(winner))));
  }
}

RC_GTEST_PROP(placement, moves_only_what_is_free_or_ours, ()) {
  const auto all = any_view();
  const auto stays = [&](const auto& one) {
    return may_inherit(one) && owns_any(all, one);
  };
  const bool any_stays = std::ranges::any_of(all.members, stays);
  std::map<shard_no, int> takers;
  for (const auto& me : all.members) {
    const auto mine = plan(all, me.self);
    for (const auto shard : mine.take) {
      const auto winner = winner_of(all, shard);
      RC_ASSERT(!all.owner_of(shard));
      RC_ASSERT(
        winner == me.self
        || (winner == 0 && may_inherit(me) && (stays(me) || !any_stays)));
      ++takers[shard];
    }
    for (const auto& one : mine.give) {
      RC_ASSERT(all.shards[one.shard].owner == me.self);
      RC_ASSERT(one.to != me.self);
      RC_ASSERT((may_win(*all.find(one.to)) || pinned(all, one.shard)));
      RC_ASSERT(all.find(one.to)->lease_until >= all.now);
    }
  }
  const bool any = has_heirs(all);
  for (shard_no i = 0; i < shard_count; ++i) // nothing free is forgotten
    RC_ASSERT(takers[i]
              == ((any || pinned(all, i)) && !all.owner_of(i) ? 1 : 0));
}

RC_GTEST_PROP(placement, is_at_rest_once_all_did_their_part, ()) {
  auto all = any_view();
  for (auto& one : all.members)
    one.lease_until = moment + duration{1};
  const auto before = all;
  for (const auto& me : before.members) {
    const auto mine = plan(before, me.self);
    for (const auto shard : mine.take)
      all.shards[shard] = {me.self, 2};
    for (const auto& one : mine.give)
      all.shards[one.shard] = {one.to, 2};
  }
  RC_ASSERT(misplaced(all).empty());
  for (const auto& me : all.members) {
    const auto mine = plan(all, me.self);
    RC_ASSERT(mine.take.empty() && mine.give.empty());
  }
}

RC_GTEST_PROP(placement, gives_to_one_that_comes_and_moves_nothing_else, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  auto all = settled(n, any_prefix());
  auto comes = all.members.back();
  comes.self = 100;
  comes.about.name += "-new";
  all.members.push_back(comes);
  const auto moving = misplaced(all);
  for (const auto& one : moving)
    RC_ASSERT(one.to == 100);
  const auto fair = double{shard_count} / static_cast<double>(n + 1);
  RC_ASSERT(static_cast<double>(moving.size()) < fair + 5 * std::sqrt(fair));
}

RC_GTEST_PROP(placement, moves_only_the_shards_of_one_that_goes, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(2, 9);
  const auto prefix = any_prefix();
  auto all = settled(n, prefix);
  const auto before = all;
  const auto gone = *rc::gen::inRange<std::size_t>(0, n);
  const auto who = all.members[gone].self;
  if (*rc::gen::arbitrary<bool>())
    all.members.erase(all.members.begin() + static_cast<std::ptrdiff_t>(gone));
  else
    all.members[gone].state = member_state::draining;
  for (shard_no i = 0; i < shard_count; ++i)
    RC_ASSERT((winner_of(all, i) != winner_of(before, i))
              == (before.shards[i].owner == who));
  for (const auto& one : all.members)
    RC_ASSERT(plan(all, one.self).give.empty() || one.self == who);
}

RC_GTEST_PROP(placement, moves_nothing_for_a_pin_but_its_shard, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  const auto before = settled(n, any_prefix());
  const auto which = *rc::gen::inRange<shard_no>(0, shard_count);
  const auto& to = before.members[*rc::gen::inRange<std::size_t>(0, n)];
  auto all = before;
  all.pins[which] = to.about.name;
  const auto is_there = before.shards[which].owner == to.self;
  const auto wanted =
    is_there ? std::vector<gift>{} : std::vector<gift>{{which, to.self}};
  RC_ASSERT(misplaced(all) == wanted);
  RC_ASSERT(why_not_move(all, which, to.about.name).empty());
  all.shards[which].owner = to.self;
  all.pins.clear(); // and back again
  RC_ASSERT(winner_of(all, which) == before.shards[which].owner);
}

RC_GTEST_PROP(placement, leaves_the_pins_of_one_that_goes_to_the_draw, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(2, 9);
  auto all = settled(n, any_prefix());
  const auto gone = *rc::gen::inRange<std::size_t>(0, n);
  const auto who = all.members[gone];
  auto without = all;
  for (shard_no i = 0; i < shard_count; i += 5)
    all.pins[i] = who.about.name;
  const auto before = all;
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      all.members.erase(all.members.begin()
                        + static_cast<std::ptrdiff_t>(gone));
      break;
    case 1:
      all.members[gone].state = member_state::draining;
      break;
    default:
      all.members[gone].about.is_worker = false;
  }
  without.members = all.members;
  for (shard_no i = 0; i < shard_count; ++i)
    RC_ASSERT(winner_of(all, i) == winner_of(without, i));
  RC_ASSERT(!why_not_move(all, 0, who.about.name).empty());
  all.members = before.members; // it comes back
  for (shard_no i = 0; i < shard_count; i += 5)
    RC_ASSERT(winner_of(all, i) == who.self);
}

// It would give the shard to whom it takes for the winner, and so on for ever.
TEST(placement, heeds_no_pin_to_one_that_knows_of_none) {
  auto all = settled(2, "p");
  const auto which = static_cast<shard_no>(
    std::ranges::find(all.shards, 1, &shard_owner::owner) - all.shards.begin());
  all.pins[which] = "p2";
  EXPECT_EQ(winner_of(all, which), 2);
  all.members[1].about.protocol.high = 1;
  EXPECT_EQ(winner_of(all, which), 1);
  EXPECT_FALSE(why_not_move(all, which, "p2").empty());
  all.members[1].about.protocol.high = 2;
  all.members[0].about.protocol.high = 1; // the owner, who would not give it
  EXPECT_FALSE(why_not_move(all, which, "p2").empty());
}

RC_GTEST_PROP(placement, gives_back_to_one_that_returns_under_its_name, ()) {
  const auto before = settled(4, any_prefix());
  auto all = before;
  all.members.erase(all.members.begin() + 1);
  auto again = before.members[1];
  again.self = 50;
  all.members.push_back(again);
  for (shard_no i = 0; i < shard_count; ++i)
    RC_ASSERT((winner_of(all, i) == 50) == (before.shards[i].owner == 2));
}

RC_GTEST_PROP(placement, shares_fairly_by_weight, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(2, 9);
  const auto weight = *rc::gen::element(0.5, 1.0, 2.0, 4.0);
  const auto all = settled(n, any_prefix(), weight);
  const auto sum = weight + static_cast<double>(n - 1);
  for (const auto& [who, share] : shares(all)) {
    const auto p = (who == 1 ? weight : 1.0) / sum;
    const auto fair = shard_count * p;
    // Six standard deviations of a fair draw.
    RC_ASSERT(std::abs(share - fair) < 6 * std::sqrt(fair * (1 - p)));
  }
}

TEST(placement, gives_a_lone_worker_everything_and_a_front_nothing) {
  auto all = settled(1, "lone");
  auto front = all.members[0];
  front.self = 2;
  front.about.name = "front";
  front.about.is_worker = false;
  all.members.push_back(front);
  for (auto& shard : all.shards)
    shard = {};
  EXPECT_EQ(plan(all, 1).take.size(), shard_count);
  EXPECT_TRUE(plan(all, 2).take.empty());
}

TEST(placement, gives_nothing_to_one_that_is_set_up_to_be_alone) {
  auto all = settled(3, "node-");
  for (auto& one : all.members)
    one.about.cluster_address = "10.0.0.1:7000";
  all.members[2].about.cluster_address.clear();
  all.pins[7] = all.members[2].about.name;
  EXPECT_EQ(shares(all).count(3), 0u);
  EXPECT_NE(why_not_move(all, 7, all.members[2].about.name), "");
  for (auto& one : all.members)
    one.about.cluster_address.clear();
  EXPECT_GT(shares(all).at(3), 0);
}

TEST(placement, lets_a_lone_draining_worker_keep_what_it_has) {
  auto all = settled(1, "lone");
  all.members[0].state = member_state::draining;
  EXPECT_TRUE(plan(all, 1).give.empty());
}

TEST(placement, lets_those_who_drain_take_what_is_free_if_nobody_serves) {
  auto all = settled(3, "node-");
  all.members[0].state = member_state::draining;
  all.members[1].state = member_state::draining;
  for (shard_no i = 0; i < shard_count; ++i)
    if (all.shards[i].owner == 3)
      all.shards[i].owner = 0;
  all.members.pop_back(); // it is dead
  const auto free = static_cast<std::size_t>(
    std::ranges::count(all.shards, 0, &shard_owner::owner));
  const auto first = plan(all, 1), second = plan(all, 2);
  EXPECT_EQ(first.take.size() + second.take.size(), free);
  EXPECT_TRUE(first.give.empty() && second.give.empty()) << "to whom?";
  EXPECT_TRUE(misplaced(all).empty());
  all.members[1].state = member_state::serving;
  EXPECT_TRUE(plan(all, 1).take.empty());
  EXPECT_EQ(plan(all, 2).take.size(), free);
  EXPECT_FALSE(plan(all, 1).give.empty());
}

TEST(placement, leaves_what_is_free_to_who_drains_and_is_not_on_the_way_out) {
  auto all = settled(3, "node-");
  for (auto& one : all.members)
    one.state = member_state::draining;
  for (auto& one : all.shards)
    one.owner = one.owner == 1 ? 1 : 0; // nobody has anything else
  const auto free = static_cast<std::size_t>(
    std::ranges::count(all.shards, 0, &shard_owner::owner));
  EXPECT_EQ(plan(all, 1).take.size(), free);
  EXPECT_TRUE(plan(all, 2).take.empty() && plan(all, 3).take.empty());
  all.members[0].about.protocol.high = 4; // which would never take it
  EXPECT_TRUE(plan(all, 1).take.empty());
  EXPECT_EQ(plan(all, 2).take.size() + plan(all, 3).take.size(), free);
}

// Placement is agreed between versions that run side by side: these never
// change.
TEST(placement, draws_what_it_always_drew) {
  const auto all = settled(3, "usher-");
  const std::vector<incarnation> first{2, 2, 3, 2, 3, 2, 2, 1,
                                       3, 3, 3, 3, 2, 2, 3, 1};
  for (shard_no i = 0; i < first.size(); ++i)
    EXPECT_EQ(winner_of(all, i), first[i]) << i;
}

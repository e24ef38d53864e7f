#include "tests/support/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

using maker = std::unique_ptr<store> (*)();

class store_contract : public testing::TestWithParam<maker> {
protected:
  std::unique_ptr<store> made = GetParam()();
  store& it = *made;
};

std::string name_of(const testing::TestParamInfo<maker>& info) {
  return info.index == 0 ? "postgres" : "memory";
}

INSTANTIATE_TEST_SUITE_P(
  all, store_contract,
  testing::Values(
    [] { return std::unique_ptr<store>(std::make_unique<pg_store>()); },
    [] { return std::unique_ptr<store>(std::make_unique<memory_store>()); }),
  name_of);

} // namespace

TEST_P(store_contract, gives_back_what_was_written_whatever_it_holds) {
  const std::vector<std::string> awkward{
    R"([["a/1",{"text":"quote \" backslash \\ ' {},NULL"}]])",
    "[[\"a/1\",{\"text\":\"Nguy\xe1\xbb\x85n \xed\x95\x9c "
    "\xf0\x9f\x8e\xab\"}]]",
    "[]",
    "",
    "NULL",
    "\\x00",
    std::string(1 << 20, 'x')};
  node writer(it);
  auto who = any_block();
  for (const auto& facts : awkward)
    writer.add(who, facts);
  ASSERT_EQ(writer.commit(), verdict::durable);
  EXPECT_EQ(facts_of(load_one(it, who)), awkward);
}

TEST_P(store_contract, keeps_versions_times_and_answers) {
  node writer(it);
  auto who = any_block();
  auto at = now();
  const remembered answer{mint_uuid(), 0xffff'ffff'ffff'fff0, 201, at,
                          "{\"name\":\"\\\"\u00e9\\\\\"}"};
  writer.add(who, "[1]", at, answer);
  writer.add(who, "[2]", at + 1ms);
  ASSERT_EQ(writer.commit(), verdict::durable);
  auto found = load_one(it, who).tail;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].entity, who);
  EXPECT_EQ(found[0].now, 1u);
  EXPECT_EQ(found[0].at, at);
  EXPECT_EQ(found[0].request, answer);
  EXPECT_EQ(found[1].now, 2u);
  EXPECT_EQ(found[1].at, at + 1ms);
  EXPECT_FALSE(found[1].request);
}

TEST_P(store_contract, forgets_answers_after_a_day_but_not_the_facts) {
  node writer(it);
  auto who = any_block();
  for (auto age : {24h + 1min, 24h - 1min}) {
    auto at = now() - age;
    writer.add(who, "[]", at, remembered{mint_uuid(), 1, 200, at, "{}"});
  }
  ASSERT_EQ(writer.commit(), verdict::durable);
  auto found = load_one(it, who).tail;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].request);
  EXPECT_TRUE(found[1].request);
}

TEST_P(store_contract, loads_many_in_the_order_asked_for) {
  node writer(it);
  std::vector<entity_id> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(any_block());
    writer.add(all.back(), std::to_string(i));
  }
  ASSERT_EQ(writer.commit(), verdict::durable);
  auto stranger = any_block();
  auto found = it.reader().load({all[299], stranger, all[7], all[7]});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_THAT(facts_of(found[0]), testing::ElementsAre("299"));
  EXPECT_EQ(found[1].entity, stranger);
  EXPECT_TRUE(found[1].tail.empty() && !found[1].base && !found[1].due);
  EXPECT_THAT(facts_of(found[2]), testing::ElementsAre("7"));
  EXPECT_THAT(facts_of(found[3]), testing::ElementsAre("7"));
  EXPECT_TRUE(it.reader().load({}).empty());
}

TEST_P(store_contract, tells_kinds_apart_that_share_a_key) {
  node writer(it);
  auto key = mint_uuid();
  writer.add({entity_kind::booking_session, key}, "[1]");
  writer.add({entity_kind::payment, key}, "[2]");
  ASSERT_EQ(writer.commit(), verdict::durable);
  auto payment = load_one(it, {entity_kind::payment, key});
  EXPECT_THAT(facts_of(payment), testing::ElementsAre("[2]"));
}

TEST_P(store_contract, sets_moves_and_drops_alarms) {
  node writer(it);
  auto a = any_block(), b = any_block(), c = any_block();
  auto soon = now() + 1min;
  writer.next.alarms = {{a, soon + 2s}, {b, soon + 1s}, {c, soon}};
  writer.add(a, "[]");
  ASSERT_EQ(writer.commit(), verdict::durable);
  writer.next.alarms = {{a, soon}, {c, {}}, {any_block(), {}}};
  writer.add(a, "[]");
  ASSERT_EQ(writer.commit(), verdict::durable);

  auto due = it.reader().due(writer.self, soon + 1s, 10);
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].entity, a);
  EXPECT_EQ(due[0].due, soon);
  EXPECT_EQ(due[1].entity, b);
  EXPECT_EQ(it.reader().due(writer.self, soon + 1s, 1).size(), 1u);
  EXPECT_EQ(it.reader().due(writer.self, soon, 10).size(), 1u);
  EXPECT_TRUE(it.reader().due(writer.self, soon - 1ms, 10).empty());
  EXPECT_TRUE(it.reader().due(writer.self + 1, soon + 1h, 10).empty());
  EXPECT_EQ(load_one(it, a).due, soon);
  EXPECT_FALSE(load_one(it, c).due);
}

TEST_P(store_contract, keeps_the_newest_snapshot_and_the_tail_after_it) {
  node writer(it);
  auto who = any_block();
  for (int i = 1; i <= 4; ++i)
    writer.add(who, std::to_string(i));
  ASSERT_EQ(writer.commit(), verdict::durable);
  it.reader().save({{who, 2, "two"}, {who, 3, "three"}, {who, 1, "one"}});
  it.reader().save({{who, 2, "late"}});
  it.reader().save({});
  auto found = load_one(it, who);
  ASSERT_TRUE(found.base);
  EXPECT_EQ(found.base->now, 3u);
  EXPECT_EQ(found.base->state, "three");
  EXPECT_THAT(facts_of(found), testing::ElementsAre("4"));
}

TEST_P(store_contract, gives_all_shards_to_the_first_and_none_to_the_second) {
  node first(it), second(it);
  EXPECT_EQ(first.leases.size(), shard_count);
  EXPECT_TRUE(second.leases.empty());
  EXPECT_NE(first.self, second.self);
  auto again = it.members().take(first.self, all_shards());
  ASSERT_EQ(again.size(), shard_count);
  EXPECT_EQ(again[9].epoch, first.leases[9].epoch);
}

TEST_P(store_contract, continues_the_shards_of_one_who_left) {
  node first(it);
  auto who = any_block();
  first.add(who, "[1]");
  first.add(who, "[2]");
  ASSERT_EQ(first.commit(), verdict::durable);
  it.members().leave(first.self);
  EXPECT_FALSE(it.members().renew(first.self, 1h));
  first.add(who, "[late]");
  EXPECT_EQ(first.commit(), verdict::fenced);

  node second(it);
  auto lease = second.leases.at(shard_of(who));
  EXPECT_EQ(lease.epoch, first.leases.at(shard_of(who)).epoch + 1);
  second.versions[who] = 2;
  second.add(who, "[3]");
  ASSERT_EQ(second.commit(), verdict::durable);
  EXPECT_THAT(facts_of(load_one(it, who)),
              testing::ElementsAre("[1]", "[2]", "[3]"));
}

TEST_P(store_contract, buries_only_those_whose_lease_is_over) {
  node brief(it, 1ms);
  auto who = any_block();
  brief.add(who, "[1]");
  ASSERT_EQ(brief.commit(), verdict::durable);
  std::this_thread::sleep_for(20ms);
  // Late, but nobody has declared it dead: its own renewal wins.
  ASSERT_TRUE(it.members().renew(brief.self, 1h));
  node other(it);
  EXPECT_TRUE(other.leases.empty());

  ASSERT_TRUE(it.members().renew(brief.self, 1ms));
  std::this_thread::sleep_for(20ms);
  other.take_over();
  EXPECT_EQ(other.leases.size(), shard_count);
  EXPECT_FALSE(renewed(it, brief.self, 1h));
  brief.add(who, "[2]");
  EXPECT_EQ(brief.commit(), verdict::fenced);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("[1]"));
}

TEST_P(store_contract, moves_shards_between_the_living_by_epoch) {
  node first(it), second(it);
  std::vector gift{first.leases.at(0), first.leases.at(9)};
  auto stale = gift;
  stale[0].epoch -= 1;
  EXPECT_EQ(it.members().hand_over(first.self, stale, second.self),
            (std::vector<shard_no>{0, 9}));
  auto theirs = it.members().owned(second.self); // 0 was held in another epoch
  ASSERT_EQ(theirs.size(), 1u);
  EXPECT_EQ(theirs[0].shard, 9);
  EXPECT_EQ(theirs[0].epoch, gift[1].epoch + 1);
  it.members().leave(second.self);
  EXPECT_TRUE(it.members()
                .hand_over(first.self, {first.leases.at(1)}, second.self)
                .empty());
  auto seen = it.members().look();
  EXPECT_EQ(seen.members.size(), 1u);
  EXPECT_EQ(seen.owner_of(0), seen.find(first.self));
  EXPECT_EQ(seen.owner_of(9), nullptr);
  EXPECT_EQ(it.members().take(first.self, {8, 9}).size(), 2u);
}

TEST_P(store_contract, refuses_a_name_that_a_living_member_has) {
  auto& members = it.members();
  auto self = members.join(named("one"), 1h).self;
  EXPECT_THROW(members.join(named("one"), 1h), name_taken);
  EXPECT_TRUE(members.drain(self));
  EXPECT_EQ(members.renew(self, 1h)->state, member_state::draining);
  members.leave(self);
  EXPECT_FALSE(members.drain("one") || members.drain(self));
  EXPECT_NO_THROW(members.join(named("one"), 1h));
}

TEST_P(store_contract, drains_no_worker_by_name_that_nobody_could_replace) {
  auto& members = it.members();
  const auto state_of = [&](incarnation who) {
    return members.look().find(who)->state;
  };
  const auto one = members.join(named("it's one"), 1h).self;
  auto front = named("front");
  front.is_worker = false;
  const auto other = members.join(front, 1h).self;
  EXPECT_FALSE(members.drain("nobody"));
  EXPECT_FALSE(members.drain("it's one"));
  const auto two = members.join(named("two"), 1h).self;
  EXPECT_TRUE(members.drain("it's one"));
  EXPECT_TRUE(members.drain("it's one")) << "it is drained already";
  EXPECT_FALSE(members.drain("two")) << "the second of two at once";
  EXPECT_TRUE(members.drain("front"));
  EXPECT_EQ(state_of(one), member_state::draining);
  EXPECT_EQ(state_of(other), member_state::draining);
  EXPECT_EQ(state_of(two), member_state::serving);
  EXPECT_TRUE(members.drain(two)) << "who leaves may";
}

TEST_P(store_contract, buries_a_last_life_but_no_stranger_of_that_number) {
  auto& members = it.members();
  const auto self = members.join(named("it's one"), 1h).self;
  EXPECT_EQ(members.take(self, {3}).size(), 1u);
  members.bury_last(self, "another");
  members.bury_last(self + 1, "it's one");
  EXPECT_EQ(members.look().shards[3].owner, self);
  EXPECT_TRUE(members.renew(self, 1h));
  members.bury_last(self, "it's one");
  EXPECT_EQ(members.look().shards[3].owner, 0);
  EXPECT_FALSE(members.renew(self, 1h));
}

TEST_P(store_contract, pins_shards_to_the_names_of_serving_workers) {
  auto& members = it.members();
  const auto self = members.join(named("it's one"), 1h).self;
  auto front = named("front");
  front.is_worker = false;
  members.join(front, 1h);
  auto old = named("old");
  old.protocol = {1, 1};
  members.join(old, 1h);
  EXPECT_FALSE(members.pin(7, "nobody"));
  EXPECT_FALSE(members.pin(7, "front"));
  EXPECT_FALSE(members.pin(7, "old"));
  EXPECT_TRUE(members.look().pins.empty());
  EXPECT_TRUE(members.pin(7, "it's one"));
  members.take(self, {7});
  using pins = std::map<shard_no, std::string>;
  EXPECT_EQ(members.look().pins, (pins{{7, "it's one"}}));
  EXPECT_EQ(members.look().shards[7].epoch, 1);
  EXPECT_TRUE(members.drain(self));
  EXPECT_FALSE(members.pin(8, "it's one"));
  members.leave(self);
  EXPECT_FALSE(members.pin(8, "it's one"));
  EXPECT_EQ(members.look().pins, (pins{{7, "it's one"}})); // whoever dies
  members.unpin(7);
  members.unpin(7);
  EXPECT_TRUE(members.look().pins.empty());
}

TEST_P(store_contract, knows_a_batch_it_already_has) {
  node writer(it);
  auto who = any_block();
  writer.add(who, "[1]");
  ASSERT_EQ(writer.offer(), verdict::durable);
  ASSERT_EQ(writer.offer(), verdict::durable);
  // Even when it was declared dead between the two: the rows are in.
  it.members().leave(writer.self);
  ASSERT_EQ(writer.commit(), verdict::durable);
  writer.add(who, "[2]");
  EXPECT_EQ(writer.commit(), verdict::fenced);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("[1]"));
}

TEST(pg_journal, notes_the_trace_of_those_rows_that_have_one) {
  pg_store it;
  node writer(it);
  const auto who = any_block();
  const auto trace = mint_uuid();
  writer.add(who, "[1]");
  writer.add(who, "[2]");
  writer.next.rows.back().what.trace = trace;
  writer.add(who, "[3]");
  ASSERT_EQ(writer.offer(), verdict::durable);
  ASSERT_EQ(writer.commit(), verdict::durable) << "it has that batch already";
  writer.add(who, "[4]");
  ASSERT_EQ(writer.commit(), verdict::durable);
  const auto noted =
    it.ask("SELECT trace, entity, version FROM traced ORDER BY version");
  ASSERT_EQ(noted.size(), 1);
  EXPECT_EQ(parse_uuid(noted[0][0].c_str()), trace);
  EXPECT_EQ(parse_uuid(noted[0][1].c_str()), who.key);
  EXPECT_EQ(noted[0][2].as<int>(), 2);
  EXPECT_EQ(facts_of(load_one(it, who)).size(), 4u);
}

TEST(pg_journal, notes_no_trace_of_what_the_fence_keeps_out) {
  pg_store it;
  node writer(it);
  it.members().leave(writer.self);
  writer.add(any_block(), "[1]");
  writer.next.rows.back().what.trace = mint_uuid();
  ASSERT_EQ(writer.commit(), verdict::fenced);
  EXPECT_TRUE(it.ask("SELECT 1 FROM traced").empty());
}

TEST(memory_store, fails_on_demand_before_and_after_the_commit) {
  memory_store it;
  node writer(it);
  auto who = any_block();
  it.tables->fail_before = 1;
  writer.add(who, "[1]");
  EXPECT_THROW(writer.offer(), unavailable);
  EXPECT_TRUE(load_one(it, who).tail.empty());
  it.tables->fail_after = 1;
  EXPECT_THROW(writer.offer(), unavailable);
  EXPECT_EQ(writer.commit(), verdict::durable);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("[1]"));
  it.tables->declare_dead(writer.self);
  writer.add(who, "[2]");
  EXPECT_EQ(writer.commit(), verdict::fenced);
}

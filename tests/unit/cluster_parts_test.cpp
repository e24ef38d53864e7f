#include "cluster/alarm_clock.hpp"
#include "persistence/journal/batch_builder.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;

namespace {

entity_id cart(std::uint8_t n) {
  return {entity_kind::booking_session, nth(n)};
}

submission row(const entity_id& who, version now) {
  submission out;
  out.record = entry{who, now, t0, "[]", false, {}};
  return out;
}

std::vector<shard_lease> all_shards() {
  std::vector<shard_lease> out;
  for (shard_no s = 0; s < shard_count; ++s)
    out.push_back({s, 3});
  return out;
}

} // namespace

// -- alarms

TEST(alarm_list, rings_what_is_due_soonest_first) {
  cluster::alarm_list list;
  list.set({cart(1), t0 + 3s});
  list.set({cart(2), t0 + 1s});
  list.set({cart(3), t0 + 9s});
  EXPECT_TRUE(list.ring(t0 + 1s - 1ms).empty());
  EXPECT_THAT(list.ring(t0 + 3s), testing::ElementsAre(cart(2), cart(1)));
  EXPECT_TRUE(list.ring(t0 + 3s).empty());
  EXPECT_EQ(list.size(), 1u);
}

TEST(alarm_list, keeps_the_last_word_of_each_entity) {
  cluster::alarm_list list;
  list.set({cart(1), t0 + 1s});
  list.set({cart(1), t0 + 5s});
  list.set({cart(2), t0 + 1s});
  list.set({cart(2), std::nullopt});
  list.set({cart(3), std::nullopt});
  EXPECT_TRUE(list.ring(t0 + 4s).empty());
  EXPECT_THAT(list.ring(t0 + 5s), testing::ElementsAre(cart(1)));
  EXPECT_EQ(list.size(), 0u);
}

// -- when stored alarms are read

namespace {

/// So many alarms, the last of them at `last`.
std::vector<usher::alarm> page_of(std::size_t n, timestamp last) {
  std::vector<usher::alarm> out(n, {cart(1), last});
  return out;
}

constexpr auto full = cluster::alarms_at_a_time;

} // namespace

TEST(outlook, looks_again_when_half_of_what_it_knows_is_over) {
  cluster::outlook ahead;
  EXPECT_TRUE(ahead.is_due(t0));
  EXPECT_FALSE(ahead.reaches(t0));
  ahead.take(page_of(3, t0 + 5s), t0, t0 + 2min);
  EXPECT_TRUE(ahead.reaches(t0 + 2min));
  EXPECT_FALSE(ahead.reaches(t0 + 2min + 1ms));
  EXPECT_FALSE(ahead.is_due(t0 + 1min - 1ms));
  EXPECT_TRUE(ahead.is_due(t0 + 1min));
}

TEST(outlook, reads_a_crowded_minute_in_pages_and_not_all_the_time) {
  cluster::outlook ahead;
  ahead.take(page_of(full, t0 + 20s), t0, t0 + 2min);
  EXPECT_TRUE(ahead.reaches(t0 + 20s));
  EXPECT_FALSE(ahead.reaches(t0 + 21s));
  EXPECT_FALSE(ahead.is_due(t0 + 10s - 1ms));
  EXPECT_TRUE(ahead.is_due(t0 + 10s));
  ahead.take(page_of(full, t0 - 1h), t0, t0 + 2min); // all of them are late
  EXPECT_FALSE(ahead.is_due(t0 + 1s - 1ms));
  EXPECT_TRUE(ahead.is_due(t0 + 1s));
}

TEST(outlook, looks_at_once_when_shards_came_or_the_database_was_away) {
  cluster::outlook ahead;
  ahead.take(page_of(full, t0 + 20s), t0, t0 + 2min);
  ahead.look_again();
  EXPECT_TRUE(ahead.is_due(t0));
  EXPECT_FALSE(ahead.reaches(t0));
  ahead.take({}, t0, t0 + 2min);
  ahead.miss(t0 + 1min);
  EXPECT_TRUE(ahead.is_due(t0 + 1min));
  EXPECT_FALSE(ahead.reaches(t0 + 2min)) << "what is set now is read later";
}

// -- batches

TEST(batch_builder, numbers_rows_without_gaps_by_shard_and_over_batches) {
  persistence::batch_builder builder(all_shards());
  builder.add(row(cart(1), 1));
  builder.add(row(cart(1), 2));
  auto first = builder.take();
  builder.add(row(cart(1), 3));
  auto second = builder.take();
  ASSERT_EQ(first.what.rows.size(), 2u);
  EXPECT_EQ(first.what.rows[0].lsn, make_lsn(3, 1));
  EXPECT_EQ(first.what.rows[1].lsn, make_lsn(3, 2));
  EXPECT_EQ(first.what.rows[0].epoch, 3);
  EXPECT_EQ(second.what.rows[0].lsn, make_lsn(3, 3));
  EXPECT_EQ(first.what.from, 0u);
  EXPECT_EQ(first.what.upto, 2u);
  EXPECT_EQ(second.what.from, 2u);
  EXPECT_EQ(second.what.upto, 3u);
}

TEST(batch_builder, keeps_the_last_alarm_of_each_entity) {
  persistence::batch_builder builder(all_shards());
  for (auto due : {t0 + 1s, t0 + 2s}) {
    submission said;
    said.timer = usher::alarm{cart(1), due};
    builder.add(std::move(said));
  }
  submission other;
  other.timer = usher::alarm{cart(2), std::nullopt};
  builder.add(std::move(other));
  const auto round = builder.take();
  ASSERT_EQ(round.what.alarms.size(), 2u);
  EXPECT_EQ(round.what.alarms[0].due, t0 + 2s);
  EXPECT_FALSE(round.what.alarms[1].due);
  submission again;
  again.timer = usher::alarm{cart(1), t0 + 3s};
  builder.add(std::move(again));
  EXPECT_EQ(builder.take().what.alarms.size(), 1u);
}

TEST(batch_builder, lets_words_wait_for_their_batch) {
  persistence::batch_builder builder(all_shards());
  auto said = row(cart(1), 1);
  said.answers.push_back({{1, {}, 7}, {}});
  said.errands.emplace_back(inquiry_call{{nth(50)}});
  builder.add(std::move(said));
  submission words; // says nothing new, but comes behind
  words.answers.push_back({{1, {}, 8}, {}});
  builder.add(std::move(words));
  EXPECT_EQ(builder.rows(), 1u);
  const auto round = builder.take();
  ASSERT_EQ(round.then.answers.size(), 2u);
  EXPECT_EQ(round.then.answers[0].to.number, 7u);
  EXPECT_EQ(round.then.answers[1].to.number, 8u);
  EXPECT_EQ(round.then.errands.size(), 1u);
  EXPECT_EQ(round.then.submissions, 2u);
  EXPECT_FALSE(round.is_only_words());
  EXPECT_TRUE(builder.take().is_only_words());
}

TEST(batch_builder, numbers_what_is_submitted) {
  persistence::batch_builder builder(all_shards());
  EXPECT_EQ(builder.add(submission{}), 1u);
  EXPECT_EQ(builder.add(submission{}), 2u);
  EXPECT_EQ(builder.take().upto, 2u);
  EXPECT_EQ(builder.add(submission{}), 3u);
  EXPECT_EQ(builder.take().upto, 3u);
  EXPECT_EQ(builder.take().upto, 3u);
}

TEST(batch_builder, counts_the_rows_of_each_epoch) {
  persistence::batch_builder builder({});
  const auto shard = shard_of(cart(1));
  auto next = [&, now = version{0}]() mutable {
    builder.add(row(cart(1), ++now));
    return builder.take().what.rows[0].lsn;
  };
  builder.adopt({{shard, 7}});
  EXPECT_EQ(next(), make_lsn(7, 1));
  builder.disown({shard});
  EXPECT_DEATH(next(), "broken invariant");
  builder.adopt({{shard, 7}}); // nobody took it
  EXPECT_EQ(next(), make_lsn(7, 2));
  builder.disown({shard});
  builder.adopt({{shard, 9}}); // it comes back
  EXPECT_EQ(next(), make_lsn(9, 1));
  EXPECT_LT(make_lsn(7, 0xffffffff), make_lsn(8, 1));
  EXPECT_DEATH(builder.adopt({{shard, 8}}), "broken invariant");
}

TEST(batch_builder, refuses_rows_of_shards_that_are_not_ours) {
  EXPECT_DEATH(
    {
      persistence::batch_builder builder({});
      builder.add(row(cart(1), 1));
    },
    "broken invariant");
}

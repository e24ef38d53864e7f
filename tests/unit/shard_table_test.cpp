#include "cluster/shard_table.hpp"
#include "tests/support/one_router.hpp"

using namespace usher;
using namespace usher::test;

namespace {

/// Some entity of that shard.
entity_id one_in(shard_no shard, cell_no cell = first_cell) {
  for (;;)
    if (entity_id out{entity_kind::seat_block, in_cell(mint_uuid(), cell)};
        shard_of(out) == shard)
      return out;
}

} // namespace

TEST(shard_table, believes_the_database_only_of_what_is_elsewhere) {
  cluster::shard_table table;
  cluster_view seen;
  cluster_member one;
  one.self = peer;
  seen.members = {one};
  for (auto& shard : seen.shards)
    shard.owner = peer;
  table.open({1});
  table.freeze({2});
  table.see(seen, self);
  EXPECT_TRUE(table.is_here(one_in(1)));
  EXPECT_EQ(table.elsewhere(one_in(2)), 0);
  EXPECT_EQ(table.elsewhere(one_in(3)), peer);
  EXPECT_FALSE(table.is_here(one_in(2)));
  EXPECT_EQ(table.count_here(), 1u);
  seen.shards[4].owner = third; // dead
  seen.shards[5].owner = self;  // not yet open
  table.see(seen, self);
  EXPECT_EQ(table.elsewhere(one_in(4)), 0);
  EXPECT_EQ(table.elsewhere(one_in(5)), 0);
  EXPECT_FALSE(table.is_complete());
}

TEST(shard_table, keeps_shards_of_one_number_apart_by_their_cell) {
  cluster::shard_table table{1, 3};
  cluster_view other;
  cluster_member one;
  one.self = 2 * lives_of_a_cell + 1;
  other.members = {one};
  other.shards[7].owner = one.self;
  table.open({7});
  table.see_other(2, other);
  EXPECT_TRUE(table.is_here(one_in(7, 1)));
  EXPECT_FALSE(table.is_here(one_in(7, 0)));
  EXPECT_FALSE(table.is_here(one_in(7, 2)));
  EXPECT_EQ(table.elsewhere(one_in(7, 2)), one.self);
  EXPECT_EQ(table.elsewhere(one_in(7, 0)), 0);
  EXPECT_EQ(table.elsewhere(one_in(7, 1)), 0);
  EXPECT_EQ(table.elsewhere(one_in(7, 3)), 0);
  EXPECT_TRUE(table.has(2));
  EXPECT_FALSE(table.has(3));
}

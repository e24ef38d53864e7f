#include "persistence/postgres/pg_neighbours.hpp"
#include "tests/support/stores.hpp"

#include <gtest/gtest.h>

/// What a cell keeps of what its nodes saw of others.
using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

constexpr cell_no second = 1;
constexpr incarnation theirs = lives_of_a_cell + 3;

/// One node owns all.
cluster_view seen_at(timestamp when, const std::string& address) {
  cluster_view out;
  out.now = when;
  auto& one = out.members.emplace_back();
  one.self = theirs;
  one.about.name = "two \"and\" a half";
  one.about.cluster_address = address;
  out.shards.fill({theirs, 7});
  return out;
}

std::string address_in(const std::optional<cluster_view>& view) {
  return view ? view->members.at(0).about.cluster_address : "none";
}

} // namespace

TEST(neighbours, are_known_by_what_another_of_us_saw) {
  pg_store it;
  pg_neighbours one{it.options()}, other{it.options()};
  const auto when = timestamp{1'700'000'000'123ms};
  EXPECT_FALSE(other.recall(second, {}));
  one.remember(second, seen_at(when, "host:1"));
  EXPECT_FALSE(other.recall(second + 1, {}));
  const auto view = other.recall(second, {});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->now, when);
  ASSERT_EQ(view->members.size(), 1u);
  EXPECT_EQ(view->members[0].about.name, "two \"and\" a half");
  EXPECT_EQ(address_in(view), "host:1");
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    ASSERT_TRUE(view->owner_of(shard));
    EXPECT_EQ(view->owner_of(shard)->self, theirs);
  }
}

TEST(neighbours, are_as_whoever_looked_last_saw_them) {
  pg_store it;
  pg_neighbours one{it.options()}, other{it.options()};
  const auto when = timestamp{1'700'000'000'123ms};
  one.remember(second, seen_at(when + 2ms, "host:2"));
  other.remember(second, seen_at(when, "host:1")); // looked before, wrote after
  EXPECT_EQ(address_in(one.recall(second, when)), "host:2");
  other.remember(second, seen_at(when + 3ms, "host:3"));
  EXPECT_EQ(address_in(one.recall(second, when + 2ms)), "host:3");
  EXPECT_EQ(address_in(one.recall(second, when + 3ms)), "none"); // known
}

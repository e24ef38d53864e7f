#include "node/inspect/cli/inspector.hpp"
#include "protocol/codec.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::inspect;
using namespace usher::test;

namespace {

const entity_id who{entity_kind::organization, nth(1)};

journal_entry row(version now, const std::string& name) {
  journal_entry out;
  out.entity = who;
  out.now = now;
  out.at = t0 + std::chrono::seconds{now};
  out.facts = encode_facts(
    std::vector<organization::fact>{organization::created{{nth(9)}, name}});
  return out;
}

std::string path_of(const change& one) {
  return one.path;
}

} // namespace

TEST(replay, folds_rows_by_the_rules_of_the_entity) {
  const auto found = replay(who, std::nullopt, {row(1, "a"), row(2, "b")});
  EXPECT_EQ(found.now, 2u);
  EXPECT_EQ(found.at, t0 + 2s);
  EXPECT_EQ(found.state.at("name").as_string(), "b");
}

TEST(replay, begins_at_a_snapshot_or_at_nothing) {
  const snapshot base{who, 7,
                      R"({"state":{"name":"old","members":[]},"answers":[]})"};
  const auto found = replay(who, base, {row(8, "new")});
  EXPECT_EQ(found.now, 8u);
  EXPECT_EQ(found.state.at("name").as_string(), "new");
  EXPECT_EQ(replay(who, base, {}).state.at("name").as_string(), "old");
  EXPECT_EQ(replay(who, std::nullopt, {}).now, 0u);
  EXPECT_FALSE(replay(who, std::nullopt, {}).at);
}

TEST(replay, names_a_gap_and_a_row_that_cannot_be_read) {
  EXPECT_THROW(replay(who, std::nullopt, {row(2, "b")}), broken_journal);
  EXPECT_THROW(replay(who, std::nullopt, {row(1, "a"), row(3, "b")}),
               broken_journal);
  auto odd = row(1, "a");
  odd.facts = R"([["organization.sold/9",{}]])";
  EXPECT_THROW(replay(who, std::nullopt, {odd}), broken_journal);
  odd.facts = "no JSON";
  EXPECT_THROW(replay(who, std::nullopt, {odd}), broken_journal);
}

TEST(difference, names_each_place_with_what_was_and_what_is) {
  const auto a = boost::json::parse(
    R"({"same":1,"gone":2,"list":[1,2,3],"deep":{"x":{"y":"old"}}})");
  const auto b = boost::json::parse(
    R"({"same":1,"list":[1,5],"deep":{"x":{"y":"new"}},"come":[]})");
  const auto found = difference(a, b);
  std::vector<std::string> paths;
  std::ranges::transform(found, std::back_inserter(paths), path_of);
  EXPECT_THAT(paths, testing::ElementsAre("gone", "list[1]", "list[2]",
                                          "deep.x.y", "come"));
  EXPECT_FALSE(found[0].to);
  EXPECT_EQ(found[1].from->as_int64(), 2);
  EXPECT_EQ(found[1].to->as_int64(), 5);
  EXPECT_FALSE(found[4].from);
  EXPECT_TRUE(difference(a, a).empty());
}

TEST(difference, compares_values_of_different_kinds_whole) {
  const auto found =
    difference(boost::json::parse("[1]"), boost::json::parse("{}"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "");
}

TEST(parse_instant, reads_versions_times_and_how_long_ago) {
  EXPECT_EQ(parse_instant("17", t0).number, 17u);
  EXPECT_EQ(parse_instant("-10min", t0).when, t0 - 10min);
  EXPECT_EQ(parse_instant(to_rfc3339(t0), {}).when, t0);
  for (const auto* bad : {"", "x", "1.5", "-5", "yesterday", "-10parsec"})
    EXPECT_THROW(parse_instant(bad, t0), bad_usage) << bad;
}

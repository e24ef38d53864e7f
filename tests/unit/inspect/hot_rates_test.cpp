#include "cluster/heat.hpp"
#include "node/inspect/cli/hot_rates.hpp"
#include "node/inspect/cli/report.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;
using namespace std::chrono_literals;
using boost::json::array;
using boost::json::object;
using boost::json::value;
using inspect::hot_rates;

namespace {

const hot_rates::clock::time_point begin{1h};

array take(hot_rates& it, array counted, hot_rates::clock::time_point now) {
  return it.take(std::move(counted), {"one"}, now);
}

array counted(std::int64_t deliveries, std::int64_t error) {
  return {object{{"entity", "a"},
                 {"node", "one"},
                 {"deliveries", deliveries},
                 {"error", error}}};
}

/// One entity of a crowd.
entity_id visitor(std::uint32_t n) {
  uuid key{};
  for (std::size_t i = 0; i < 4; ++i)
    key.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return {entity_kind::booking_session, key};
}

array rows_of(const cluster::heat& counts) {
  array out;
  for (const auto& one : counts.all())
    out.push_back(object{{"entity", to_string(one.entity)},
                         {"node", "one"},
                         {"deliveries", one.count},
                         {"error", one.error}});
  return out;
}

} // namespace

TEST(hot_rates, are_what_was_heard_between_two_looks) {
  hot_rates it;
  EXPECT_TRUE(take(it, counted(100, 0), begin).empty());
  const auto rows = take(it, counted(130, 0), begin + 10s);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("deliveries"), value(30));
  EXPECT_EQ(rows[0].at("per_second"), value(3.0));
  EXPECT_TRUE(take(it, counted(130, 0), begin + 11s).empty());
}

TEST(hot_rates, leave_out_what_was_inherited) {
  hot_rates it;
  take(it, {}, begin);
  const auto fresh = take(it, counted(106, 100), begin + 1s);
  EXPECT_EQ(fresh.at(0).at("deliveries"), value(6));
  const auto anew = take(it, counted(4, 0), begin + 2s);
  EXPECT_EQ(anew.at(0).at("deliveries"), value(4)) << "it was forgotten";
}

TEST(hot_rates, put_who_hears_most_first_in_a_crowd_of_newcomers) {
  const auto steady = visitor(0);
  std::uint32_t last = 0;
  cluster::heat counts(24);
  hot_rates it;
  take(it, rows_of(counts), begin);
  for (int second = 1; second <= 600; ++second) {
    for (int i = 0; i < 40; ++i) {
      counts.count(steady);
      ++last;
      for (int n = 0; n < 6; ++n)
        counts.count(visitor(last));
    }
    const auto rows = take(it, rows_of(counts), begin + 1s * second);
    ASSERT_EQ(inspect::as_cell(rows.at(0).at("entity")), to_string(steady))
      << second << " s";
    ASSERT_EQ(rows.at(0).at("per_second"), value(40.0));
    ASSERT_LE(rows.at(1).at("per_second").as_double(), 6.0);
  }
}

TEST(hot_rates, add_up_over_looks) {
  hot_rates it;
  inspect::sum_of_rates sum;
  take(it, counted(0, 0), begin);
  for (int i = 1; i <= 4; ++i)
    sum.add(take(it, counted(10 * i, 0), begin + 5s * i));
  const auto rows = sum.over(20s);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("deliveries"), value(40));
  EXPECT_EQ(rows[0].at("per_second"), value(2.0));
}

TEST(hot_rates, say_nothing_of_a_node_that_was_silent_before) {
  hot_rates it;
  take(it, counted(10, 0), begin);
  it.take({}, {}, begin + 1s);
  EXPECT_TRUE(take(it, counted(500, 0), begin + 2s).empty());
  EXPECT_EQ(take(it, counted(503, 0), begin + 3s).at(0).at("deliveries"),
            value(3));
}

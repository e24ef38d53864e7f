#include "node/inspect/cli/inspector.hpp"
#include "tests/support/stores.hpp"

#include <gmock/gmock.h>

/// The inspector before a PostgreSQL that lets it in and then does not answer.
using namespace usher;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

/// The one node that there is, as long as there is time.
std::string say(const inspect::peer&, const std::string& question,
                steady::time_point until) {
  if (steady::now() + 100ms >= until)
    throw std::runtime_error("no answer in time");
  const auto what = boost::json::parse(question).as_object();
  if (what.at("ask") == boost::json::value("members"))
    return R"({"members":[{"incarnation":1,"name":"one","address":"one:1"}]})";
  return R"({"name":"one","incarnation":1,"state":"serving"})";
}

} // namespace

TEST(slow_database, leaves_the_nodes_time_to_tell_what_they_know) {
  test::pg_store it;
  inspect::target where;
  where.databases[0] = it.options().conninfo;
  where.addresses = {"one:1"};
  inspect::wishes asked;
  asked.deadline = 3s;
  const auto begun = steady::now();
  inspect::inspector looking(where, asked, say);
  looking.now();
  pqxx::connection owner(test::server().as_owner(it.database));
  pqxx::work lock(owner);
  lock.exec("LOCK TABLE member"); // whoever reads it waits
  const auto said = looking.nodes();
  EXPECT_LT(steady::now() - begun, 3s);
  ASSERT_EQ(said.missing.size(), 1u);
  EXPECT_EQ(said.missing[0].who, "PostgreSQL");
  EXPECT_EQ(said.missing[0].why, "it did not answer in time");
  const auto& rows = said.body.at("nodes").as_array();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("name"), boost::json::value("one"));
}

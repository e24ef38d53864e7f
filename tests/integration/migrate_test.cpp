#include "tests/support/stores.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

int newest() {
  return migrations().back().version;
}

} // namespace

TEST(migrate, goes_from_nothing_and_then_has_nothing_to_do) {
  auto owner = server().as_owner(server().make_database());
  EXPECT_EQ(migrate(owner), newest());
  EXPECT_EQ(migrate(owner), newest());
}

TEST(migrate, goes_on_from_each_earlier_version) {
  for (const auto& step : migrations()) {
    auto owner = server().as_owner(server().make_database());
    EXPECT_EQ(migrate(owner, step.version), step.version);
    EXPECT_EQ(migrate(owner), newest());
  }
}

TEST(migrate, is_done_once_when_many_start_together) {
  auto owner = server().as_owner(server().make_database());
  std::vector<std::future<int>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(
      std::async(std::launch::async, [&] { return migrate(owner); }));
  for (auto& one : all)
    EXPECT_EQ(one.get(), newest());
}

TEST(migrate, refuses_a_step_that_was_edited_after_it_was_applied) {
  pg_store it;
  it.ask("UPDATE schema_migration SET checksum = 'other' WHERE version = 1");
  EXPECT_THROW(migrate(server().as_owner(it.database)), std::runtime_error);
}

TEST(migrate, holds_nobody_up_while_it_waits_for_somebody_who_reads) {
  const auto owner = server().as_owner(server().make_database());
  migrate(owner, 11); // what comes next changes the journal
  pqxx::connection reading(owner), looking(owner), other(owner);
  std::optional<pqxx::work> reader{std::in_place, reading};
  reader->exec("LOCK TABLE journal IN ACCESS SHARE MODE");
  auto migrating =
    std::async(std::launch::async, [&] { return migrate(owner); });
  const auto is_waiting = [&] {
    return pqxx::nontransaction(looking)
      .exec1("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND "
             "relation = 'journal'::regclass)")[0]
      .as<bool>();
  };
  while (!is_waiting() && migrating.wait_for(1ms) != std::future_status::ready)
    continue;
  EXPECT_NO_THROW({
    pqxx::nontransaction session(other);
    session.exec("SET statement_timeout = '20s'");
    session.exec("SELECT FROM journal");
  });
  EXPECT_NE(migrating.wait_for(0s), std::future_status::ready);
  reader.reset();
  EXPECT_EQ(migrating.get(), newest());
}

TEST(migrate, does_not_wait_for_ever_for_one_that_never_speaks) {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor mute{
    io, {boost::asio::ip::address_v4::loopback(), 0}};
  const auto where =
    "host=127.0.0.1 user=x dbname=x sslmode=disable gssencmode=disable port="
    + std::to_string(mute.local_endpoint().port());
  EXPECT_ANY_THROW(migrate(where));
  EXPECT_ANY_THROW(open_as_cell(where, 0));
}

namespace {

incarnation join(const std::string& database, const std::string& name) {
  pg_registry members{{server().as_app(database)}};
  return members.join(named(name), duration{4'000}).self;
}

} // namespace

TEST(cells, are_what_they_were_opened_as_for_ever) {
  const auto owner = server().as_owner(server().make_database());
  migrate(owner);
  open_as_cell(owner, 3);
  open_as_cell(owner, 3);
  EXPECT_THROW(open_as_cell(owner, 0), wrong_cell);
  EXPECT_THROW(open_as_cell(owner, 4), wrong_cell);
}

TEST(cells, that_were_in_use_before_there_were_cells_are_the_first) {
  const auto database = server().make_database();
  const auto owner = server().as_owner(database);
  migrate(owner, 6);
  EXPECT_EQ(join(database, "old"), 1);
  migrate(owner);
  EXPECT_THROW(open_as_cell(owner, 1), wrong_cell);
  open_as_cell(owner, 0);
  EXPECT_EQ(join(database, "new"), 2);
}

TEST(cells, have_lives_of_their_own) {
  for (const auto cell : std::initializer_list<cell_no>{0, 1, 63}) {
    const auto database = server().make_database();
    const auto owner = server().as_owner(database);
    migrate(owner);
    open_as_cell(owner, cell);
    const auto first = join(database, "one");
    EXPECT_EQ(first, cell * lives_of_a_cell + 1);
    EXPECT_EQ(join(database, "two"), first + 1);
    EXPECT_EQ(cell_of_life(first), cell);
    EXPECT_EQ(cell_of_life((cell + 1) * lives_of_a_cell - 1), cell);
    open_as_cell(owner, cell);
    EXPECT_EQ(join(database, "three"), first + 2);
  }
}

TEST(application_role, may_neither_change_the_journal_nor_the_schema) {
  pg_store it;
  pqxx::connection connection(it.options().conninfo);
  for (auto forbidden : {"UPDATE journal SET facts = '[]'",
                         "DELETE FROM journal",
                         "TRUNCATE journal",
                         "DROP TABLE journal",
                         "ALTER TABLE journal DISABLE TRIGGER ALL",
                         "CREATE INDEX ON journal (at)",
                         "DROP INDEX journal_listed",
                         "CREATE TABLE mine (x int)",
                         "CREATE TEMP TABLE mine (x int)",
                         "CREATE SCHEMA mine",
                         "DELETE FROM member",
                         "TRUNCATE member",
                         "DELETE FROM shard",
                         "INSERT INTO shard VALUES (1)",
                         "DELETE FROM snapshot",
                         "DELETE FROM sandbox_callback",
                         "UPDATE sandbox_refund SET amount = 0",
                         "UPDATE schema_migration SET version = 9",
                         "CREATE ROLE mine",
                         "SET ROLE usher_owner"}) {
    pqxx::nontransaction session(connection);
    EXPECT_THROW(session.exec(forbidden), pqxx::insufficient_privilege)
      << forbidden;
  }
}

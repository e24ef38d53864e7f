#include "persistence/postgres/migrate.hpp"

#include "persistence/postgres/pg_link.hpp"
#include "protocol/membership.hpp"

#include <pqxx/pqxx>

#include <map>
#include <thread>

namespace usher::persistence {

namespace {

/// For others who migrate, and for a server that may have been stopped.
constexpr auto longest_wait = std::chrono::seconds{60};

/// Between two tries at a table that others hold.
constexpr auto turn_of_others = std::chrono::seconds{1};

// Who waits and is killed meanwhile would stay in line, with all who come after
// it behind.
constexpr auto one_at_a_time = R"sql(
SET LOCAL client_connection_check_interval = '1s';
SELECT pg_advisory_xact_lock(7346, 1))sql";

// Who waits for a table that somebody reads holds up all who want to write to
// it. After a second PostgreSQL sends its own housekeeping away, and an append
// has the patience for two.
constexpr auto in_short_turns = "SET LOCAL lock_timeout = '1500ms'";

constexpr auto lock_not_available = "55P03";

constexpr auto make_ledger = R"sql(
SET LOCAL client_min_messages = warning;
CREATE TABLE IF NOT EXISTS schema_migration (
  version    int PRIMARY KEY,
  name       text        NOT NULL,
  checksum   text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
))sql";

constexpr auto read_ledger = "SELECT version, checksum FROM schema_migration";

constexpr auto enter = R"sql(
INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3))sql";

using ledger = std::map<int, std::string>;

ledger applied(pqxx::work& transaction) {
  ledger done;
  for (auto row : transaction.exec(read_ledger))
    done.emplace(row[0].as<int>(), row[1].as<std::string>());
  return done;
}

std::string number_members_of(cell_no cell) {
  const auto begin = cell * lives_of_a_cell;
  const auto first = std::to_string(begin + 1);
  const auto last = std::to_string(begin + lives_of_a_cell - 1);
  return "ALTER TABLE member ALTER COLUMN incarnation SET MINVALUE " + first
         + " SET MAXVALUE " + last + " SET START WITH " + first + " RESTART";
}

void apply(pqxx::work& transaction, const migration& step) {
  transaction.exec(step.sql);
  transaction.exec_params(enter, step.version, step.name, step.checksum);
}

int bring_up_to(int last, const std::string& conninfo,
                deadline::clock::time_point until) {
  pqxx::connection connection(full_conninfo({conninfo}));
  deadline limit;
  limit.set(connection.sock(), until);
  pqxx::work transaction(connection);
  transaction.exec(one_at_a_time);
  transaction.exec(in_short_turns);
  transaction.exec(make_ledger);
  auto done = applied(transaction);
  for (const auto& step : migrations()) {
    auto found = done.find(step.version);
    if (found != done.end() && found->second != step.checksum)
      throw std::runtime_error("migration " + step.name
                               + " was changed after it was applied");
    if (found == done.end() && (last == 0 || step.version <= last)) {
      limit.call_off(); // where much is stored, a step takes its time
      apply(transaction, step);
      done.emplace(step.version, step.checksum);
    }
  }
  transaction.commit();
  return done.empty() ? 0 : done.rbegin()->first;
}

} // namespace

int migrate(const std::string& conninfo, int last) {
  const auto until = deadline::clock::now() + longest_wait;
  for (;;) {
    try {
      return bring_up_to(last, conninfo, until);
    } catch (const pqxx::sql_error& why) {
      if (why.sqlstate() != lock_not_available
          || deadline::clock::now() + turn_of_others > until)
        throw;
    }
    std::this_thread::sleep_for(turn_of_others);
  }
}

void open_as_cell(const std::string& conninfo, cell_no wanted) {
  pqxx::connection connection(full_conninfo({conninfo}));
  deadline limit;
  limit.set(connection.sock(), deadline::clock::now() + longest_wait);
  pqxx::work transaction(connection);
  transaction.exec(one_at_a_time);
  const auto found = transaction.exec("SELECT number FROM cell");
  if (found.empty()) {
    transaction.exec("INSERT INTO cell (number) VALUES ("
                     + std::to_string(wanted) + ")");
    transaction.exec(number_members_of(wanted));
  } else if (const auto is = found[0][0].as<cell_no>(); is != wanted) {
    throw wrong_cell("the database is cell " + std::to_string(is) + ", not "
                     + std::to_string(wanted));
  }
  transaction.commit();
}

} // namespace usher::persistence

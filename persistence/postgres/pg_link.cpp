#include "persistence/postgres/pg_link.hpp"

#include <algorithm>
#include <string_view>

namespace usher::persistence {

namespace {

// Plans are made once and always go by index: the tables are small when the
// first plan is made, and large when it matters.
constexpr auto settings = R"sql(
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET jit = off;
SET timezone = 'UTC';)sql";

// What a client no longer waits for must not hold its locks for long.
std::string timeouts(duration patience) {
  auto limit = std::to_string(std::max(patience, duration{2'500}).count());
  return "SET statement_timeout = " + limit
         + ";SET idle_in_transaction_session_timeout = " + limit;
}

bool starts_with_any(std::string_view state,
                     std::initializer_list<std::string_view> classes) {
  for (auto prefix : classes)
    if (state.starts_with(prefix))
      return true;
  return false;
}

// 08 connection, 25006 a standby, 40 rolled back, 53 resources (disk full),
// 55P03 lock, 57 shutdown and timeouts, 58 I/O.
bool is_weather(const pqxx::sql_error& e) {
  return starts_with_any(e.sqlstate(),
                         {"08", "25006", "40", "53", "55P03", "57", "58"});
}

} // namespace

// Libpq takes the last word of a list of keys.
std::string full_conninfo(const pg_options& options) {
  const auto& conninfo = options.conninfo;
  if (!conninfo.starts_with("postgres://")
      && !conninfo.starts_with("postgresql://"))
    return "connect_timeout=2 tcp_user_timeout=2500 application_name='"
           + options.session + "' " + conninfo;
  auto glue = conninfo.find('?') == std::string::npos ? '?' : '&';
  auto name = options.session;
  if (auto space = name.find(' '); space != std::string::npos)
    name.replace(space, 1, "%20");
  return conninfo + glue
         + "connect_timeout=2&tcp_user_timeout=2500&application_name=" + name;
}

pg_link::pg_link(pg_options options, std::vector<pg_statement> statements)
  : options_(std::move(options)), statements_(std::move(statements)) {}

void pg_link::connect(deadline::clock::time_point until) {
  if (connection_ && connection_->is_open())
    return;
  connection_.reset();
  auto fresh = std::make_unique<pqxx::connection>(full_conninfo(options_));
  // libpqxx would reconnect behind our back, past the deadline.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  fresh->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  for (const auto& statement : statements_)
    fresh->prepare(statement.name, statement.sql);
  connection_ = std::move(fresh);
  pending guard(deadline_, connection_->sock(), until);
  pqxx::nontransaction(*connection_)
    .exec(settings + timeouts(options_.patience));
}

// Called from a handler: looks at the exception in flight.
void pg_link::drop_or_rethrow() {
  try {
    throw;
  } catch (const pqxx::sql_error& e) {
    if (connection_ && connection_->is_open() && !is_weather(e))
      throw;
    connection_.reset();
    throw unavailable(e.what());
  } catch (const pqxx::failure& e) {
    connection_.reset();
    throw unavailable(e.what());
  }
}

} // namespace usher::persistence

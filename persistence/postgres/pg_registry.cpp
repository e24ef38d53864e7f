#include "persistence/postgres/pg_registry.hpp"

#include "persistence/postgres/columns.hpp"

#include <algorithm>

namespace usher::persistence {

namespace {

// Several statements in one message are one transaction without a round trip
// inside; each of them still sees what was committed before it began.
constexpr auto one_mover_at_a_time = "SELECT pg_advisory_xact_lock(7346, 2);";

// Every renewal takes the lock of its session again and names the session: so a
// session that replaces a lost one needs no ceremony of its own.
constexpr auto mark_session = R"sql(,
  pg_try_advisory_lock(7347, incarnation::int),
  set_config('application_name', 'usher ' || incarnation, false))sql";

const std::string renew_lease = std::string(R"sql(
UPDATE member
SET lease_until = t + $2::bigint * interval '1 millisecond',
    ttl = $2::bigint * interval '1 millisecond',
    steady_since = CASE WHEN lease_until < t THEN t ELSE steady_since END
FROM clock_timestamp() t
WHERE incarnation = $1 AND alive
RETURNING (extract(epoch FROM t) * 1000)::bigint,
  (extract(epoch FROM lease_until) * 1000)::bigint, state = 'draining')sql")
                                + mark_session;

constexpr auto look_around = R"sql(
SELECT NULL AS shard, NULL AS epoch, incarnation, name, cluster_address,
  http_address, 'front' = ANY (roles), 'worker' = ANY (roles), weight,
  state = 'draining', protocol_low, protocol_high,
  (extract(epoch FROM lease_until) * 1000)::bigint,
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint, NULL AS pinned
FROM member WHERE alive
UNION ALL
SELECT shard, epoch, coalesce(owner, 0), NULL, NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL,
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pinned
FROM shard)sql";

// A server that came up by a clock that was set back since is not young for as
// long as that: whoever saw the clock being set judges nobody for a lease.
std::string is_server_young(const std::string& ttl) {
  return "(pg_postmaster_start_time() BETWEEN now() - " + ttl + " AND now())";
}

// A judge whose own lease was over may have been what was cut off; a server
// that has just come up was what all others waited for.
std::string may_judge(incarnation by) {
  return "me.incarnation = " + std::to_string(by) + R"sql(
    AND me.alive AND me.lease_until >= clock_timestamp()
    AND me.steady_since + m.ttl < now()
    AND m.alive AND m.incarnation <> me.incarnation
    AND NOT )sql"
         + is_server_young("m.ttl");
}

// What a dead member still has open must hold nothing up.
constexpr auto end_sessions = R"sql(
SELECT incarnation,
  (SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
   WHERE a.datname = current_database() AND a.usename = current_user
     AND a.application_name = 'usher ' || incarnation)
FROM dead)sql";

// Such a statement waits for a batch that is being committed by the member:
// either the batch is in before the journal's end is read, or it never will be.
std::string bury_all_late(incarnation by) {
  return "WITH dead AS (UPDATE member m SET alive = false FROM member me WHERE "
         + may_judge(by) + " AND m.lease_until < now() RETURNING m.incarnation)"
         + end_sessions;
}

// Only the silent are tried: while the lock is held here, its owner could not
// take it again.
std::string bury_silent(incarnation by, incarnation whom) {
  auto who = std::to_string(whom);
  auto is_silent = [](std::string m) { // longest_silence()
    return m + ".lease_until - " + m + ".ttl * 0.625 < now()";
  };
  return "WITH gone AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(7347, "
         + who + ") AS so FROM member x WHERE x.alive AND x.incarnation = "
         + who + " AND " + is_silent("x") + R"sql(), dead AS (
  UPDATE member m SET alive = false FROM gone, member me
  WHERE gone.so AND )sql"
         + may_judge(by) + " AND m.incarnation = " + who + " AND "
         + is_silent("m") + " RETURNING m.incarnation)" + end_sessions
         + "; SELECT count(*) FROM member WHERE NOT alive AND incarnation = "
         + who;
}

std::string roles_of(const introduction& who) {
  std::string out = "'{";
  if (who.is_front)
    out += "front";
  if (who.is_worker)
    out += out.size() > 2 ? ",worker" : "worker";
  return out + "}'";
}

// Who only comes cannot tell who else was cut off, so it judges nobody but who
// is called like itself, and that one when it has seen it silent for a lease.
std::string bury_namesake(const pqxx::transaction_base& quoting,
                          const introduction& who, duration watched) {
  return "UPDATE member SET alive = false WHERE alive AND name = "
         + quoting.quote(who.name) + " AND ttl < interval '"
         + std::to_string(watched.count()) + R"sql( milliseconds'
  AND lease_until < now() AND NOT )sql"
         + is_server_young("ttl") + ";";
}

// No clock that goes on as it is promises more than a lease: who was there when
// it was set back promises anew (promise_anew), but maybe nobody was.
const std::string shorten_odd_promises = R"sql(
UPDATE member SET lease_until = t + ttl FROM clock_timestamp() t
WHERE alive AND lease_until > t + ttl + interval '1 s')sql";

std::string enter(const pqxx::transaction_base& quoting,
                  const introduction& who, duration ttl) {
  auto lease = "interval '" + std::to_string(ttl.count()) + " milliseconds'";
  return "INSERT INTO member (name, cluster_address, http_address, roles, "
         "weight, protocol_low, protocol_high, ttl, lease_until, "
         "steady_since) SELECT "
         + quoting.quote(who.name) + "," + quoting.quote(who.cluster_address)
         + "," + quoting.quote(who.http_address) + "," + roles_of(who) + ","
         + std::to_string(who.weight) + "," + std::to_string(who.protocol.low)
         + "," + std::to_string(who.protocol.high) + "," + lease + ", t + "
         + lease + R"sql(, t
FROM clock_timestamp() t
RETURNING incarnation, (extract(epoch FROM lease_until) * 1000)::bigint)sql"
         + mark_session;
}

template <class Range, class F>
std::string array_of(const Range& all, const char* type, F f) {
  std::string out = "'{";
  for (const auto& x : all)
    out += (out.size() > 2 ? "," : "") + std::to_string(f(x));
  return out + "}'::" + type + "[]";
}

std::string is_alive(incarnation who) {
  return "EXISTS (SELECT FROM member WHERE alive AND incarnation = "
         + std::to_string(who) + ")";
}

std::string leases_where(const std::string& condition) {
  return "SELECT s.shard, s.epoch FROM shard s WHERE " + condition
         + " ORDER BY 1";
}

std::vector<shard_lease> read_leases(const pqxx::result& rows) {
  std::vector<shard_lease> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back({row[0].as<shard_no>(), row[1].as<std::int32_t>()});
  return out;
}

member_state state_of(const pqxx::field& is_draining) {
  return is_draining.as<bool>() ? member_state::draining
                                : member_state::serving;
}

cluster_member read_member(const pqxx::row& row) {
  cluster_member out;
  out.self = row[2].as<incarnation>();
  out.about = {row[3].c_str(),
               row[4].c_str(),
               row[5].c_str(),
               row[6].as<bool>(),
               row[7].as<bool>(),
               row[8].as<double>(),
               {row[10].as<std::uint16_t>(), row[11].as<std::uint16_t>()}};
  out.state = state_of(row[9]);
  out.lease_until = moment(row[12]);
  return out;
}

} // namespace

pg_registry::pg_registry(pg_options options)
  : heartbeat_(options, {{"renew", renew_lease}}),
    moves_(std::move(options), {{"look", look_around}}) {}

pqxx::result pg_registry::move(const std::string& sql) {
  const std::lock_guard guard{moving_};
  return moves_.call([&](pqxx::nontransaction& session) {
    return session.exec(one_mover_at_a_time + sql);
  });
}

membership pg_registry::join(const introduction& who, duration ttl) {
  const std::lock_guard guard{beating_};
  const auto now = std::chrono::steady_clock::now();
  if (knocking_as_ != who.name) {
    knocking_as_ = who.name;
    knocking_since_ = now;
  }
  const auto watched = std::chrono::floor<duration>(now - knocking_since_);
  try {
    return heartbeat_.call([&](pqxx::nontransaction& session) {
      // By itself: it is to stay so if the name is taken.
      session.exec(one_mover_at_a_time + shorten_odd_promises);
      auto rows =
        session.exec(one_mover_at_a_time + bury_namesake(session, who, watched)
                     + enter(session, who, ttl));
      auto until = moment(rows[0][1]);
      knocking_as_.clear();
      return membership{rows[0][0].as<incarnation>(), until - ttl, until};
    });
  } catch (const pqxx::unique_violation&) {
    throw name_taken("a living member of the cluster is already called "
                     + who.name);
  } catch (const unavailable&) {
    knocking_as_.clear(); // what was silent meanwhile may have been the server
    throw;
  }
}

std::optional<renewal> pg_registry::renew(incarnation self, duration ttl) {
  const std::lock_guard guard{beating_};
  auto rows = heartbeat_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("renew", self, std::int64_t{ttl.count()});
  });
  if (rows.empty())
    return {};
  return renewal{moment(rows[0][0]), moment(rows[0][1]), state_of(rows[0][2])};
}

cluster_view pg_registry::look() {
  const std::lock_guard guard{moving_};
  auto rows = moves_.call([](pqxx::nontransaction& session) {
    return session.exec_prepared("look");
  });
  cluster_view out;
  for (const auto& row : rows) {
    out.now = moment(row[13]);
    if (row[0].is_null()) {
      out.members.push_back(read_member(row));
      continue;
    }
    const auto shard = row[0].as<shard_no>();
    out.shards.at(shard) = {row[2].as<incarnation>(),
                            row[1].as<std::int32_t>()};
    if (!row[14].is_null())
      out.pins[shard] = row[14].c_str();
  }
  std::sort(out.members.begin(), out.members.end(),
            [](const auto& a, const auto& b) { return a.self < b.self; });
  return out;
}

std::vector<shard_lease>
pg_registry::take(incarnation self, const std::vector<shard_no>& wanted) {
  auto me = std::to_string(self);
  auto these = array_of(wanted, "smallint", [](shard_no x) { return x; });
  return read_leases(move(
    "UPDATE shard SET owner = " + me + ", epoch = epoch + 1 WHERE shard = ANY ("
    + these + ") AND " + is_alive(self) + R"sql( AND (owner IS NULL
  OR NOT EXISTS (SELECT FROM member m WHERE m.alive AND m.incarnation = owner));
)sql"
    + leases_where("s.owner = " + me + " AND s.shard = ANY (" + these + ")")));
}

// Only what never becomes true again is asked of the two members, and the epoch
// of the shard: a try that reaches the server after a later one has given the
// answer moves nothing.
std::vector<shard_no>
pg_registry::hand_over(incarnation self, const std::vector<shard_lease>& what,
                       incarnation to) {
  auto shards =
    array_of(what, "smallint", [](const auto& x) { return x.shard; });
  auto epochs = array_of(what, "int", [](const auto& x) { return x.epoch; });
  auto given = "unnest(" + shards + ", " + epochs + ") x (shard, epoch)";
  auto ours = "s.shard = x.shard AND s.epoch = x.epoch AND s.owner = "
              + std::to_string(self);
  auto rows = move(
    "UPDATE shard s SET owner = " + std::to_string(to)
    + ", epoch = s.epoch + 1 FROM " + given + " WHERE " + ours + " AND "
    + is_alive(self) + " AND " + is_alive(to) + "; SELECT x.shard FROM " + given
    + " WHERE NOT EXISTS (SELECT FROM shard s WHERE " + ours + ") ORDER BY 1");
  std::vector<shard_no> out;
  for (const auto& row : rows)
    out.push_back(row[0].as<shard_no>());
  return out;
}

std::vector<shard_lease> pg_registry::owned(incarnation self) {
  return read_leases(move(leases_where("s.owner = " + std::to_string(self))));
}

std::vector<incarnation> pg_registry::declare_dead(incarnation by) {
  std::vector<incarnation> out;
  for (const auto& row : move(bury_all_late(by)))
    out.push_back(row[0].as<incarnation>());
  return out;
}

bool pg_registry::suspect(incarnation by, incarnation whom) {
  return move(bury_silent(by, whom))[0][0].as<int>() == 1;
}

// Where a row has to be waited for, what is set is worked out once more, but
// not what stands in FROM.
void pg_registry::promise_anew(incarnation by) {
  move("UPDATE member SET lease_until = clock_timestamp() + ttl, "
       "steady_since = clock_timestamp() WHERE alive AND "
       + is_alive(by));
}

bool pg_registry::set_draining(const std::string& whom) {
  return move("UPDATE member SET state = 'draining' WHERE alive AND " + whom)
           .affected_rows()
         == 1;
}

std::string pg_registry::quoted(const std::string& text) {
  const std::lock_guard guard{moving_};
  return moves_.call(
    [&](pqxx::nontransaction& session) { return session.quote(text); });
}

// Asked again here, where nobody else can be drained at the same time.
bool pg_registry::drain(const std::string& name) {
  return set_draining("name = " + quoted(name)
                      + R"sql( AND (NOT 'worker' = ANY (roles)
  OR EXISTS (SELECT FROM member other
             WHERE other.alive AND other.incarnation <> member.incarnation
               AND other.state = 'serving' AND 'worker' = ANY (other.roles)
               AND other.lease_until >= clock_timestamp())))sql");
}

bool pg_registry::drain(incarnation who) {
  return set_draining("incarnation = " + std::to_string(who));
}

bool pg_registry::pin(shard_no shard, const std::string& name) {
  const auto to = quoted(name);
  return move("UPDATE shard SET pinned = " + to
              + " WHERE shard = " + std::to_string(shard)
              + " AND EXISTS (SELECT FROM member WHERE alive AND name = " + to
              + " AND state = 'serving' AND 'worker' = ANY (roles)"
                " AND protocol_high >= "
              + std::to_string(first_with_pins) + ")")
           .affected_rows()
         == 1;
}

void pg_registry::unpin(shard_no shard) {
  move("UPDATE shard SET pinned = NULL WHERE shard = " + std::to_string(shard));
}

void pg_registry::leave(incarnation self) {
  auto me = std::to_string(self);
  move("UPDATE member SET alive = false WHERE incarnation = " + me
       + "; UPDATE shard SET owner = NULL WHERE owner = " + me);
}

void pg_registry::bury_last(incarnation self, const std::string& name) {
  const auto it =
    " incarnation = " + std::to_string(self) + " AND name = " + quoted(name);
  move("UPDATE member SET alive = false WHERE" + it
       + "; UPDATE shard SET owner = NULL WHERE owner IN"
         " (SELECT incarnation FROM member WHERE"
       + it + ")");
}

} // namespace usher::persistence

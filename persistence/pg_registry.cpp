#include "persistence/pg_registry.hpp"

namespace usher::persistence {

namespace {

// Several statements in one message are one transaction without a round trip
// inside; each of them still sees what was committed before it began.
constexpr auto one_mover_at_a_time = "SELECT pg_advisory_xact_lock(7346, 2);";

// Waits for a batch that is being committed by the member: then either the
// batch is in before the journal's end is read, or it never will be.
std::string declare_dead_except(incarnation self) {
  return R"sql(
UPDATE member SET alive = false
WHERE alive AND lease_until < now() AND incarnation <> )sql"
         + std::to_string(self) + R"sql(
  AND pg_postmaster_start_time() + ttl < now();)sql";
}

std::string enter(const std::string& quoted_address, duration ttl) {
  auto lease = "interval '" + std::to_string(ttl.count()) + " milliseconds'";
  return "INSERT INTO member (address, ttl, lease_until) SELECT "
         + quoted_address + ", " + lease + ", t + " + lease + R"sql(
FROM clock_timestamp() t
RETURNING incarnation, (extract(epoch FROM lease_until) * 1000)::bigint)sql";
}

std::string take(incarnation self) {
  auto me = std::to_string(self);
  return "UPDATE shard SET owner = " + me + R"sql(, epoch = epoch + 1
WHERE EXISTS (SELECT FROM member WHERE alive AND incarnation = )sql"
         + me + R"sql()
  AND (owner IS NULL
       OR NOT EXISTS (SELECT FROM member m
                      WHERE m.alive AND m.incarnation = owner));
SELECT s.shard, s.epoch,
       coalesce((SELECT max(j.lsn) FROM journal j WHERE j.shard = s.shard), 0)
FROM shard s WHERE s.owner = )sql"
         + me + " ORDER BY 1";
}

std::string give_back(incarnation self) {
  auto me = std::to_string(self);
  return "UPDATE member SET alive = false WHERE incarnation = " + me
         + ";UPDATE shard SET owner = NULL WHERE owner = " + me;
}

constexpr auto renew_lease = R"sql(
UPDATE member
SET lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
WHERE incarnation = $1 AND alive)sql";

timestamp moment(const pqxx::field& x) {
  return timestamp(duration(x.as<std::int64_t>()));
}

} // namespace

pg_registry::pg_registry(pg_options options)
  : link_(std::move(options), {{"renew", renew_lease}}) {}

membership pg_registry::join(const std::string& address, duration ttl) {
  return link_.call([&](pqxx::nontransaction& session) {
    auto rows = session.exec(one_mover_at_a_time + declare_dead_except(0)
                             + enter(session.quote(address), ttl));
    auto until = moment(rows[0][1]);
    return membership{rows[0][0].as<incarnation>(), until - ttl, until};
  });
}

bool pg_registry::renew(incarnation self, duration ttl) {
  return link_.call([&](pqxx::nontransaction& session) {
    std::int64_t lease = ttl.count();
    return session.exec_prepared("renew", self, lease).affected_rows() == 1;
  });
}

std::vector<shard_lease> pg_registry::take_free_shards(incarnation self) {
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec(one_mover_at_a_time + declare_dead_except(self)
                        + take(self));
  });
  std::vector<shard_lease> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back({row[0].as<shard_no>(), row[1].as<std::int32_t>(),
                   row[2].as<std::uint64_t>()});
  return out;
}

void pg_registry::leave(incarnation self) {
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec(one_mover_at_a_time + give_back(self));
  });
}

} // namespace usher::persistence

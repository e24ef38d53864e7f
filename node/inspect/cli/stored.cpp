#include "node/inspect/cli/stored.hpp"

#include "persistence/binary_array.hpp"
#include "protocol/ensure.hpp"

namespace usher::inspect {

namespace {

using persistence::binary_array;
using persistence::element;

constexpr auto read_now =
  "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

// The whole row as JSON, because columns were added over time.
constexpr auto read_members = R"sql(
SELECT m.incarnation, m.alive, (extract(epoch FROM m.joined_at) * 1000)::bigint,
       (extract(epoch FROM m.lease_until - clock_timestamp()) * 1000)::bigint,
       m.journaled, coalesce(s.n, 0), to_jsonb(m)::text
FROM member m
LEFT JOIN (SELECT owner, count(*) AS n FROM shard GROUP BY owner) s
  ON s.owner = m.incarnation
WHERE m.alive OR s.n > 0 OR m.incarnation IN (
  SELECT d.incarnation FROM member d WHERE NOT d.alive
  ORDER BY d.incarnation DESC LIMIT $1)
ORDER BY m.incarnation)sql";

constexpr auto read_shards = R"sql(
SELECT s.shard, s.epoch, s.owner,
       coalesce((SELECT j.lsn FROM journal j WHERE j.shard = s.shard
                 ORDER BY j.lsn DESC LIMIT 1), 0), to_jsonb(s)->>'pinned'
FROM shard s ORDER BY s.shard)sql"; // older schemas have no pins

constexpr auto read_kinds = R"sql(
SELECT DISTINCT kind FROM journal WHERE entity = $1::uuid
UNION SELECT kind FROM snapshot WHERE entity = $1::uuid ORDER BY 1)sql";

constexpr auto read_keeping = R"sql(
SELECT (SELECT max(version) FROM journal WHERE entity = $1::uuid AND kind = $2),
       (SELECT (extract(epoch FROM at) * 1000)::bigint FROM journal
        WHERE entity = $1::uuid AND kind = $2 ORDER BY version DESC LIMIT 1),
       (SELECT version FROM snapshot WHERE entity = $1::uuid AND kind = $2),
       (SELECT (extract(epoch FROM due) * 1000)::bigint FROM alarm
        WHERE entity = $1::uuid AND kind = $2))sql";

constexpr auto read_base = R"sql(
SELECT version, state FROM snapshot
WHERE entity = $1::uuid AND kind = $2 AND version <= $3)sql";

constexpr auto read_rows = R"sql(
SELECT shard, lsn, epoch, kind, entity, version,
       (extract(epoch FROM at) * 1000)::bigint, facts, request
FROM journal WHERE entity = $1::uuid AND kind = $2
               AND version > $3 AND version <= $4
ORDER BY version LIMIT $5)sql";

constexpr auto read_newest_rows = R"sql(
SELECT * FROM (
  SELECT shard, lsn, epoch, kind, entity, version,
         (extract(epoch FROM at) * 1000)::bigint, facts, request
  FROM journal WHERE entity = $1::uuid AND kind = $2
                 AND version > $3 AND version <= $4
  ORDER BY version DESC LIMIT $5) newest
ORDER BY version)sql";

// `at` may go back between two owners, so the last row that is old enough.
constexpr auto read_version_at = R"sql(
SELECT coalesce(max(version), 0) FROM journal
WHERE entity = $1::uuid AND kind = $2
  AND at <= to_timestamp($3::bigint / 1000.0))sql";

constexpr auto read_after = R"sql(
SELECT j.shard, j.lsn, j.epoch, j.kind, j.entity, j.version,
       (extract(epoch FROM j.at) * 1000)::bigint, j.facts, j.request
FROM (SELECT unnest($1::smallint[]) AS shard, unnest($2::bigint[]) AS lsn) w
CROSS JOIN LATERAL (
  SELECT * FROM journal x WHERE x.shard = w.shard AND x.lsn > w.lsn
  ORDER BY x.lsn LIMIT $3) j
ORDER BY j.at, j.shard, j.lsn)sql";

std::int64_t number(version x) {
  return static_cast<std::int64_t>(
    std::min<version>(x, std::numeric_limits<std::int32_t>::max()));
}

std::int16_t number(entity_kind kind) {
  return static_cast<std::int16_t>(kind);
}

timestamp moment(const pqxx::field& x) {
  return timestamp{duration{x.as<std::int64_t>()}};
}

std::string text(const pqxx::field& x) {
  return {x.c_str(), x.size()};
}

journal_entry read_entry(const pqxx::row& row) {
  journal_entry out;
  out.shard = row[0].as<shard_no>();
  out.lsn = row[1].as<std::uint64_t>();
  out.epoch = row[2].as<std::int32_t>();
  out.entity.kind = static_cast<entity_kind>(row[3].as<int>());
  out.entity.key = parse_uuid(row[4].c_str()).value();
  out.now = row[5].as<version>();
  out.at = moment(row[6]);
  out.facts = text(row[7]);
  if (!row[8].is_null())
    out.request = text(row[8]);
  return out;
}

std::vector<journal_entry> read_entries(const pqxx::result& rows) {
  std::vector<journal_entry> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(read_entry(row));
  return out;
}

/// What the user wrote of a session wins, but not over this: we only look.
persistence::pg_options only_looking(persistence::pg_options options) {
  auto& to = options.conninfo;
  if (to.starts_with("postgres://") || to.starts_with("postgresql://")) {
    to += to.find('?') == std::string::npos ? '?' : '&';
    to += "application_name=usher-inspect"
          "&options=-cdefault_transaction_read_only%3Don";
  } else {
    to += " application_name=usher-inspect"
          " options='-cdefault_transaction_read_only=on'";
  }
  return options;
}

std::string member_text(const boost::json::object& row, const char* name) {
  const auto* found = row.if_contains(name);
  if (found == nullptr || !found->is_string())
    return {};
  return {found->get_string().data(), found->get_string().size()};
}

} // namespace

std::string name_of(const member_row& row) {
  auto name = member_text(row.rest, "name");
  return name.empty() ? member_text(row.rest, "address") : name;
}

std::string cluster_address_of(const member_row& row) {
  return member_text(row.rest, "cluster_address");
}

std::string_view state_of(const member_row& row) {
  if (!row.is_alive)
    return "dead";
  if (row.lease_left < duration{0})
    return "overdue";
  return member_text(row.rest, "state") == "draining" ? "draining" : "serving";
}

stored::stored(persistence::pg_options options)
  : options_(only_looking(std::move(options))),
    link_(options_, {{"now", read_now},
                     {"members", read_members},
                     {"shards", read_shards},
                     {"kinds", read_kinds},
                     {"keeping", read_keeping},
                     {"base", read_base},
                     {"rows", read_rows},
                     {"newest", read_newest_rows},
                     {"version_at", read_version_at},
                     {"after", read_after}}) {}

timestamp stored::now() {
  return link_.call([](pqxx::nontransaction& session) {
    return moment(session.exec_prepared1("now")[0]);
  });
}

std::vector<member_row> stored::members(std::uint32_t dead) {
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("members", dead);
  });
  std::vector<member_row> out;
  for (const auto& row : rows)
    out.push_back({row[0].as<incarnation>(), row[1].as<bool>(), moment(row[2]),
                   duration{row[3].as<std::int64_t>()},
                   row[4].as<std::uint64_t>(), row[5].as<std::uint32_t>(),
                   boost::json::parse(row[6].c_str()).as_object()});
  return out;
}

std::vector<shard_row> stored::shards() {
  auto rows = link_.call([](pqxx::nontransaction& session) {
    return session.exec_prepared("shards");
  });
  std::vector<shard_row> out;
  for (const auto& row : rows) {
    auto& one = out.emplace_back();
    one.shard = row[0].as<shard_no>();
    one.epoch = row[1].as<std::int32_t>();
    if (!row[2].is_null())
      one.owner = row[2].as<incarnation>();
    one.lsn = row[3].as<std::uint64_t>();
    if (!row[4].is_null())
      one.pinned = text(row[4]);
  }
  return out;
}

std::vector<entity_kind> stored::kinds_of(const uuid& key) {
  const auto name = to_string(key);
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("kinds", name);
  });
  std::vector<entity_kind> out;
  for (const auto& row : rows)
    out.push_back(static_cast<entity_kind>(row[0].as<int>()));
  return out;
}

keeping stored::keeping_of(const entity_id& who) {
  const auto name = to_string(who.key);
  auto row = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared1("keeping", name, number(who.kind));
  });
  keeping out;
  out.shard = shard_of(who);
  if (!row[0].is_null())
    out.last = row[0].as<version>();
  if (!row[1].is_null())
    out.last_at = moment(row[1]);
  if (!row[2].is_null())
    out.snapshot = row[2].as<version>();
  if (!row[3].is_null())
    out.alarm = moment(row[3]);
  return out;
}

std::optional<snapshot> stored::base_of(const entity_id& who, version upto) {
  const auto name = to_string(who.key);
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("base", name, number(who.kind), number(upto));
  });
  if (rows.empty())
    return std::nullopt;
  return snapshot{who, rows[0][0].as<version>(), text(rows[0][1])};
}

std::vector<journal_entry> stored::rows_of(const entity_id& who, version after,
                                           version upto, std::size_t limit,
                                           bool newest) {
  const auto name = to_string(who.key);
  return read_entries(link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(newest ? "newest" : "rows", name,
                                 number(who.kind), number(after), number(upto),
                                 limit);
  }));
}

version stored::version_at(const entity_id& who, timestamp when) {
  const auto name = to_string(who.key);
  const std::int64_t ms = when.time_since_epoch().count();
  return link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared1("version_at", name, number(who.kind), ms)[0]
      .as<version>();
  });
}

std::vector<journal_entry>
stored::rows_after(const std::vector<std::pair<shard_no, std::uint64_t>>& after,
                   std::size_t limit) {
  binary_array shard(element::int2), lsn(element::int8);
  for (const auto& [no, from] : after) {
    shard.add(static_cast<std::int16_t>(no));
    lsn.add(static_cast<std::int64_t>(from));
  }
  return read_entries(link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("after", pqxx::binarystring(shard.bytes()),
                                 pqxx::binarystring(lsn.bytes()), limit);
  }));
}

std::vector<persistence::audited> stored::audit(std::size_t limit) {
  // A connection of its own: older schemas have no such table.
  return persistence::pg_audit(options_).last(limit);
}

} // namespace usher::inspect

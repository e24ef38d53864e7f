#include "node/inspect/cli/stored.hpp"

#include "persistence/postgres/columns.hpp"

namespace usher::inspect {

namespace {

using persistence::id_in;
using persistence::moment;
using persistence::text;

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
SELECT s.shard, s.epoch, s.owner, to_jsonb(s)->>'pinned'
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

// By place, as a row has no number of its own.
constexpr auto read_traces = R"sql(
SELECT x.n, t.trace
FROM (SELECT unnest($1::int[]) AS n, unnest($2::uuid[]) AS entity,
             unnest($3::smallint[]) AS kind, unnest($4::int[]) AS version) x
JOIN traced t ON t.entity = x.entity AND t.kind = x.kind
             AND t.version = x.version)sql";

constexpr auto read_rows_under = R"sql(
SELECT j.shard, j.lsn, j.epoch, j.kind, j.entity, j.version,
       (extract(epoch FROM j.at) * 1000)::bigint, j.facts, j.request
FROM traced t
JOIN journal j ON j.entity = t.entity AND j.kind = t.kind
              AND j.version = t.version
WHERE t.trace = $1::uuid
ORDER BY j.at, j.entity, j.version LIMIT $2)sql";

// `at` may go back between two owners, so the last row that is old enough.
constexpr auto read_version_at = R"sql(
SELECT coalesce(max(version), 0) FROM journal
WHERE entity = $1::uuid AND kind = $2
  AND at <= to_timestamp($3::bigint / 1000.0))sql";

constexpr auto read_end = R"sql(
SELECT pg_current_snapshot()::text,
       (SELECT coalesce(sum(journaled), 0)::bigint FROM member),
       pg_relation_size('journal') / current_setting('block_size')::bigint)sql";

// What the last snapshot did not see, in the table from some block on: no index
// is kept for this. xmin has the lower 32 bits of the writer's transaction.
const std::string read_beyond = R"sql(
WITH place AS (
  SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
), fresh AS MATERIALIZED (
  SELECT j.* FROM place, journal j
  WHERE j.ctid >= $1::tid AND NOT pg_visible_in_snapshot(
    (next - ((next - j.xmin::text::bigint) & 4294967295))::text::xid8,
    $2::pg_snapshot)
)
SELECT f.shard, f.lsn, f.epoch, f.kind, f.entity, f.version,
       (extract(epoch FROM f.at) * 1000)::bigint, f.facts, f.request,
       (SELECT count(*) FROM fresh), e.*
FROM ()sql" + std::string{read_end}
                                + R"sql() e
LEFT JOIN (SELECT * FROM fresh WHERE kind = $3
           ORDER BY at, shard, lsn LIMIT $4) f ON true
ORDER BY f.at, f.shard, f.lsn)sql";

// Blocks before the end of the table that are looked through, too: where rows
// found room in pages that others had left.
constexpr std::uint64_t usual_slack = 64;

std::int64_t number(version x) {
  return static_cast<std::int64_t>(
    std::min<version>(x, std::numeric_limits<std::int32_t>::max()));
}

std::int16_t number(entity_kind kind) {
  return static_cast<std::int16_t>(kind);
}

journal_entry read_entry(const pqxx::row& row) {
  journal_entry out;
  out.shard = row[0].as<shard_no>();
  out.lsn = row[1].as<std::uint64_t>();
  out.epoch = row[2].as<std::int32_t>();
  out.entity.kind = static_cast<entity_kind>(row[3].as<int>());
  out.entity.key = id_in(row[4]);
  out.now = row[5].as<version>();
  out.at = moment(row[6]);
  out.facts = text(row[7]);
  if (!row[8].is_null())
    out.request = text(row[8]);
  return out;
}

/// Of columns from there on.
journal_end read_journal_end(const pqxx::row& row, int at) {
  return {text(row[at]), row[at + 1].as<std::uint64_t>(),
          row[at + 2].as<std::uint64_t>()};
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
                     {"traces", read_traces},
                     {"rows_under", read_rows_under},
                     {"version_at", read_version_at},
                     {"end", read_end},
                     {"beyond", read_beyond}}) {}

void stored::wait_at_most(duration patience) {
  options_.patience = patience;
  link_.set_patience(patience);
}

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
    if (!row[3].is_null())
      one.pinned = text(row[3]);
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

void stored::name_traces(std::vector<journal_entry>& rows) {
  using persistence::element;
  persistence::binary_array n(element::int4), entity(element::uuid),
    kind(element::int2), now(element::int4);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    n.add(static_cast<std::int32_t>(i));
    entity.add(rows[i].entity.key);
    kind.add(number(rows[i].entity.kind));
    now.add(static_cast<std::int32_t>(rows[i].now));
  }
  try {
    const auto found = link_.call([&](pqxx::nontransaction& session) {
      return session.exec_prepared(
        "traces", persistence::parameter(n), persistence::parameter(entity),
        persistence::parameter(kind), persistence::parameter(now));
    });
    for (const auto& row : found)
      rows[row[0].as<std::size_t>()].trace = id_in(row[1]);
  } catch (const pqxx::undefined_table&) { // of an older version
  }
}

std::vector<journal_entry> stored::rows_under(const uuid& trace,
                                              std::size_t limit) {
  const auto name = to_string(trace);
  try {
    auto out = read_entries(link_.call([&](pqxx::nontransaction& session) {
      return session.exec_prepared("rows_under", name, limit);
    }));
    for (auto& row : out)
      row.trace = trace;
    return out;
  } catch (const pqxx::undefined_table&) { // of an older version
    return {};
  }
}

version stored::version_at(const entity_id& who, timestamp when) {
  const auto name = to_string(who.key);
  const std::int64_t ms = when.time_since_epoch().count();
  return link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared1("version_at", name, number(who.kind), ms)[0]
      .as<version>();
  });
}

journal_end stored::end() {
  return link_.call([](pqxx::nontransaction& session) {
    return read_journal_end(session.exec_prepared1("end"), 0);
  });
}

/// The members know how many rows there must be: while some are missing, it
/// looks further back.
std::vector<journal_entry>
stored::rows_beyond(journal_end& from, entity_kind kind, std::size_t limit) {
  for (auto slack = usual_slack;; slack *= 16) {
    const auto first = from.blocks > slack ? from.blocks - slack : 0;
    const auto place = "(" + std::to_string(first) + ",0)";
    auto rows = link_.call([&](pqxx::nontransaction& session) {
      return session.exec_prepared("beyond", place, from.snapshot, number(kind),
                                   limit);
    });
    const auto found = rows[0][9].as<std::uint64_t>();
    auto now = read_journal_end(rows[0], 10);
    if (first > 0 && found < now.rows - from.rows)
      continue;
    from = std::move(now);
    return rows[0][0].is_null() ? std::vector<journal_entry>{}
                                : read_entries(rows);
  }
}

std::map<std::string, std::vector<persistence::kept_letter>>
stored::dead_letters() {
  try {
    return persistence::pg_dead_letters(options_).load_all();
  } catch (const pqxx::undefined_table&) { // of an older version
    return {};
  }
}

std::vector<persistence::audited> stored::audit(std::size_t limit) {
  // A connection of its own: older schemas have no such table.
  return persistence::pg_audit(options_).last(limit);
}

} // namespace usher::inspect

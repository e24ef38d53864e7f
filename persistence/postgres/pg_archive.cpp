#include "persistence/postgres/pg_archive.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/ensure.hpp"
#include "protocol/json.hpp"

#include <algorithm>
#include <limits>

namespace usher::persistence {

namespace {

// For each entity first its snapshot and alarm, then its tail in order.
constexpr auto load_histories = R"sql(
WITH wanted AS MATERIALIZED (
  SELECT w.n, w.entity, w.kind, s.version, s.state, a.due
  FROM (SELECT unnest($1::int[]) AS n, unnest($2::uuid[]) AS entity,
               unnest($3::smallint[]) AS kind) w
  LEFT JOIN snapshot s ON s.entity = w.entity AND s.kind = w.kind
  LEFT JOIN alarm a ON a.entity = w.entity AND a.kind = w.kind
)
SELECT n, false AS tail, version, (extract(epoch FROM due) * 1000)::bigint,
       state, NULL AS request
FROM wanted WHERE version IS NOT NULL OR due IS NOT NULL
UNION ALL
SELECT w.n, true, j.version, (extract(epoch FROM j.at) * 1000)::bigint, j.facts,
       CASE WHEN j.at > now() - interval '24 hours' THEN j.request END
FROM wanted w
JOIN journal j ON j.entity = w.entity AND j.kind = w.kind
              AND j.version > coalesce(w.version, 0)
ORDER BY 1, 2, 3)sql";

constexpr auto due_alarms = R"sql(
SELECT a.kind, a.entity, (extract(epoch FROM a.due) * 1000)::bigint
FROM alarm a JOIN shard s ON s.shard = a.shard
WHERE s.owner = $1 AND a.due <= to_timestamp($2::bigint / 1000.0)
ORDER BY a.due, a.entity
LIMIT $3)sql";

constexpr auto save_snapshots = R"sql(
INSERT INTO snapshot (entity, kind, version, state)
SELECT unnest($1::uuid[]), unnest($2::smallint[]), unnest($3::int[]),
       unnest($4::text[])
ON CONFLICT (entity, kind) DO UPDATE
SET version = excluded.version, state = excluded.state
WHERE snapshot.version < excluded.version)sql";

std::int16_t number_of(entity_kind kind) {
  return static_cast<std::int16_t>(kind);
}

void read_base(const pqxx::row& row, history& out) {
  if (!row[2].is_null())
    out.base = snapshot{out.entity, row[2].as<version>(), text(row[4])};
  if (!row[3].is_null())
    out.due = moment(row[3]);
}

void read_tail(const pqxx::row& row, history& out) {
  auto& one = out.tail.emplace_back();
  one.entity = out.entity;
  one.now = row[2].as<version>();
  one.at = moment(row[3]);
  one.facts = text(row[4]);
  if (!row[5].is_null())
    one.request = json::get<remembered>(std::string_view(row[5].c_str()));
}

alarm read_alarm(const pqxx::row& row) {
  auto kind = static_cast<entity_kind>(row[0].as<int>());
  return {{kind, id_in(row[1])}, moment(row[2])};
}

/// Only the newest of each entity: a statement may touch a row but once.
std::vector<const snapshot*> newest(const std::vector<snapshot>& all) {
  std::vector<const snapshot*> out;
  for (const auto& x : all)
    out.push_back(&x);
  std::sort(out.begin(), out.end(), [](auto* a, auto* b) {
    return a->entity != b->entity ? a->entity < b->entity : a->now > b->now;
  });
  auto same = [](auto* a, auto* b) { return a->entity == b->entity; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

} // namespace

pg_archive::pg_archive(pg_options options)
  : link_(std::move(options), {{"load", load_histories},
                               {"due", due_alarms},
                               {"save", save_snapshots}}) {}

std::vector<history> pg_archive::load(const std::vector<entity_id>& wanted) {
  binary_array n(element::int4), entity(element::uuid), kind(element::int2);
  std::vector<history> out;
  out.reserve(wanted.size());
  for (const auto& who : wanted) {
    n.add(static_cast<std::int32_t>(out.size()));
    entity.add(who.key);
    kind.add(number_of(who.kind));
    out.emplace_back().entity = who;
  }
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("load", parameter(n), parameter(entity),
                                 parameter(kind));
  });
  for (const auto& row : rows) {
    auto& one = out[row[0].as<std::size_t>()];
    try {
      row[1].as<bool>() ? read_tail(row, one) : read_base(row, one);
    } catch (const json::bad_shape& why) {
      one.damage = why.what();
    }
  }
  return out;
}

std::vector<alarm> pg_archive::due(incarnation owner, timestamp until,
                                   std::size_t limit) {
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(
      "due", owner, std::int64_t{until.time_since_epoch().count()}, limit);
  });
  std::vector<alarm> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(read_alarm(row));
  return out;
}

void pg_archive::save(const std::vector<snapshot>& all) {
  binary_array entity(element::uuid), kind(element::int2), now(element::int4),
    state(element::text);
  for (auto* x : newest(all)) {
    ensure(x->now <= std::numeric_limits<std::int32_t>::max());
    entity.add(x->entity.key);
    kind.add(number_of(x->entity.kind));
    now.add(static_cast<std::int32_t>(x->now));
    state.add(std::string_view(x->state));
  }
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("save", parameter(entity), parameter(kind),
                                 parameter(now), parameter(state));
  });
}

} // namespace usher::persistence

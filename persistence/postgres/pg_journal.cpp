#include "persistence/postgres/pg_journal.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/ensure.hpp"
#include "protocol/json.hpp"

#include <limits>
#include <stdexcept>

namespace usher::persistence {

namespace {

// A takeover updates the same member row, so the two wait for each other, and
// whoever comes second sees what the first did. `FROM fence` makes every write
// depend on it. unnest in the select list costs less than in FROM: no tuple
// store.
const std::string fence_and_rows = R"sql(
WITH fence AS (
  UPDATE member SET journaled = $3
  WHERE incarnation = $1 AND alive AND journaled = $2
  RETURNING 1
), written AS (
  INSERT INTO journal
    (shard, lsn, epoch, kind, entity, version, at, facts, request,
     is_listed)
  SELECT unnest($4::smallint[]), unnest($5::bigint[]), unnest($6::int[]),
         unnest($7::smallint[]), unnest($8::uuid[]), unnest($9::int[]),
         unnest($10::timestamptz[]), unnest($11::text[]), unnest($12::text[]),
         unnest($13::boolean[])
  FROM fence
))sql";

const std::string and_alarms = R"sql(
, kept AS (
  INSERT INTO alarm (entity, kind, shard, due)
  SELECT unnest($14::uuid[]), unnest($15::smallint[]), unnest($16::smallint[]),
         unnest($17::timestamptz[])
  FROM fence
  ON CONFLICT (entity, kind) DO UPDATE SET due = excluded.due
), dropped AS (
  DELETE FROM alarm a
  USING (SELECT unnest($18::uuid[]) AS entity, unnest($19::smallint[]) AS kind
         FROM fence) x
  WHERE a.entity = x.entity AND a.kind = x.kind
))sql";

const std::string and_traces = R"sql(
, named AS (
  INSERT INTO traced (entity, kind, version, trace)
  SELECT unnest($20::uuid[]), unnest($21::smallint[]), unnest($22::int[]),
         unnest($23::uuid[])
  FROM fence
))sql";

const std::string and_tell = " SELECT count(*) FROM fence";

constexpr auto read_member =
  "SELECT alive, journaled FROM member WHERE incarnation = $1";

/// The columns of a batch, as the statement wants them.
struct columns {
  explicit columns(std::size_t n)
    : shard(element::int2, n),
      lsn(element::int8, n),
      epoch(element::int4, n),
      kind(element::int2, n),
      entity(element::uuid, n + n),
      now(element::int4, n),
      at(element::timestamptz, n),
      facts(element::text, n * 16),
      request(element::text, n),
      is_listed(element::boolean, n) {}

  void add(const journal_row& row) {
    constexpr auto most = std::numeric_limits<std::int32_t>::max();
    ensure(row.what.now <= most);
    shard.add(static_cast<std::int16_t>(row.shard));
    lsn.add(static_cast<std::int64_t>(row.lsn));
    epoch.add(row.epoch);
    kind.add(static_cast<std::int16_t>(row.what.entity.kind));
    entity.add(row.what.entity.key);
    now.add(static_cast<std::int32_t>(row.what.now));
    at.add(row.what.at);
    facts.add(std::string_view(row.what.facts));
    if (row.what.request)
      request.add(std::string_view(json::text_of(*row.what.request)));
    else
      request.add_null();
    is_listed.add(static_cast<std::int8_t>(row.what.is_listed));
  }

  binary_array shard, lsn, epoch, kind, entity, now, at, facts, request,
    is_listed;
};

/// The alarms of a batch: those to keep, and those to drop.
struct alarm_columns {
  void add(const alarm& x) {
    auto kind = static_cast<std::int16_t>(x.entity.kind);
    if (!x.due) {
      dropped_entity.add(x.entity.key);
      dropped_kind.add(kind);
      return;
    }
    kept_entity.add(x.entity.key);
    kept_kind.add(kind);
    shard.add(static_cast<std::int16_t>(shard_of(x.entity)));
    due.add(*x.due);
  }

  binary_array kept_entity{element::uuid}, kept_kind{element::int2},
    shard{element::int2}, due{element::timestamptz},
    dropped_entity{element::uuid}, dropped_kind{element::int2};
};

/// The rows of a batch that are to be found by a trace.
struct trace_columns {
  void add(const entry& x) {
    if (x.trace.is_nil())
      return;
    entity.add(x.entity.key);
    kind.add(static_cast<std::int16_t>(x.entity.kind));
    now.add(static_cast<std::int32_t>(x.now));
    trace.add(x.trace);
    is_empty = false;
  }

  binary_array entity{element::uuid}, kind{element::int2}, now{element::int4},
    trace{element::uuid};
  bool is_empty = true;
};

std::int64_t count(std::uint64_t x) {
  return static_cast<std::int64_t>(x);
}

} // namespace

pg_journal::pg_journal(pg_options options, incarnation self)
  : self_(self),
    link_(std::move(options),
          {{"commit_rows", fence_and_rows + and_tell},
           {"commit_rows_and_alarms", fence_and_rows + and_alarms + and_tell},
           {"commit_all", fence_and_rows + and_alarms + and_traces + and_tell},
           {"read_member", read_member}}) {}

verdict pg_journal::commit(const batch& what) {
  ensure(what.upto == what.from + what.rows.size());
  return offer(what) ? verdict::durable : judge(what);
}

bool pg_journal::offer(const batch& what) {
  columns rows(what.rows.size());
  trace_columns traces;
  for (const auto& row : what.rows) {
    rows.add(row);
    traces.add(row.what);
  }
  alarm_columns alarms;
  for (const auto& x : what.alarms)
    alarms.add(x);
  return link_.call([&](pqxx::nontransaction& session) {
    auto run = [&](const char* name, auto&&... more) {
      auto answer = session.exec_prepared(
        name, self_, count(what.from), count(what.upto), parameter(rows.shard),
        parameter(rows.lsn), parameter(rows.epoch), parameter(rows.kind),
        parameter(rows.entity), parameter(rows.now), parameter(rows.at),
        parameter(rows.facts), parameter(rows.request),
        parameter(rows.is_listed), more...);
      return answer[0][0].template as<int>() == 1;
    };
    auto run_with_alarms = [&](const char* name, auto&&... more) {
      return run(name, parameter(alarms.kept_entity),
                 parameter(alarms.kept_kind), parameter(alarms.shard),
                 parameter(alarms.due), parameter(alarms.dropped_entity),
                 parameter(alarms.dropped_kind), more...);
    };
    if (!traces.is_empty)
      return run_with_alarms("commit_all", parameter(traces.entity),
                             parameter(traces.kind), parameter(traces.now),
                             parameter(traces.trace));
    if (what.alarms.empty())
      return run("commit_rows");
    return run_with_alarms("commit_rows_and_alarms");
  });
}

// The fence did not open. Either an earlier try of this very batch is in, even
// if we were declared dead since, or we were declared dead before it.
verdict pg_journal::judge(const batch& what) {
  return link_.call([&](pqxx::nontransaction& session) {
    auto found = session.exec_prepared("read_member", self_);
    if (found.empty())
      return verdict::fenced;
    auto alive = found[0][0].as<bool>();
    auto journaled = found[0][1].as<std::int64_t>();
    if (!what.rows.empty() && journaled == count(what.upto))
      return verdict::durable;
    if (alive)
      throw std::logic_error("the journal of this incarnation stands at "
                             + std::to_string(journaled) + ", not at "
                             + std::to_string(what.from));
    return verdict::fenced;
  });
}

} // namespace usher::persistence

#include "persistence/lists/projector.hpp"

#include "persistence/postgres/columns.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace usher::persistence {

namespace {

// Rows of the journal that one step reads, if there are as many of each shard.
constexpr std::size_t step_size = 5'000;

constexpr auto make_checkpoints = R"sql(
INSERT INTO projection_checkpoint (projection, shard, lsn)
SELECT 'lists', unnest($1::smallint[]), 0
ON CONFLICT (projection, shard) DO NOTHING)sql";

constexpr auto read_checkpoints = R"sql(
SELECT shard, lsn FROM projection_checkpoint
WHERE projection = 'lists' AND shard = ANY($1::smallint[]))sql";

constexpr auto read_journal = R"sql(
SELECT j.shard, j.lsn, j.kind, j.entity,
       (extract(epoch FROM j.at) * 1000)::bigint, j.facts
FROM (SELECT unnest($1::smallint[]) AS shard, unnest($2::bigint[]) AS low) w
CROSS JOIN LATERAL (
  SELECT * FROM journal x
  WHERE x.is_listed AND x.shard = w.shard AND x.lsn > w.low
    AND x.kind = ANY($3::smallint[])
  ORDER BY x.lsn LIMIT $4) j
ORDER BY j.shard, j.lsn)sql";

std::vector<pg_statement> statements() {
  auto out = list_statements();
  out.push_back({"make_checkpoints", make_checkpoints});
  out.push_back({"read_checkpoints", read_checkpoints});
  out.push_back({"read_journal", read_journal});
  return out;
}

binary_array numbers(const std::vector<shard_no>& shards) {
  binary_array out(element::int2, shards.size());
  for (auto shard : shards)
    out.add(static_cast<std::int16_t>(shard));
  return out;
}

binary_array shown_kinds() {
  binary_array out(element::int2);
  for (const auto kind : all_kinds())
    if (is_shown(kind))
      out.add(static_cast<std::int16_t>(kind));
  return out;
}

published_entry read_row(const pqxx::row& row) {
  published_entry out;
  out.shard = row[0].as<shard_no>();
  out.lsn = row[1].as<std::uint64_t>();
  out.what.entity.kind = static_cast<entity_kind>(row[2].as<int>());
  out.what.entity.key = id_in(row[3]);
  out.what.at = moment(row[4]);
  out.what.facts = text(row[5]);
  return out;
}

std::int64_t lsn_of(const published_entry& one) {
  return static_cast<std::int64_t>(one.lsn);
}

template <class Range>
std::vector<shard_no> shards_in(const Range& all) {
  std::set<shard_no> out;
  for (const auto& one : all)
    out.insert(one.shard);
  return {out.begin(), out.end()};
}

/// 22 data, 23 constraints, 54 limits: some value cannot be stored.
bool is_about_values(const pqxx::sql_error& e) {
  return e.sqlstate().starts_with("22") || e.sqlstate().starts_with("23")
         || e.sqlstate().starts_with("54");
}

} // namespace

projector::projector(pg_options options)
  : link_(std::move(options), statements()) {
  checkpoints_.fill(unknown);
}

void projector::apply(const entries& offered) {
  learn_missing(shards_in(offered));
  for (;;) {
    const auto fresh = beyond_checkpoints(offered);
    if (fresh.empty())
      return;
    const auto moved = moves_for(fresh);
    if (write(fresh, moved))
      continue; // nothing is fresh now
    settle(moved);
  }
}

std::vector<shard_no> projector::step(const std::vector<shard_no>& shards) {
  if (shards.empty())
    return {};
  learn_missing(shards);
  const auto most = std::max<std::size_t>(step_size / shards.size(), 1);
  const auto found = read(shards, most);
  if (found.empty())
    return {};
  if (!write(found, moves_for(found))) {
    learn(shards);
    return shards; // whoever was ahead of us may not have read it all
  }
  std::map<shard_no, std::size_t> of_each;
  for (const auto& one : found)
    ++of_each[one.shard];
  std::vector<shard_no> out;
  for (const auto& [shard, count] : of_each)
    if (count == most)
      out.push_back(shard);
  return out;
}

void projector::catch_up(std::vector<shard_no> shards) {
  while (!shards.empty())
    shards = step(shards);
}

// -- checkpoints

void projector::learn(const std::vector<shard_no>& shards) {
  auto wanted = numbers(shards);
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    session.exec_prepared("make_checkpoints", parameter(wanted));
    return session.exec_prepared("read_checkpoints", parameter(wanted));
  });
  for (const auto& row : rows)
    checkpoints_.at(row[0].as<shard_no>()) = row[1].as<std::int64_t>();
}

void projector::learn_missing(const std::vector<shard_no>& shards) {
  std::vector<shard_no> missing;
  for (auto shard : shards)
    if (checkpoints_.at(shard) == unknown)
      missing.push_back(shard);
  if (!missing.empty())
    learn(missing);
}

/// After a batch did not fit: either an earlier try of ours is in, or another
/// projector was here. What that one did not read is not in our hands either,
/// but in the journal.
void projector::settle(const moves& tried) {
  learn(shards_in(tried));
  std::vector<shard_no> behind;
  for (const auto& one : tried) {
    const auto now = checkpoints_.at(one.shard);
    if (now != one.from && now != one.upto)
      behind.push_back(one.shard);
  }
  if (behind.empty())
    return;
  ++done_.overtaken;
  catch_up(behind);
}

// -- what to read

projector::entries projector::read(const std::vector<shard_no>& shards,
                                   std::size_t most_of_each) {
  auto numbered = numbers(shards);
  binary_array low(element::int8);
  for (auto shard : shards)
    low.add(checkpoints_.at(shard));
  auto kinds = shown_kinds();
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("read_journal", parameter(numbered),
                                 parameter(low), parameter(kinds),
                                 most_of_each);
  });
  entries out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back(read_row(row));
  return out;
}

projector::entries projector::beyond_checkpoints(const entries& offered) const {
  entries out;
  for (const auto& one : offered)
    if (lsn_of(one) > checkpoints_.at(one.shard))
      out.push_back(one);
  return out;
}

projector::moves projector::moves_for(const entries& fresh) const {
  std::array<std::int64_t, shard_count> upto{};
  for (const auto& one : fresh)
    upto.at(one.shard) = std::max(upto.at(one.shard), lsn_of(one));
  moves out;
  for (shard_no shard = 0; shard < shard_count; ++shard)
    if (upto[shard] > 0)
      out.push_back({shard, checkpoints_[shard], upto[shard]});
  return out;
}

// -- writing

list_changes projector::fold(const entries& all) {
  list_changes out;
  for (const auto& one : all)
    try {
      out.add(one.what);
    } catch (const json::bad_shape&) {
      ++done_.unreadable; // better one row missing than all that follow
    }
  return out;
}

/// False if a checkpoint was not where it should be; nothing is written then.
bool projector::write(const entries& all, const moves& moved) {
  const auto unreadable = done_.unreadable;
  try {
    if (!offer(fold(all), moved))
      return false;
  } catch (const pqxx::sql_error& e) {
    if (!is_about_values(e))
      throw;
    done_.unreadable = unreadable; // each is read once more
    if (!write_singly(all, moved))
      return false;
  }
  done_.entries += all.size();
  ++done_.batches;
  return true;
}

/// A value that PostgreSQL cannot store must not stop all that comes after it:
/// its entry alone is left out.
bool projector::write_singly(const entries& all, const moves& moved) {
  for (const auto& one : all) {
    const moves step{{one.shard, checkpoints_.at(one.shard), lsn_of(one)}};
    try {
      if (!offer(fold({one}), step))
        return false;
    } catch (const pqxx::sql_error& e) {
      if (!is_about_values(e))
        throw;
      ++done_.unreadable;
      if (!offer({}, step))
        return false;
    }
  }
  moves rest;
  for (const auto& one : moved)
    if (checkpoints_.at(one.shard) < one.upto)
      rest.push_back({one.shard, checkpoints_.at(one.shard), one.upto});
  return rest.empty() || offer({}, rest);
}

bool projector::offer(const list_changes& changes, const moves& moved) {
  try {
    link_.call([&](pqxx::nontransaction& session) {
      write_lists(session, changes, moved);
    });
  } catch (const pqxx::sql_error& e) {
    if (e.sqlstate() != overtaken_state)
      throw;
    return false;
  }
  for (const auto& one : moved)
    checkpoints_.at(one.shard) = one.upto;
  return true;
}

} // namespace usher::persistence

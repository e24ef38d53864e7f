#include "persistence/postgres/pg_neighbours.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/json.hpp"

namespace usher::persistence {

namespace {

constexpr auto keep = R"sql(
INSERT INTO other_cell AS x (number, seen_at, seen)
VALUES ($1, to_timestamp($2::bigint / 1000.0), $3::jsonb)
ON CONFLICT (number) DO UPDATE
SET seen_at = excluded.seen_at, seen = excluded.seen
WHERE x.seen_at < excluded.seen_at)sql";

constexpr auto read_later = R"sql(
SELECT (extract(epoch FROM seen_at) * 1000)::bigint, seen::text
FROM other_cell
WHERE number = $1 AND seen_at > to_timestamp($2::bigint / 1000.0))sql";

struct neighbour {
  incarnation self = 0;
  std::string name;
  std::string address;
};

BOOST_DESCRIBE_STRUCT(neighbour, (), (self, name, address))

struct sketch {
  std::vector<neighbour> members;
  std::vector<incarnation> owners; // by shard
};

BOOST_DESCRIBE_STRUCT(sketch, (), (members, owners))

sketch sketch_of(const cluster_view& seen) {
  sketch out;
  for (const auto& one : seen.members)
    out.members.push_back(
      {one.self, one.about.name, one.about.cluster_address});
  for (const auto& one : seen.shards)
    out.owners.push_back(one.owner);
  return out;
}

cluster_view view_of(const sketch& drawn) {
  cluster_view out;
  for (const auto& one : drawn.members) {
    auto& member = out.members.emplace_back();
    member.self = one.self;
    member.about.name = one.name;
    member.about.cluster_address = one.address;
  }
  for (shard_no shard = 0; shard < drawn.owners.size(); ++shard)
    out.shards.at(shard).owner = drawn.owners[shard];
  return out;
}

} // namespace

pg_neighbours::pg_neighbours(pg_options options)
  : link_(std::move(options), {{"keep", keep}, {"read_later", read_later}}) {}

void pg_neighbours::remember(cell_no cell, const cluster_view& seen) {
  const std::int64_t at = seen.now.time_since_epoch().count();
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("keep", cell, at,
                                 json::text_of(sketch_of(seen)));
  });
}

std::optional<cluster_view> pg_neighbours::recall(cell_no cell,
                                                  timestamp after) {
  const std::int64_t since = after.time_since_epoch().count();
  const auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("read_later", cell, since);
  });
  if (rows.empty())
    return std::nullopt;
  auto out = view_of(json::get<sketch>(std::string_view(rows[0][1].c_str())));
  out.now = moment(rows[0][0]);
  return out;
}

} // namespace usher::persistence

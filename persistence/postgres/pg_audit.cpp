#include "persistence/postgres/pg_audit.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/json.hpp"

namespace usher::persistence {

namespace {

// A list of words travels as JSON: they are few, and may hold anything.
constexpr auto write_row = R"sql(
INSERT INTO audit (intent, node, visitor, person, act, words, outcome)
SELECT $1::bigint, $2, $3, $4, $5,
       ARRAY(SELECT jsonb_array_elements_text($6::jsonb)), $7
RETURNING number)sql";

constexpr auto read_rows = R"sql(
SELECT * FROM (
  SELECT number, (extract(epoch FROM at) * 1000)::bigint, coalesce(intent, 0),
         node, visitor, person, act, to_jsonb(words)::text,
         coalesce(outcome, '')
  FROM audit ORDER BY number DESC LIMIT $1) newest
ORDER BY number)sql";

} // namespace

pg_audit::pg_audit(pg_options options)
  : link_(std::move(options), {{"write", write_row}, {"read", read_rows}}) {}

std::int64_t pg_audit::write(const deed& what,
                             std::optional<std::int64_t> intent,
                             const std::optional<std::string>& outcome) {
  const auto words = json::text_of(what.words);
  const std::lock_guard guard(lock_);
  return link_.call([&](pqxx::nontransaction& session) {
    pqxx::result row;
    if (intent && outcome)
      row = session.exec_prepared("write", *intent, what.node, what.visitor,
                                  what.person, what.act, words, *outcome);
    else
      row = session.exec_prepared("write", nullptr, what.node, what.visitor,
                                  what.person, what.act, words, nullptr);
    return row[0][0].as<std::int64_t>();
  });
}

std::int64_t pg_audit::intend(const deed& what) {
  return write(what, std::nullopt, std::nullopt);
}

void pg_audit::conclude(std::int64_t intent, const deed& what,
                        const std::string& outcome) {
  write(what, intent, outcome);
}

std::vector<audited> pg_audit::last(std::size_t limit) {
  const std::lock_guard guard(lock_);
  const auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("read", limit);
  });
  std::vector<audited> out;
  for (const auto& row : rows)
    out.push_back({row[0].as<std::int64_t>(),
                   moment(row[1]),
                   row[2].as<std::int64_t>(),
                   {text(row[3]), text(row[4]), text(row[5]), text(row[6]),
                    json::get<std::vector<std::string>>(text(row[7]))},
                   text(row[8])});
  return out;
}

} // namespace usher::persistence

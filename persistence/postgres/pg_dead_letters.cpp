#include "persistence/postgres/pg_dead_letters.hpp"

#include "protocol/json.hpp"

namespace usher::persistence {

BOOST_DESCRIBE_STRUCT(kept_letter, (), (number, command, crashes, at, why))

namespace {

constexpr auto write_all = R"sql(
INSERT INTO dead_letters (node, letters) VALUES ($1, $2)
ON CONFLICT (node) DO UPDATE
SET letters = excluded.letters, kept_at = excluded.kept_at)sql";

constexpr auto read_one = "SELECT letters FROM dead_letters WHERE node = $1";
constexpr auto read_all = "SELECT node, letters FROM dead_letters";

std::vector<kept_letter> read_letters(const pqxx::field& text) {
  return json::get<std::vector<kept_letter>>(std::string_view(text.c_str()));
}

} // namespace

pg_dead_letters::pg_dead_letters(pg_options options)
  : link_(std::move(options),
          {{"write", write_all}, {"read", read_one}, {"read_all", read_all}}) {}

std::vector<kept_letter> pg_dead_letters::load(const std::string& node) {
  const auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("read", node);
  });
  if (rows.empty())
    return {};
  return read_letters(rows[0][0]);
}

std::map<std::string, std::vector<kept_letter>> pg_dead_letters::load_all() {
  const auto rows = link_.call([](pqxx::nontransaction& session) {
    return session.exec_prepared("read_all");
  });
  std::map<std::string, std::vector<kept_letter>> out;
  for (const auto& row : rows)
    if (auto some = read_letters(row[1]); !some.empty())
      out[row[0].c_str()] = std::move(some);
  return out;
}

void pg_dead_letters::keep(const std::string& node,
                           const std::vector<kept_letter>& all) {
  link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("write", node, json::text_of(all));
  });
}

} // namespace usher::persistence

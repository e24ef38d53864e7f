#pragma once

#include "persistence/postgres/migrate.hpp"
#include "persistence/postgres/pg_archive.hpp"
#include "persistence/postgres/pg_journal.hpp"
#include "persistence/postgres/pg_registry.hpp"
#include "tests/support/memory_store.hpp"
#include "tests/support/private_postgres.hpp"

#include <atomic>
#include <map>
#include <numeric>
#include <thread>

/// Stores to test with, and a node that writes to them.
namespace usher::test {

/// One server for the whole program, started when first wanted.
inline private_postgres& server() {
  static private_postgres one;
  return one;
}

inline timestamp now() {
  return std::chrono::time_point_cast<duration>(
    std::chrono::system_clock::now());
}

inline entity_id any_block() {
  return {entity_kind::seat_block, mint_uuid()};
}

/// A store under test: PostgreSQL and the memory store keep the same promises.
class store {
public:
  virtual ~store() = default;
  virtual std::unique_ptr<journal> writer(incarnation) = 0;
  virtual archive& reader() = 0;
  virtual registry& members() = 0;
};

class pg_store final : public store {
public:
  pg_store() { migrate(server().as_owner(database)); }

  std::unique_ptr<journal> writer(incarnation self) override {
    return std::make_unique<pg_journal>(options(), self);
  }

  archive& reader() override { return archive_; }

  registry& members() override { return registry_; }

  pg_options options() const { return {server().as_app(database)}; }

  pqxx::result ask(const std::string& sql) const {
    pqxx::connection connection(server().as_owner(database));
    return pqxx::nontransaction(connection).exec(sql);
  }

  const std::string database = server().make_database();

private:
  pg_archive archive_{options()};
  pg_registry registry_{options()};
};

class memory_store final : public store {
public:
  std::unique_ptr<journal> writer(incarnation self) override {
    return std::make_unique<memory_journal>(tables, self);
  }

  archive& reader() override { return archive_; }

  registry& members() override { return registry_; }

  std::shared_ptr<memory_tables> tables = std::make_shared<memory_tables>();

private:
  memory_archive archive_{tables};
  memory_registry registry_{tables};
};

inline std::vector<shard_no> all_shards() {
  std::vector<shard_no> out(shard_count);
  std::iota(out.begin(), out.end(), shard_no{0});
  return out;
}

inline introduction named(const std::string& name) {
  introduction out;
  out.name = name;
  return out;
}

/// Names are unique among the living.
inline introduction anybody() {
  static std::atomic<int> last = 0;
  return named("node-" + std::to_string(++last));
}

/// Whether the member could renew. A session that was ended meanwhile costs it
/// one try.
inline bool renewed(store& where, incarnation who, duration ttl) {
  try {
    return where.members().renew(who, ttl).has_value();
  } catch (const unavailable&) {
    return where.members().renew(who, ttl).has_value();
  }
}

/// A node's share: it is a member, owns shards, and numbers what it writes.
class node {
public:
  explicit node(store& where, duration ttl = std::chrono::hours(1))
    : store_(where),
      self(where.members().join(anybody(), ttl).self),
      journal_(where.writer(self)) {
    // Who comes judges nobody for a lease: here, that of a node of 1 ms.
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    take_over();
  }

  void take_over() {
    store_.members().declare_dead(self);
    for (const auto& lease : store_.members().take(self, all_shards()))
      leases[lease.shard] = lease;
  }

  void add(const entity_id& who, std::string facts, timestamp at = now(),
           std::optional<remembered> request = {}) {
    auto& lease = leases.at(shard_of(who));
    next.rows.push_back(
      {lease.shard,
       make_lsn(lease.epoch, ++written[{lease.shard, lease.epoch}]),
       lease.epoch,
       {who, ++versions[who], at, std::move(facts), true, std::move(request)}});
  }

  verdict offer() {
    next.upto = next.from + next.rows.size();
    return journal_->commit(next);
  }

  verdict commit() {
    auto answer = offer();
    next = {next.upto, next.upto, {}, {}};
    return answer;
  }

  /// As a real writer does: the same batch again until there is an answer.
  verdict commit_stubbornly() {
    for (;;) {
      try {
        return commit();
      } catch (const unavailable&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  }

private:
  store& store_;

public:
  const incarnation self;
  std::map<shard_no, shard_lease> leases;
  std::map<std::pair<shard_no, std::int32_t>, std::uint32_t> written;
  std::map<entity_id, version> versions;
  batch next;

private:
  std::unique_ptr<journal> journal_;
};

inline std::vector<std::string> facts_of(const history& x) {
  std::vector<std::string> out;
  for (const auto& one : x.tail)
    out.push_back(one.facts);
  return out;
}

inline history load_one(store& where, const entity_id& who) {
  return where.reader().load({who}).at(0);
}

} // namespace usher::test

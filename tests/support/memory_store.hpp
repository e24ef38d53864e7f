#pragma once

#include "persistence/store.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

/// The store of tests: the promises of PostgreSQL, in memory, with faults on
/// demand. All parts share one `memory_tables`, as nodes share a database.
namespace usher::test {

using namespace usher::persistence;

struct memory_member {
  std::string address;
  bool alive = true;
  timestamp lease_until;
  std::uint64_t journaled = 0;
};

struct memory_shard {
  std::int32_t epoch = 0;
  std::optional<incarnation> owner;
  std::vector<journal_row> rows; ///< lsn = index + 1
};

/// What the database holds, and how it is to misbehave.
struct memory_tables {
  std::mutex mutex;
  incarnation last_incarnation = 0;
  std::map<incarnation, memory_member> members;
  std::array<memory_shard, shard_count> shards;
  std::map<entity_id, std::vector<entry>> entries; ///< by version
  std::map<entity_id, timestamp> alarms;
  std::map<entity_id, snapshot> snapshots;

  /// The database's clock; a test may put its own in.
  std::function<timestamp()> now = [] {
    return std::chrono::time_point_cast<duration>(
      std::chrono::system_clock::now());
  };

  int fail_before = 0; ///< so many commits throw `unavailable`, not applied
  int fail_after = 0;  ///< so many commits throw `unavailable`, but applied
  bool down = false;   ///< every call throws `unavailable`

  /// What another node does to one whose lease is over: fences it.
  void declare_dead(incarnation who) {
    std::lock_guard guard(mutex);
    members.at(who).alive = false;
  }

  bool alive(incarnation who) const {
    auto found = members.find(who);
    return found != members.end() && found->second.alive;
  }

  void check_up() const {
    if (down)
      throw unavailable("the memory store is told to be down");
  }
};

class memory_journal final : public journal {
public:
  memory_journal(std::shared_ptr<memory_tables> tables, incarnation self)
    : tables_(std::move(tables)), self_(self) {}

  verdict commit(const batch& what) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    ensure(what.upto == what.from + what.rows.size());
    if (tables_->fail_before > 0) {
      --tables_->fail_before;
      throw unavailable("told to fail before the commit");
    }
    auto answer = apply(what);
    if (tables_->fail_after > 0) {
      --tables_->fail_after;
      throw unavailable("told to fail after the commit");
    }
    return answer;
  }

private:
  verdict apply(const batch& what) {
    auto& me = tables_->members.at(self_);
    if (!me.alive || me.journaled != what.from) {
      if (!what.rows.empty() && me.journaled == what.upto)
        return verdict::durable;
      ensure(!me.alive);
      return verdict::fenced;
    }
    me.journaled = what.upto;
    for (const auto& row : what.rows)
      append(row);
    for (const auto& x : what.alarms) {
      if (x.due)
        tables_->alarms[x.entity] = *x.due;
      else
        tables_->alarms.erase(x.entity);
    }
    return verdict::durable;
  }

  void append(const journal_row& row) {
    auto& rows = tables_->shards[row.shard].rows;
    auto& past = tables_->entries[row.what.entity];
    ensure(row.lsn == rows.size() + 1);
    ensure(row.what.now == past.size() + 1);
    rows.push_back(row);
    past.push_back(row.what);
  }

  std::shared_ptr<memory_tables> tables_;
  incarnation self_;
};

class memory_archive final : public archive {
public:
  explicit memory_archive(std::shared_ptr<memory_tables> tables)
    : tables_(std::move(tables)) {}

  std::vector<history> load(const std::vector<entity_id>& wanted) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    std::vector<history> out;
    for (const auto& who : wanted)
      out.push_back(of(who));
    return out;
  }

  std::vector<alarm> due(incarnation owner, timestamp until,
                         std::size_t limit) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    std::vector<alarm> out;
    for (const auto& [who, when] : tables_->alarms)
      if (when <= until && tables_->shards[shard_of(who)].owner == owner)
        out.push_back({who, when});
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return a.due < b.due;
    });
    if (out.size() > limit)
      out.resize(limit);
    return out;
  }

  void save(const std::vector<snapshot>& all) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    for (const auto& x : all) {
      auto [kept, is_new] = tables_->snapshots.try_emplace(x.entity, x);
      if (!is_new && kept->second.now < x.now)
        kept->second = x;
    }
  }

private:
  history of(const entity_id& who) const {
    using namespace std::chrono_literals;
    history out;
    out.entity = who;
    auto base = tables_->snapshots.find(who);
    if (base != tables_->snapshots.end())
      out.base = base->second;
    if (auto past = tables_->entries.find(who); past != tables_->entries.end())
      for (const auto& one : past->second)
        if (!out.base || one.now > out.base->now)
          out.tail.push_back(one);
    for (auto& one : out.tail)
      if (one.at <= tables_->now() - 24h)
        one.request.reset();
    if (auto due = tables_->alarms.find(who); due != tables_->alarms.end())
      out.due = due->second;
    return out;
  }

  std::shared_ptr<memory_tables> tables_;
};

class memory_registry final : public registry {
public:
  explicit memory_registry(std::shared_ptr<memory_tables> tables)
    : tables_(std::move(tables)) {}

  membership join(const std::string& address, duration ttl) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    auto now = tables_->now();
    declare_dead_except(0);
    auto self = ++tables_->last_incarnation;
    tables_->members[self] = {address, true, now + ttl, 0};
    return {self, now, now + ttl};
  }

  bool renew(incarnation self, duration ttl) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    if (!tables_->alive(self))
      return false;
    tables_->members[self].lease_until = tables_->now() + ttl;
    return true;
  }

  std::vector<shard_lease> take_free_shards(incarnation self) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    declare_dead_except(self);
    std::vector<shard_lease> out;
    for (std::size_t i = 0; i < shard_count; ++i) {
      auto& shard = tables_->shards[i];
      auto free = !shard.owner || !tables_->alive(*shard.owner);
      if (free && tables_->alive(self)) {
        shard.owner = self;
        ++shard.epoch;
      }
      if (shard.owner == self)
        out.push_back(
          {static_cast<shard_no>(i), shard.epoch, shard.rows.size()});
    }
    return out;
  }

  void leave(incarnation self) override {
    std::lock_guard guard(tables_->mutex);
    tables_->check_up();
    tables_->members.at(self).alive = false;
    for (auto& shard : tables_->shards)
      if (shard.owner == self)
        shard.owner.reset();
  }

private:
  void declare_dead_except(incarnation self) {
    for (auto& [who, member] : tables_->members)
      if (who != self && member.lease_until < tables_->now())
        member.alive = false;
  }

  std::shared_ptr<memory_tables> tables_;
};

} // namespace usher::test

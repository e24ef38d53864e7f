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
  introduction about;
  bool alive = true;
  duration ttl{};
  timestamp lease_until;
  timestamp renewed;
  timestamp steady_since;
  member_state state = member_state::serving;
  bool is_connected = true; ///< its heartbeat session is there
  std::uint64_t journaled = 0;
};

struct memory_shard {
  std::int32_t epoch = 0;
  std::optional<incarnation> owner;
  std::optional<std::string> pinned;
  std::vector<journal_row> rows; ///< as they were appended
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
    const bool is_first = rows.empty() || rows.back().epoch != row.epoch;
    ensure(row.lsn
           == (is_first ? make_lsn(row.epoch, 1) : rows.back().lsn + 1));
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

class memory_registry : public registry {
public:
  explicit memory_registry(std::shared_ptr<memory_tables> tables)
    : tables_(std::move(tables)) {}

  membership join(const introduction& who, duration ttl) override {
    auto guard = enter();
    auto now = tables_->now();
    for (auto& [other, member] : tables_->members) {
      if (!member.alive || member.about.name != who.name)
        continue;
      const auto first = knocks_.try_emplace(who.name, now).first->second;
      if (member.lease_until >= now || first + member.ttl >= now)
        throw name_taken("taken: " + who.name);
      member.alive = false;
    }
    knocks_.erase(who.name);
    auto self = ++tables_->last_incarnation;
    auto& me = tables_->members[self];
    me.about = who;
    me.ttl = ttl;
    me.lease_until = now + ttl;
    me.renewed = now;
    me.steady_since = now;
    return {self, now, now + ttl};
  }

  std::optional<renewal> renew(incarnation self, duration ttl) override {
    auto guard = enter();
    if (!tables_->alive(self))
      return {};
    auto& me = tables_->members[self];
    auto now = tables_->now();
    if (me.lease_until < now)
      me.steady_since = now;
    me.lease_until = now + ttl;
    me.renewed = now;
    return renewal{now, me.lease_until, me.state};
  }

  cluster_view look() override {
    auto guard = enter();
    cluster_view out;
    out.now = tables_->now();
    for (const auto& [who, x] : tables_->members)
      if (x.alive)
        out.members.push_back({who, x.about, x.state, x.lease_until});
    for (shard_no i = 0; i < shard_count; ++i) {
      const auto& shard = tables_->shards[i];
      out.shards[i] = {shard.owner.value_or(0), shard.epoch};
      if (shard.pinned)
        out.pins[i] = *shard.pinned;
    }
    return out;
  }

  std::vector<shard_lease> take(incarnation self,
                                const std::vector<shard_no>& wanted) override {
    auto guard = enter();
    std::vector<shard_lease> out;
    for (auto i : wanted) {
      auto& shard = tables_->shards.at(i);
      auto free = !shard.owner || !tables_->alive(*shard.owner);
      if (free && tables_->alive(self)) {
        shard.owner = self;
        ++shard.epoch;
      }
      if (shard.owner == self)
        out.push_back(lease_of(i));
    }
    return out;
  }

  std::vector<shard_no> hand_over(incarnation self,
                                  const std::vector<shard_lease>& what,
                                  incarnation to) override {
    auto guard = enter();
    std::vector<shard_no> out;
    for (const auto& given : what) {
      auto& shard = tables_->shards.at(given.shard);
      auto is_ours = shard.owner == self && shard.epoch == given.epoch;
      if (is_ours && !(tables_->alive(self) && tables_->alive(to)))
        continue;
      if (is_ours) {
        shard.owner = to;
        ++shard.epoch;
      }
      out.push_back(given.shard);
    }
    return out;
  }

  std::vector<shard_lease> owned(incarnation self) override {
    auto guard = enter();
    std::vector<shard_lease> out;
    for (shard_no i = 0; i < shard_count; ++i)
      if (tables_->shards[i].owner == self)
        out.push_back(lease_of(i));
    return out;
  }

  std::vector<incarnation> declare_dead(incarnation by) override {
    auto guard = enter();
    std::vector<incarnation> out;
    for (auto& [who, member] : tables_->members)
      if (may_judge(by, who) && member.lease_until < tables_->now()) {
        member.alive = false;
        out.push_back(who);
      }
    return out;
  }

  bool suspect(incarnation by, incarnation whom) override {
    auto guard = enter();
    auto& member = tables_->members.at(whom);
    if (may_judge(by, whom) && !member.is_connected
        && member.renewed + longest_silence(member.ttl) < tables_->now())
      member.alive = false;
    return !member.alive;
  }

  void promise_anew(incarnation by) override {
    auto guard = enter();
    if (!tables_->alive(by))
      return;
    for (auto& [who, member] : tables_->members) {
      member.lease_until = tables_->now() + member.ttl;
      member.renewed = member.steady_since = tables_->now();
    }
  }

  bool drain(const std::string& name) override {
    auto guard = enter();
    for (auto& [who, member] : tables_->members)
      if (member.alive && member.about.name == name
          && (!member.about.is_worker || another_serves(who))) {
        member.state = member_state::draining;
        return true;
      }
    return false;
  }

  bool drain(incarnation who) override {
    auto guard = enter();
    if (!tables_->alive(who))
      return false;
    tables_->members[who].state = member_state::draining;
    return true;
  }

  bool pin(shard_no shard, const std::string& name) override {
    auto guard = enter();
    for (const auto& [who, member] : tables_->members)
      if (member.alive && member.about.name == name && member.about.is_worker
          && member.state == member_state::serving
          && member.about.protocol.high >= first_with_pins) {
        tables_->shards.at(shard).pinned = name;
        return true;
      }
    return false;
  }

  void unpin(shard_no shard) override {
    auto guard = enter();
    tables_->shards.at(shard).pinned.reset();
  }

  void leave(incarnation self) override {
    auto guard = enter();
    tables_->members.at(self).alive = false;
    for (auto& shard : tables_->shards)
      if (shard.owner == self)
        shard.owner.reset();
  }

  void bury_last(incarnation self, const std::string& name) override {
    {
      auto guard = enter();
      const auto found = tables_->members.find(self);
      if (found == tables_->members.end() || found->second.about.name != name)
        return;
    }
    leave(self);
  }

private:
  std::unique_lock<std::mutex> enter() {
    std::unique_lock guard(tables_->mutex);
    tables_->check_up();
    return guard;
  }

  bool another_serves(incarnation self) const {
    return std::ranges::any_of(tables_->members, [&](const auto& one) {
      const auto& other = one.second;
      return one.first != self && other.alive && other.about.is_worker
             && other.state == member_state::serving
             && other.lease_until >= tables_->now();
    });
  }

  bool may_judge(incarnation by, incarnation whom) {
    const auto& judge = tables_->members.at(by);
    const auto& other = tables_->members.at(whom);
    auto now = tables_->now();
    return by != whom && judge.alive && judge.lease_until >= now && other.alive
           && judge.steady_since + other.ttl < now;
  }

  shard_lease lease_of(shard_no i) {
    const auto& shard = tables_->shards[i];
    return {i, shard.epoch};
  }

  std::shared_ptr<memory_tables> tables_;
  std::map<std::string, timestamp> knocks_; // at names that were taken
};

} // namespace usher::test

#pragma once

#include "cluster/dead_letters.hpp"
#include "cluster/heat.hpp"
#include "cluster/shard_table.hpp"
#include "protocol/messages.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace usher::cluster {

/// An entity that failed, for whoever looks into it.
struct obituary {
  entity_id entity;
  std::string doing;
  std::string why;
  timestamp at;
};

/// An entity in memory, for whoever looks into it.
struct inhabitant {
  entity_id entity;
  caf::actor who;
  timestamp last_used;
};

/// An entity that was set aside because it kept failing.
struct outcast {
  entity_id entity;
  timestamp until;
  timestamp last_failure;
};

/// When a failing entity is let alone, when a quiet one may go, and how many
/// may wait for one.
struct patience {
  unsigned restarts = 5;                      ///< so many ..
  duration within = std::chrono::seconds{30}; ///< .. in this time: quarantine
  duration quarantine = std::chrono::minutes{5};
  duration idle_after = std::chrono::seconds{60};
  std::uint32_t most_waiting = 10'000; ///< commands, for one entity
  std::uint32_t most_stashed = 256;    ///< the same, while it is being born
  /// Commands, for all entities together: where the database is away, those who
  /// are to be read wait for it, and each command may be for another one.
  std::uint32_t most_in_all = 50'000;
};

/// Some of the shards.
using shard_set = std::bitset<shard_count>;

/// What became of a request.
enum class reception : std::uint8_t {
  accepted,
  set_aside, ///< its entity is in quarantine
  full,      ///< too many wait for its entity
  not_here,  ///< its shard is not here, or about to leave
};

/// What its sender hears of that; ok if it was accepted.
errc refusal_of(reception);

/// The entities of this node that are in memory: finds them, wakes them, lets
/// them go, and supervises them. A message is handed over under the lock of
/// its entity's stripe, so an entity that leaves misses none. An entity that
/// fails is born again by the next message that needs it; one that keeps
/// failing is set aside, and its neighbours notice nothing. Who comes when too
/// many wait for an entity, or for all of them, hears `overloaded`; an alarm
/// always gets in, and a letter that nobody waits for gets in up to four times
/// as long.
class directory final : public post_office {
public:
  using factory = std::function<caf::actor(const entity_id&, birth)>;

  /// Without a table all shards are here, for ever.
  directory(factory make, std::function<timestamp()> now, patience limits,
            const shard_table* shards = nullptr);

  /// Registers a bridge; its number goes into return addresses.
  std::uint32_t add_bridge(caf::actor bridge);

  /// Brings a command to its entity, if it is here; takes nothing otherwise.
  reception accept(request& what);

  std::uint64_t deliver(request what) override;
  void deliver(response what) override;
  bool retire(const entity_id&, const std::function<bool()>& is_empty) override;
  void bury(const entity_id&, const std::string& doing,
            const std::string& why) override;
  void witness(request, const std::string& why) override;
  void recall(const entity_id&) override;

  /// Tells entities that nobody has spoken to for a while. One call looks at
  /// one part of the whole and tells at most 50, lest a crowd that leaves keeps
  /// others waiting; called often, it goes round. True if there were more. One
  /// thread.
  bool sweep();

  /// Tells the entities of these shards to leave; `at_once`: in the middle of
  /// what they are doing. Their shards are frozen already, so none comes back.
  void evict(const shard_set& which, bool at_once);

  /// Entities in memory.
  std::size_t residents() const;

  /// Of these shards.
  std::size_t residents(const shard_set& which) const;

  /// Entities set aside, of shards that are here.
  std::vector<entity_id> quarantined() const;

  /// Ends a quarantine; false if there is none.
  bool release(const entity_id&);

  /// The last failures, oldest first, at most 100.
  std::vector<obituary> obituaries() const;

  /// Commands that crashed their entity twice.
  dead_letters& crashes() { return crashes_; }

  // -- for whoever looks in

  /// Those who were spoken to last, of all or of one kind, at most so many.
  std::vector<inhabitant> recent(std::optional<entity_kind>,
                                 std::size_t most) const;

  /// Nothing if it is not in memory.
  std::optional<inhabitant> find(const entity_id&) const;

  /// Entities in memory, by kind.
  std::map<entity_kind, std::size_t> population() const;

  /// Entities set aside, of shards that are here: what was given away its new
  /// owner judges anew.
  std::vector<outcast> outcasts() const;

  /// Counts commands by entity until then, from zero if nobody watched. While
  /// nobody watches, that costs one look at a flag for each command.
  void watch(timestamp until);

  /// What was counted most since counting began, most first.
  std::vector<warmth> hottest(std::size_t most) const;

  /// Begins to count from zero if that was done for so long: what newcomers
  /// inherit grows with all that was ever counted.
  void count_anew_after(duration);

  /// Forgets the factory and all entities; nothing is delivered any more.
  void close();

private:
  struct resident {
    caf::actor who;
    timestamp last_used;
    std::shared_ptr<line> waiting = std::make_shared<line>();
  };

  struct record_of_failures {
    std::deque<timestamp> recent;
    timestamp aside_until;
    bool must_settle = false; ///< the last life may have words under way
  };

  static constexpr std::size_t counted_of_a_stripe = 24;

  struct stripe {
    mutable std::mutex lock;
    boost::unordered_flat_map<entity_id, resident, std::hash<entity_id>>
      residents;
    std::unordered_map<entity_id, record_of_failures> failures;
    heat counted{counted_of_a_stripe};
  };

  static constexpr std::size_t stripe_count = 64;

  stripe& stripe_of(const entity_id&);
  const stripe& stripe_of(const entity_id&) const;
  void end_watch(timestamp now);
  void count_anew();
  resident& wake(stripe&, const entity_id&, bool newborn, timestamp now);
  bool has_room(const request&) const;
  bool has_room(const resident&, const request&) const;
  static bool is_aside(const stripe&, const entity_id&, timestamp now);

  factory make_;
  std::function<timestamp()> now_;
  patience limits_;
  const shard_table* shards_;
  std::shared_ptr<std::atomic<std::uint32_t>> waiting_ =
    std::make_shared<std::atomic<std::uint32_t>>(0);
  std::array<stripe, stripe_count> stripes_;
  std::size_t next_to_sweep_ = 0;
  std::atomic<bool> closed_ = false;
  mutable std::mutex bridges_lock_;
  std::vector<caf::actor> bridges_;
  mutable std::mutex obituaries_lock_;
  std::deque<obituary> obituaries_;
  dead_letters crashes_;
  std::atomic<bool> is_watched_ = false;
  std::atomic<timestamp> watched_until_{};
  std::atomic<timestamp> counting_since_{};
};

} // namespace usher::cluster

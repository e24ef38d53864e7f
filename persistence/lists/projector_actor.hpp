#pragma once

#include "persistence/lists/projector.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>

namespace usher::persistence {

/// Figures of the projection that others may read at any time.
struct projector_gauge {
  std::atomic<std::uint64_t> entries = 0; ///< in the lists since the start
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> unreadable = 0; ///< left out of the lists
  std::atomic<std::uint64_t> overtaken = 0;
  std::atomic<std::uint64_t> forgotten = 0; ///< left to the journal for a while
  std::atomic<std::uint64_t> waiting = 0;   ///< entries in memory
  std::atomic<std::uint64_t> behind = 0; ///< shards to be read from the journal
  std::atomic<bool> stalled = false;     ///< the database is away
  /// When the oldest entry was journaled that the lists lack, or before that;
  /// the epoch if they lack none.
  std::atomic<timestamp> lacking_since{};

  /// How far the lists are behind the journal at that moment: it grows for as
  /// long as they stand still and something is missing.
  duration lag(timestamp now) const {
    const auto since = lacking_since.load();
    return since == timestamp{} ? duration{0}
                                : std::max(duration{0}, now - since);
  }
};

struct projector_settings {
  pg_options database;
  std::shared_ptr<projector_gauge> gauge;
  std::vector<shard_no> shards;       ///< whose journal this node writes
  std::size_t largest_batch = 3'000;  ///< entries in one statement
  std::size_t most_waiting = 100'000; ///< beyond that, the journal keeps them
  duration pause{200};                ///< before a try after a failed one
  std::size_t many = 20; ///< entries in a batch: sales come by the crowd
  duration pace{200};    ///< from such a batch to the next one
  std::function<timestamp()> now; ///< by the clock that dates entries
  std::function<void(const std::string&)> complain; ///< of what is no weather
};

/// Follows the journal of this node's shards and keeps the lists: a detached
/// actor with a connection of its own. It first reads what it missed, then
/// takes in what the writers publish; while PostgreSQL is away, or slower than
/// the sale, entries wait in memory, and beyond a bound in the journal alone.
/// It must follow the writers before they write, and hear of shards that came
/// to this node (`adopted`) before they are written.
class projector_actor final : public caf::event_based_actor {
public:
  projector_actor(caf::actor_config& cfg, projector_settings settings);

private:
  caf::behavior make_behavior() override;

  void take(const publication&);
  void expect_work(duration after = duration{0});
  void work();
  duration until_next_batch() const;
  bool work_once();
  void apply_some();
  void leave(const std::vector<shard_no>& shards);
  void forget();
  void tell();
  void tell_what_is_lacking();

  projector_settings with_;
  projector lists_;
  std::set<shard_no> behind_; ///< to be read from the journal
  std::array<bool, shard_count> followed_{};
  std::vector<published_entry> waiting_;
  bool work_expected_ = false;
  std::chrono::steady_clock::time_point last_of_many_;
};

} // namespace usher::persistence

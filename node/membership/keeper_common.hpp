#pragma once

#include "node/clock.hpp"
#include "node/membership/clock_comparison.hpp"
#include "node/membership/membership_keeper.hpp"

#include <algorithm>

namespace usher {

/// Before another try at what did not work, or what is about to happen.
constexpr duration keeper_retry{100};

/// After a gift that failed: those who wait for its shards must get a turn.
constexpr duration keeper_rest{1000};

/// What the threads of a keeper share, and a gift on its way.
struct membership_keeper::common {
  explicit common(std::shared_ptr<persistence::registry> x)
    : members(std::move(x)) {}

  void wake() {
    {
      const std::lock_guard guard{mutex};
      is_poked = true;
    }
    changed.notify_all();
  }

  /// False when it is time to stop.
  bool sleep(duration how_long, bool until_poked) {
    std::unique_lock guard{mutex};
    changed.wait_for(guard, how_long,
                     [&] { return is_stopping || (until_poked && is_poked); });
    if (until_poked)
      is_poked = false;
    return !is_stopping && !(until_poked && is_unwatched);
  }

  bool is_watching() {
    const std::lock_guard guard{mutex};
    return !is_unwatched;
  }

  /// The database's clock says that, in an answer to what was sent then. True
  /// if it is another clock than the one by which leases were promised.
  bool note_clock(duration sent, timestamp said) {
    const std::lock_guard guard{mutex};
    const bool is_news = clock.was_set(sent, since_boot(), said);
    is_clock_set = is_clock_set || is_news;
    return is_news;
  }

  /// Whether leases are to be promised anew; says so once.
  bool must_promise_anew() {
    const std::lock_guard guard{mutex};
    return std::exchange(is_clock_set, false);
  }

  /// These were not given after all.
  void keep(const std::vector<shard_lease>& what) {
    const std::lock_guard guard{mutex};
    kept.clear();
    for (const auto& one : what)
      kept.insert(one.shard);
    rests_until = since_boot() + keeper_rest;
  }

  /// What may be given now, and last what was kept: it may be held up again.
  std::vector<cluster::gift> worth_a_try(std::vector<cluster::gift> gifts) {
    const std::lock_guard guard{mutex};
    if (since_boot() < rests_until)
      return {};
    std::ranges::stable_partition(
      gifts, [&](const auto& one) { return !kept.contains(one.shard); });
    return gifts;
  }

  const std::shared_ptr<persistence::registry> members;
  held_shards held;
  std::atomic<bool> is_giving = false;
  std::atomic<bool> is_leaving = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::set<incarnation> accused; // to be suspected at the next look
  std::set<shard_no> kept;       // of the last gift that failed
  duration rests_until{0};       // since boot
  clock_comparison clock;
  bool is_clock_set = false;
  bool is_poked = false;
  bool is_unwatched = false;
  bool is_stopping = false;
};

} // namespace usher

#pragma once

#include "node/membership_keeper.hpp"

namespace usher {

/// Before another try at what did not work, or what is about to happen.
constexpr duration keeper_retry{100};

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

  const std::shared_ptr<persistence::registry> members;
  held_shards held;
  std::atomic<bool> is_giving = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::set<incarnation> accused; // to be suspected at the next look
  bool is_poked = false;
  bool is_unwatched = false;
  bool is_stopping = false;
};

} // namespace usher

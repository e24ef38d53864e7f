#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <mutex>
#include <unordered_set>

namespace usher {

/// Counts how many different keys were noted lately: in this span of time or
/// in the one before. A key that is noted again counts once. Holds at most a
/// million keys for each span; further ones are not counted. Any thread.
class recent_keys {
public:
  explicit recent_keys(duration span) : span_(span) {}

  void note(const uuid& key, timestamp now);

  /// The key does not count any more, unless it is noted again.
  void forget(const uuid& key);

  std::size_t count(timestamp now);

private:
  void turn(timestamp now);

  duration span_;
  std::mutex lock_; // of all below
  timestamp began_;
  std::unordered_set<uuid> now_;    // noted in this span
  std::unordered_set<uuid> before_; // only in the one before
};

} // namespace usher

#pragma once

#include "protocol/time.hpp"

#include <atomic>

namespace usher {

/// CLOCK_BOOTTIME: goes on while the machine sleeps, and nobody sets it.
duration since_boot();

/// The node's only clock: the database's time, carried on by the machine's
/// CLOCK_BOOTTIME. A jump of any wall clock changes next to nothing. Goes back
/// at most 1 ms, for who is interrupted as it falls back by that. Any thread.
class node_clock {
public:
  /// Takes over what the database said a moment ago.
  void set(timestamp database_now);

  /// The database's clock said that at some moment from `sent` to `received`,
  /// both since boot: goes after it by a millisecond a second at most. One
  /// thread.
  void follow(duration sent, duration received, timestamp said);

  timestamp now() const { return at(since_boot()); }

  /// What it says that long after boot, if nobody calls meanwhile.
  timestamp at(duration since_boot) const;

private:
  std::atomic<std::int64_t> ahead_ = 0; // of CLOCK_BOOTTIME, in milliseconds
  std::atomic<std::int64_t> least_ = 0; // that it says, since the epoch
  duration followed_{0}; // when it was to be, the last time, since boot
};

} // namespace usher

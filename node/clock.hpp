#pragma once

#include "protocol/time.hpp"

#include <atomic>

namespace usher {

/// CLOCK_BOOTTIME: goes on while the machine sleeps, and nobody sets it.
duration since_boot();

/// The node's only clock: the database's time, carried on by the machine's
/// CLOCK_BOOTTIME. A jump of the wall clock changes nothing. Any thread.
class node_clock {
public:
  /// Takes over what the database said a moment ago.
  void set(timestamp database_now);

  timestamp now() const;

private:
  std::atomic<std::int64_t> ahead_ = 0; // of CLOCK_BOOTTIME, in milliseconds
};

} // namespace usher

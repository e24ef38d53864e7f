#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <mutex>
#include <unordered_map>

namespace usher {

/// How many seats are free, of the events that were asked about lately, as it
/// was when each was asked about last. Holds at most 10,000 events; further
/// ones are not counted. Any thread.
class free_seats {
public:
  explicit free_seats(duration lately) : lately_(lately) {}

  void note(const uuid& event, std::uint64_t free, timestamp now);

  /// Over all those events.
  std::uint64_t sum(timestamp now);

private:
  struct reading {
    std::uint64_t free = 0;
    timestamp at;
  };

  void forget(timestamp now);

  duration lately_;
  std::mutex lock_; // of all below
  std::unordered_map<uuid, reading> events_;
};

} // namespace usher

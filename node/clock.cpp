#include "node/clock.hpp"

#include <ctime>

namespace usher {

namespace {

std::int64_t milliseconds_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

} // namespace

void node_clock::set(timestamp database_now) {
  ahead_ = database_now.time_since_epoch().count() - milliseconds_since_boot();
}

timestamp node_clock::now() const {
  return timestamp{duration{milliseconds_since_boot()
                            + ahead_.load(std::memory_order_relaxed)}};
}

} // namespace usher

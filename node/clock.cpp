#include "node/clock.hpp"

#include <ctime>

namespace usher {

duration since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return duration{static_cast<std::int64_t>(now.tv_sec) * 1000
                  + now.tv_nsec / 1'000'000};
}

void node_clock::set(timestamp database_now) {
  ahead_ = database_now.time_since_epoch().count() - since_boot().count();
}

timestamp node_clock::now() const {
  return timestamp{
    duration{since_boot().count() + ahead_.load(std::memory_order_relaxed)}};
}

} // namespace usher

#include "node/clock.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace usher {

using namespace std::chrono_literals;

duration since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return duration{static_cast<std::int64_t>(now.tv_sec) * 1000
                  + now.tv_nsec / 1'000'000};
}

void node_clock::set(timestamp database_now) {
  ahead_ = (database_now.time_since_epoch() - since_boot()).count();
}

// Two machines drift apart by a second in a day, and a standby that takes over
// has another clock. A step would end holds, or patience; at this pace a hold
// of ten minutes is half a second off at most.
void node_clock::follow(duration sent, duration received, timestamp said) {
  constexpr duration step = 1ms;
  constexpr duration late = 1s; // at most so much is made up for
  const auto told = said.time_since_epoch();
  const duration ahead{ahead_};
  const auto wanted = std::clamp(ahead, told - received, told - sent);
  if (wanted == ahead || received - followed_ < 1s)
    return;
  followed_ =
    followed_ == 0ms ? received : std::max(followed_ + 1s, received - late);
  if (wanted > ahead) {
    ahead_ += step.count();
    return;
  }
  const auto shown = at(std::max(received, since_boot())) + step;
  least_ = shown.time_since_epoch().count(); // by whoever asks just now
  ahead_ -= step.count();
}

timestamp node_clock::at(duration since_boot) const {
  const auto usual = since_boot.count() + ahead_.load();
  return timestamp{duration{std::max(usual, least_.load())}};
}

} // namespace usher

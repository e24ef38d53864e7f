#include "node/front/free_seats.hpp"

namespace usher {

namespace {

constexpr std::size_t most_events = 10'000;

} // namespace

void free_seats::forget(timestamp now) {
  std::erase_if(
    events_, [&](const auto& one) { return one.second.at + lately_ <= now; });
}

void free_seats::note(const uuid& event, std::uint64_t free, timestamp now) {
  const std::lock_guard guard{lock_};
  if (events_.size() < most_events || events_.contains(event))
    events_[event] = {free, now};
}

std::uint64_t free_seats::sum(timestamp now) {
  const std::lock_guard guard{lock_};
  forget(now);
  std::uint64_t out = 0;
  for (const auto& [event, seen] : events_)
    out += seen.free;
  return out;
}

} // namespace usher

#include "node/front/recent_keys.hpp"

namespace usher {

namespace {

constexpr std::size_t most_keys = 1'000'000;

} // namespace

void recent_keys::turn(timestamp now) {
  if (now < began_ + span_)
    return;
  const bool is_next = now < began_ + 2 * span_;
  before_ = is_next ? std::move(now_) : std::unordered_set<uuid>{};
  now_ = {};
  began_ = is_next ? began_ + span_ : now;
}

void recent_keys::note(const uuid& key, timestamp now) {
  const std::lock_guard guard{lock_};
  turn(now);
  before_.erase(key);
  if (now_.size() < most_keys)
    now_.insert(key);
}

void recent_keys::forget(const uuid& key) {
  const std::lock_guard guard{lock_};
  now_.erase(key);
  before_.erase(key);
}

std::size_t recent_keys::count(timestamp now) {
  const std::lock_guard guard{lock_};
  turn(now);
  return now_.size() + before_.size();
}

} // namespace usher

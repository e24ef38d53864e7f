#include "node/membership/held_shards.hpp"

#include <algorithm>

namespace usher {

std::vector<shard_lease>
held_shards::enter(const std::vector<shard_lease>& leases) {
  const std::lock_guard guard{mutex_};
  std::vector<shard_lease> news;
  for (const auto& one : leases) {
    auto& newest = newest_epoch_.at(one.shard);
    if (one.epoch <= newest || is_leaving_[one.shard])
      continue;
    newest = one.epoch;
    held_[one.shard] = one;
    news.push_back(one);
  }
  return news;
}

void held_shards::forget(const std::vector<shard_lease>& leases) {
  const std::lock_guard guard{mutex_};
  for (const auto& one : leases) {
    held_.erase(one.shard);
    auto& newest = newest_epoch_.at(one.shard);
    newest = std::max(newest, one.epoch);
  }
}

std::vector<shard_lease>
held_shards::begin_leaving(const std::vector<cluster::gift>& gifts,
                           std::size_t limit) {
  const std::lock_guard guard{mutex_};
  std::vector<shard_lease> out;
  incarnation to = 0;
  for (const auto& one : gifts) {
    auto found = held_.find(one.shard);
    if (found == held_.end() || (to != 0 && one.to != to))
      continue;
    to = one.to;
    out.push_back(found->second);
    is_leaving_.set(one.shard);
    if (out.size() == limit)
      break;
  }
  return out;
}

void held_shards::stay(const std::vector<shard_lease>& leases) {
  const std::lock_guard guard{mutex_};
  for (const auto& one : leases)
    is_leaving_.reset(one.shard);
}

bool held_shards::lacks_any(const cluster_view& seen, incarnation self) const {
  const std::lock_guard guard{mutex_};
  for (std::size_t i = 0; i < shard_count; ++i)
    if (seen.shards[i].owner == self && seen.shards[i].epoch > newest_epoch_[i]
        && !is_leaving_[i])
      return true;
  return false;
}

std::vector<shard_lease> held_shards::all() const {
  const std::lock_guard guard{mutex_};
  std::vector<shard_lease> out;
  for (const auto& [shard, lease] : held_)
    out.push_back(lease);
  return out;
}

std::size_t held_shards::size() const {
  const std::lock_guard guard{mutex_};
  return held_.size();
}

} // namespace usher

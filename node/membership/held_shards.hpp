#pragma once

#include "cluster/placement.hpp"
#include "persistence/store.hpp"

#include <array>
#include <bitset>
#include <map>
#include <mutex>

namespace usher {

/// The shards that this process may write. What the database said may come
/// late: only a greater epoch than the last one known of a shard is news, so an
/// old answer never brings back what was given away. Any thread.
class held_shards {
public:
  /// Enters the leases that are news, and returns them.
  std::vector<shard_lease> enter(const std::vector<shard_lease>&);

  /// Whether the view shows as ours a shard that was not entered yet.
  bool lacks_any(const cluster_view&, incarnation self) const;

  /// At most `limit` of those that are to go where the first of them goes. They
  /// are on their way from now on: nothing is entered of them.
  std::vector<shard_lease> begin_leaving(const std::vector<cluster::gift>&,
                                         std::size_t limit);

  /// Forgets leases that are another's now, in a later epoch.
  void forget(const std::vector<shard_lease>&);

  /// They are on their way no more: arrived, if they were forgotten, or kept.
  void stay(const std::vector<shard_lease>&);

  std::vector<shard_lease> all() const;
  std::size_t size() const;

private:
  mutable std::mutex mutex_;
  std::map<shard_no, shard_lease> held_;
  std::array<std::int32_t, shard_count> newest_epoch_{};
  std::bitset<shard_count> is_leaving_;
};

} // namespace usher

#pragma once

#include "protocol/membership.hpp"

#include <atomic>
#include <vector>

namespace usher::cluster {

/// Where each shard is, as far as this node knows. Any thread; reading costs
/// one load.
class shard_table {
public:
  /// Whether commands of this shard are obeyed here.
  bool is_here(shard_no shard) const { return places_.at(shard) == here; }

  /// The other node that owns the shard; 0 = nobody, or it is on its way.
  incarnation elsewhere(shard_no shard) const {
    return std::max<incarnation>(places_.at(shard), 0);
  }

  /// How many shards are here.
  std::size_t count_here() const;

  /// Whether every shard is somewhere.
  bool is_complete() const;

  /// From now on they are here.
  void open(const std::vector<shard_no>&);

  /// They are about to leave: nothing new is begun.
  void freeze(const std::vector<shard_no>&);

  /// They have gone there.
  void close(const std::vector<shard_no>&, incarnation to);

  /// Takes over what the database says of those that are not here.
  void see(const cluster_view&, incarnation self);

private:
  static constexpr incarnation here = -1;
  static constexpr incarnation leaving = -2;

  void set(const std::vector<shard_no>&, incarnation place);

  std::array<std::atomic<incarnation>, shard_count> places_{};
};

} // namespace usher::cluster

#pragma once

#include "protocol/membership.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

namespace usher::cluster {

/// Where each shard of each cell is, as far as this node knows. Any thread;
/// reading costs one load.
class shard_table {
public:
  /// For a node of the cell `own`, among cells numbered below `cells`.
  explicit shard_table(cell_no own = first_cell, cell_no cells = 1);

  /// Whether there is such a cell.
  bool has(cell_no cell) const { return cell < cells_; }

  /// Whether commands for this entity are obeyed here.
  bool is_here(const entity_id& who) const {
    return cell_of(who) == own_ && place_of(own_, shard_of(who)) == here;
  }

  /// The other node that owns the entity's shard; 0 = nobody, or it is on its
  /// way.
  incarnation elsewhere(const entity_id& who) const {
    const auto cell = cell_of(who);
    return has(cell) ? std::max<incarnation>(place_of(cell, shard_of(who)), 0)
                     : 0;
  }

  /// How many shards are here.
  std::size_t count_here() const;

  /// Whether every shard of our cell is somewhere.
  bool is_complete() const;

  /// From now on they are here, of our cell.
  void open(const std::vector<shard_no>&);

  /// They are about to leave: nothing new is begun.
  void freeze(const std::vector<shard_no>&);

  /// They have gone there.
  void close(const std::vector<shard_no>&, incarnation to);

  /// Takes over what our cell's database says of those that are not here.
  void see(const cluster_view&, incarnation self);

  /// Takes over what the database of another cell says.
  void see_other(cell_no, const cluster_view&);

private:
  using slot = std::atomic<incarnation>;

  static constexpr incarnation here = -1;
  static constexpr incarnation leaving = -2;

  slot& place_of(cell_no cell, shard_no shard) {
    return places_[std::size_t{cell} * shard_count + shard];
  }

  incarnation place_of(cell_no cell, shard_no shard) const {
    return places_[std::size_t{cell} * shard_count + shard];
  }

  void set(const std::vector<shard_no>&, incarnation place);

  const cell_no own_;
  const cell_no cells_;
  std::vector<slot> places_;
};

} // namespace usher::cluster

#include "cluster/shard_table.hpp"

#include "protocol/ensure.hpp"

#include <algorithm>

namespace usher::cluster {

shard_table::shard_table(cell_no own, cell_no cells)
  : own_(own), cells_(cells), places_(std::size_t{cells} * shard_count) {
  ensure(own < cells && cells <= most_cells);
}

std::size_t shard_table::count_here() const {
  return static_cast<std::size_t>(
    std::ranges::count_if(places_, [](const auto& x) { return x == here; }));
}

bool shard_table::is_complete() const {
  for (shard_no shard = 0; shard < shard_count; ++shard)
    if (place_of(own_, shard) == 0)
      return false;
  return true;
}

void shard_table::set(const std::vector<shard_no>& which, incarnation place) {
  for (auto shard : which) {
    ensure(shard < shard_count);
    place_of(own_, shard) = place;
  }
}

void shard_table::open(const std::vector<shard_no>& which) {
  set(which, here);
}

void shard_table::freeze(const std::vector<shard_no>& which) {
  set(which, leaving);
}

void shard_table::close(const std::vector<shard_no>& which, incarnation to) {
  set(which, to);
}

/// What is ours by the database but not yet open is nobody's until it is.
void shard_table::see(const cluster_view& seen, incarnation self) {
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    auto& place = place_of(own_, shard);
    if (place == here || place == leaving)
      continue;
    const auto* owner = seen.owner_of(shard);
    place = owner && owner->self != self ? owner->self : 0;
  }
}

void shard_table::see_other(cell_no cell, const cluster_view& seen) {
  ensure(cell != own_ && has(cell));
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    const auto* owner = seen.owner_of(shard);
    place_of(cell, shard) = owner ? owner->self : 0;
  }
}

} // namespace usher::cluster

#include "cluster/cell_choice.hpp"

#include "cluster/rendezvous.hpp"

namespace usher::cluster {

cell_no choose_cell(const uuid& event, const std::vector<cell_weight>& all) {
  const auto seed = hash_of(in_cell(event, first_cell));
  cell_no winner = first_cell;
  double best = 0;
  for (const auto& one : all) {
    if (one.weight == 0)
      continue;
    const auto drawn = draw(mix(seed ^ mix(one.number)), one.weight);
    if (best == 0 || drawn < best) {
      winner = one.number;
      best = drawn;
    }
  }
  return winner;
}

} // namespace usher::cluster

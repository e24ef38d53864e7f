#include "cluster/cell_choice.hpp"

#include <cmath>

namespace usher::cluster {

namespace {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9; // splitmix64
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

// As shards are drawn by nodes: the time until the first event at a rate of
// `weight`.
double draw(std::uint64_t seed, const cell_weight& one) {
  const auto bits = mix(seed + 0x9e37'79b9'7f4a'7c15 * (one.number + 1u)) >> 11;
  const auto chance = (static_cast<double>(bits) + 0.5) * 0x1p-53;
  return -std::log(chance) / one.weight;
}

} // namespace

cell_no choose_cell(const uuid& event, const std::vector<cell_weight>& all) {
  const auto seed = hash_of(in_cell(event, first_cell));
  cell_no winner = first_cell;
  double best = 0;
  for (const auto& one : all) {
    if (one.weight == 0)
      continue;
    const auto drawn = draw(seed, one);
    if (best == 0 || drawn < best) {
      winner = one.number;
      best = drawn;
    }
  }
  return winner;
}

} // namespace usher::cluster

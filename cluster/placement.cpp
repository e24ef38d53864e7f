#include "cluster/placement.hpp"

#include <cmath>
#include <string_view>

namespace usher::cluster {

namespace {

std::uint64_t hash_of_name(std::string_view name) {
  std::uint64_t x = 0xcbf2'9ce4'8422'2325; // FNV-1a
  for (const char c : name)
    x = (x ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
  return x;
}

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e37'79b9'7f4a'7c15; // splitmix64
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

/// A worker in the draw.
struct candidate {
  incarnation self;
  double weight;
  std::uint64_t seed;

  // The time until the first event at rate `weight`: the earliest of several
  // is mine with probability weight / sum of weights.
  double draw(shard_no shard) const {
    const auto bits = mix(seed ^ mix(shard)) >> 11;
    const auto chance = (static_cast<double>(bits) + 0.5) * 0x1p-53;
    return -std::log(chance) / weight;
  }
};

std::vector<candidate> candidates_of(const cluster_view& all) {
  std::vector<candidate> out;
  for (const auto& one : all.members)
    if (one.about.is_worker && one.state == member_state::serving
        && one.about.weight > 0)
      out.push_back({one.self, one.about.weight, hash_of_name(one.about.name)});
  return out;
}

incarnation best_of(const std::vector<candidate>& all, shard_no shard) {
  incarnation winner = 0;
  double best = 0;
  for (const auto& one : all) {
    const auto drawn = one.draw(shard);
    if (winner == 0 || drawn < best) {
      winner = one.self;
      best = drawn;
    }
  }
  return winner;
}

} // namespace

incarnation winner_of(const cluster_view& all, shard_no shard) {
  return best_of(candidates_of(all), shard);
}

moves plan(const cluster_view& all, incarnation self) {
  moves out;
  const auto candidates = candidates_of(all);
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    const auto winner = best_of(candidates, shard);
    const auto* owner = all.owner_of(shard);
    if (!owner && winner == self && winner != 0)
      out.take.push_back(shard);
    const bool is_ours = owner && owner->self == self;
    if (is_ours && winner != 0 && winner != self
        && all.find(winner)->lease_until >= all.now)
      out.give.push_back({shard, winner});
  }
  return out;
}

std::vector<gift> misplaced(const cluster_view& all) {
  std::vector<gift> out;
  const auto candidates = candidates_of(all);
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    const auto winner = best_of(candidates, shard);
    const auto* owner = all.owner_of(shard);
    if (winner != 0 && owner && owner->self != winner)
      out.push_back({shard, winner});
  }
  return out;
}

} // namespace usher::cluster

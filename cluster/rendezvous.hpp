#pragma once

#include <cmath>
#include <cstdint>

/// Weighted rendezvous hashing: every candidate draws for a thing, the smallest
/// draw wins, and who comes or goes changes nobody else's draws.
namespace usher::cluster {

/// 64 well mixed bits (splitmix64), the same on every node and in every
/// version.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e37'79b9'7f4a'7c15;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

/// What a candidate of that weight, above 0, draws with these well mixed bits:
/// the time until the first event at that rate. So the smallest of several is
/// its own with probability weight / sum of weights.
inline double draw(std::uint64_t bits, double weight) {
  const auto chance = (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53;
  return -std::log(chance) / weight;
}

} // namespace usher::cluster

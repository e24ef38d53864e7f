#include "actors/waiting_room/waiting_room.hpp"

#include <bit>
#include <utility>

namespace usher::waiting_room {

std::uint64_t draw(std::uint64_t number, std::uint64_t count,
                   std::uint64_t seed) {
  const auto half = (static_cast<unsigned>(std::bit_width(count)) + 1) / 2;
  const auto mask = (std::uint64_t{1} << half) - 1;
  auto mix = [&](std::uint64_t x, std::uint64_t round) {
    auto h = (x + 1) * 0x9e3779b97f4a7c15ULL ^ (seed + round);
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
    return (h ^ (h >> 31)) & mask;
  };
  auto at = number - 1;
  do {
    auto left = at >> half;
    auto right = at & mask;
    for (std::uint64_t round = 0; round < 4; ++round)
      left = std::exchange(right, left ^ mix(right, round));
    at = left << half | right;
  } while (at >= count);
  return at + 1;
}

} // namespace usher::waiting_room

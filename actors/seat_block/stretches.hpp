#pragma once

#include "actors/seat_block/best_available.hpp"

/// Stretches of free seats: what best_available and its parts share.
namespace usher::seat_block {

/// Whether accessible seats may be taken.
enum class accessible_seats : std::uint8_t { spared, offered };

/// Seats of one run, [first, end), that may all be taken together.
struct stretch {
  seat_no first = 0;
  seat_no end = 0;
  std::uint32_t row = 0;
  bool left_orphan = false;  ///< if only the leftmost seat stays, it is one
  bool right_orphan = false; ///< the same for the rightmost

  std::uint32_t size() const { return end - first; }

  /// How many orphans it makes to take `count` seats from `at` on.
  std::uint32_t orphans(seat_no at, std::uint32_t count) const {
    return static_cast<std::uint32_t>(left_orphan && at - first == 1)
           + static_cast<std::uint32_t>(right_orphan && end - at - count == 1);
  }

  /// The fewest orphans that it takes to have `count` of the seats.
  std::uint32_t fewest_orphans(std::uint32_t count) const {
    return size() - count == 1 && left_orphan && right_orphan ? 1 : 0;
  }
};

/// Calls `each(stretch)` for every stretch of a run, from the left.
template <class Each>
void for_each_stretch(const floor_plan& plan, free_seats free, const run& where,
                      accessible_seats who, Each each) {
  const auto kept = plan.accessible();
  const std::uint8_t spare = who == accessible_seats::spared ? 1 : 0;
  auto can_take = [&](seat_no s) {
    return (free[s] & ~(kept[s] & spare)) != 0;
  };
  for (auto at = where.first; at < where.end; ++at) {
    if (!can_take(at))
      continue;
    stretch found{at, at + 1, where.row};
    while (found.end < where.end && can_take(found.end))
      ++found.end;
    // A free seat beside the stretch keeps the last one company.
    const bool left_wall = at == where.first || free[at - 1] == 0;
    const bool right_wall = found.end == where.end || free[found.end] == 0;
    found.left_orphan = left_wall && kept[at] == 0;
    found.right_orphan = right_wall && kept[found.end - 1] == 0;
    each(found);
    at = found.end;
  }
}

/// Chooses `count` seats in several pieces. No stretch has that many; all
/// together have.
std::vector<seat_no> split(const floor_plan&, std::vector<stretch>,
                           std::uint32_t count);

} // namespace usher::seat_block

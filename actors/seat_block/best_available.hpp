#pragma once

#include "actors/seat_block/floor_plan.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The choice of seats. Pure: no actor, no clock, no I/O.
///
/// Free seats form stretches: free neighbours with a taken seat, an aisle or a
/// row's end on either side. A party takes a piece out of one stretch, and what
/// it leaves on the left and on the right stays for others. An **orphan** is a
/// stretch of one: nobody comes alone, so it will not sell. An accessible seat
/// that stands alone is no orphan; it waits for somebody who needs it, and
/// nobody should be made to take it.
namespace usher::seat_block {

/// One flag for each seat of a plan: 1 if it can be sold, 0 if not.
using free_seats = std::span<const std::uint8_t>;

/// The most seats that one choice can have.
constexpr std::uint32_t most_at_once = 50;

/// The best `count` (1 to most_at_once) seats that can be had, in ascending
/// order; none if fewer are free. Accessible seats are taken only if the others
/// do not suffice. Best is, in this order:
/// - side by side in one run;
/// - the fewest accessible seats, if there must be any;
/// - the fewest orphans;
/// - the nearest to the focal point (the least sum of distances).
/// If no run has `count` together, the party is split into as few pieces as can
/// be, over as few successive rows as can be for that many; among such choices
/// one is taken that leaves few orphans, puts few people alone and keeps the
/// pieces close, which is sought, not proven.
std::vector<seat_no> best_available(const floor_plan&, free_seats,
                                    std::uint32_t count);

/// What it takes to have the best `count` (1 to most_at_once) seats; nothing if
/// fewer are free.
std::optional<compromise> least_compromise(const floor_plan&, free_seats,
                                           std::uint32_t count);

/// Whether `count` (1 to most_at_once) seats side by side, without an
/// accessible one, cannot be had but by leaving an orphan, if they can be had
/// at all.
bool must_leave_orphan(const floor_plan&, free_seats, std::uint32_t count);

/// The no-orphan rule for seats that people picked by hand: a seat that they
/// would needlessly leave as an orphan, if there is one.
///
/// Each stretch that the choice touches is judged for itself, by the number n
/// of seats taken from it. The choice is refused if it makes more new orphans
/// there than taking n seats side by side would have to, from that stretch or
/// from any stretch of the section that the choice does not touch. So a whole
/// stretch can always be taken, a single seat that is alone already is nobody's
/// fault, and with only threes left anybody may take two. Whoever takes an
/// accessible seat has no other choice: that stretch is not judged.
///
/// `chosen` are free seats of the plan, each once, in any order.
std::optional<seat_no> leaves_orphan(const floor_plan&, free_seats,
                                     std::span<const seat_no> chosen);

} // namespace usher::seat_block

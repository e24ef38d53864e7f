#include "actors/seat_block/best_available.hpp"

#include "actors/seat_block/stretches.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>
#include <compare>
#include <numeric>

namespace usher::seat_block {

namespace {

/// One way to take the seats, compared by what makes it worse.
struct choice {
  std::uint32_t accessible = 0;
  std::uint32_t orphans = 0;
  std::uint32_t distance = 0;
  seat_no first = 0;
  auto operator<=>(const choice&) const = default;
};

constexpr choice worst{~0U, ~0U, ~0U, ~0U};

std::uint32_t accessible_in(const floor_plan& plan, seat_no first,
                            std::uint32_t count) {
  const auto flags = plan.accessible().subspan(first, count);
  return std::accumulate(flags.begin(), flags.end(), 0U);
}

void consider(choice& best, const floor_plan& plan, const stretch& here,
              std::uint32_t count, accessible_seats who) {
  for (auto at = here.first; at + count <= here.end; ++at) {
    const auto kept =
      who == accessible_seats::offered ? accessible_in(plan, at, count) : 0U;
    best = std::min(best, choice{kept, here.orphans(at, count),
                                 plan.distance(at, count), at});
  }
}

std::vector<seat_no> seats_from(seat_no first, std::uint32_t count) {
  std::vector<seat_no> seats(count);
  std::iota(seats.begin(), seats.end(), first);
  return seats;
}

std::vector<seat_no> side_by_side(const floor_plan& plan, free_seats free,
                                  std::uint32_t count, accessible_seats who) {
  auto best = worst;
  for (const auto& where : plan.runs())
    for_each_stretch(plan, free, where, who, [&](const stretch& here) {
      consider(best, plan, here, count, who);
    });
  if (best == worst)
    return {};
  return seats_from(best.first, count);
}

std::vector<seat_no> in_pieces(const floor_plan& plan, free_seats free,
                               std::uint32_t count, accessible_seats who) {
  std::vector<stretch> all;
  for (const auto& where : plan.runs())
    for_each_stretch(plan, free, where, who,
                     [&](const stretch& here) { all.push_back(here); });
  return split(plan, std::move(all), count);
}

/// How many seats are free, without and with the accessible ones.
std::pair<std::uint32_t, std::uint32_t> count_free(const floor_plan& plan,
                                                   free_seats free) {
  const auto kept = plan.accessible();
  std::uint32_t plain = 0;
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < free.size(); ++i) {
    all += free[i];
    plain += free[i] & ~kept[i] & 1U;
  }
  return {plain, all};
}

/// Whether `count` can sit side by side without an accessible seat.
bool fit_together(const floor_plan& plan, free_seats free,
                  std::uint32_t count) {
  return std::ranges::any_of(plan.runs(), [&](const run& where) {
    bool fit = false;
    for_each_stretch(plan, free, where, accessible_seats::spared,
                     [&](const stretch& s) { fit |= s.size() >= count; });
    return fit;
  });
}

/// The stretch that a free seat belongs to, accessible seats and all.
run stretch_around(const floor_plan& plan, free_seats free, seat_no seat) {
  const auto& around = plan.run_of(seat);
  run found{seat, seat + 1, around.row};
  while (found.first > around.first && free[found.first - 1] != 0)
    --found.first;
  while (found.end < around.end && free[found.end] != 0)
    ++found.end;
  return found;
}

/// The orphans that stay in what was one stretch of at least two.
std::vector<seat_no> orphans_in(const floor_plan& plan, free_seats free,
                                const run& where) {
  std::vector<seat_no> found;
  for_each_stretch(plan, free, where, accessible_seats::offered,
                   [&](const stretch& left) {
                     if (left.size() == 1 && left.left_orphan)
                       found.push_back(left.first);
                   });
  return found;
}

/// True if `count` seats side by side can be had with fewer than `orphans`.
bool could_do_better(const floor_plan& plan, free_seats free,
                     std::span<const run> where, std::uint32_t count,
                     std::size_t orphans) {
  bool better = false;
  for (const auto& r : where)
    for_each_stretch(
      plan, free, r, accessible_seats::spared, [&](const stretch& s) {
        better |= s.size() >= count && s.fewest_orphans(count) < orphans;
      });
  return better;
}

/// What people picked by hand makes of the free seats.
struct picked {
  std::vector<std::uint8_t> after;     ///< free when they have got theirs
  std::vector<std::uint8_t> untouched; ///< free, in stretches they left alone
  std::vector<run> touched;            ///< stretches as they were before
};

/// The orphan they leave in a stretch, unless so many seats must leave one.
std::optional<seat_no> needless_orphan(const floor_plan& plan, free_seats free,
                                       const picked& now, const run& here) {
  const auto orphans = orphans_in(plan, now.after, here);
  std::uint32_t taken = 0;
  for (auto s = here.first; s < here.end; ++s) {
    if (now.after[s] != 0)
      continue;
    ++taken;
    if (plan.accessible(s))
      return std::nullopt; // there is no other choice
  }
  const auto worse = orphans.size();
  if (worse > 0
      && (could_do_better(plan, free, {&here, 1}, taken, worse)
          || could_do_better(plan, now.untouched, plan.runs(), taken, worse)))
    return orphans.front();
  return std::nullopt;
}

} // namespace

std::optional<compromise>
least_compromise(const floor_plan& plan, free_seats free, std::uint32_t count) {
  ensure(free.size() == plan.seats());
  ensure(count >= 1 && count <= most_at_once);
  const auto [plain, all] = count_free(plan, free);
  if (all < count)
    return std::nullopt;
  if (plain < count)
    return compromise::accessible;
  return fit_together(plan, free, count) ? compromise::none : compromise::apart;
}

bool must_leave_orphan(const floor_plan& plan, free_seats free,
                       std::uint32_t count) {
  ensure(free.size() == plan.seats());
  ensure(count >= 1 && count <= most_at_once);
  return std::ranges::none_of(plan.runs(), [&](const run& where) {
    return could_do_better(plan, free, {&where, 1}, count, 1);
  });
}

std::vector<seat_no> best_available(const floor_plan& plan, free_seats free,
                                    std::uint32_t count) {
  const auto needed = least_compromise(plan, free, count);
  if (!needed)
    return {};
  const auto who = *needed == compromise::accessible ? accessible_seats::offered
                                                     : accessible_seats::spared;
  std::vector<seat_no> seats;
  if (*needed != compromise::apart)
    seats = side_by_side(plan, free, count, who);
  return seats.empty() ? in_pieces(plan, free, count, who) : seats;
}

std::optional<seat_no> leaves_orphan(const floor_plan& plan, free_seats free,
                                     std::span<const seat_no> chosen) {
  ensure(free.size() == plan.seats());
  picked now{{free.begin(), free.end()}, {free.begin(), free.end()}, {}};
  for (auto seat : chosen) {
    ensure(seat < plan.seats() && now.after[seat] != 0);
    now.after[seat] = 0;
    if (now.untouched[seat] == 0)
      continue; // an earlier seat led here already
    const auto here = stretch_around(plan, free, seat);
    now.touched.push_back(here);
    std::fill(now.untouched.begin() + here.first,
              now.untouched.begin() + here.end, std::uint8_t{0});
  }
  for (const auto& here : now.touched)
    if (auto orphan = needless_orphan(plan, free, now, here))
      return orphan;
  return std::nullopt;
}

} // namespace usher::seat_block

// A party that no stretch can hold sits in pieces. First comes what is certain:
// the fewest pieces p that can do (the p longest stretches hold enough), and
// the fewest successive rows in which p pieces do, found by moving a window
// over the rows. Within such a window the pieces are grown around one of its
// stretches, the nearest first, as long as those still to come can make up the
// number. How many people go to which piece is then a small knapsack that
// avoids orphans and people sitting alone. The best of a bounded number of such
// attempts wins, so that the cost does not explode in a nearly sold-out block.

#include "actors/seat_block/stretches.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdlib>
#include <numeric>

namespace usher::seat_block {

namespace {

using stretches = std::span<const stretch>;

// Stretches looked at, over all attempts; about half a millisecond's worth.
constexpr std::size_t effort = 6'000;

/// Lengths of stretches, counted, to know what the longest few hold.
class length_counts {
public:
  void add(const stretch& s) { ++counts_[s.size()]; }

  void remove(const stretch& s) { --counts_[s.size()]; }

  /// What the `pieces` longest hold together.
  std::uint32_t longest(std::uint32_t pieces) const {
    std::uint32_t sum = 0;
    for (std::uint32_t size = most_at_once; size > 0 && pieces > 0; --size) {
      const auto used = std::min(counts_[size], pieces);
      sum += used * size;
      pieces -= used;
    }
    return sum;
  }

private:
  std::array<std::uint32_t, most_at_once + 1> counts_{};
};

std::uint32_t fewest_pieces(stretches all, std::uint32_t count) {
  length_counts lengths;
  for (const auto& s : all)
    lengths.add(s);
  std::uint32_t pieces = 1;
  while (pieces <= count && lengths.longest(pieces) < count)
    ++pieces;
  ensure(pieces <= count);
  return pieces;
}

/// The stretches of every smallest group of successive rows in which `pieces`
/// of them hold `count`, from the front.
std::vector<stretches> smallest_windows(stretches all, std::uint32_t pieces,
                                        std::uint32_t count) {
  std::vector<stretches> found;
  length_counts lengths;
  std::size_t low = 0;
  auto fewest_rows = ~0U;
  for (std::size_t high = 0; high < all.size(); ++high) {
    lengths.add(all[high]);
    if (lengths.longest(pieces) < count)
      continue;
    while (lengths.longest(pieces) >= count)
      lengths.remove(all[low++]);
    const auto from = all[low - 1].row;
    const auto rows = all[high].row - from;
    if (rows > fewest_rows)
      continue;
    if (rows < fewest_rows)
      found.clear();
    fewest_rows = rows;
    const auto first = std::ranges::lower_bound(all, from, {}, &stretch::row);
    const auto end =
      std::ranges::upper_bound(all, from + rows, {}, &stretch::row);
    if (found.empty() || found.back().front().row != from)
      found.emplace_back(first, end);
  }
  return found;
}

/// Twice the horizontal middle of `count` seats.
std::int32_t middle(const floor_plan& plan, seat_no first,
                    std::uint32_t count) {
  return plan.x(first) + plan.x(first + count - 1);
}

std::uint32_t apart(std::int32_t a, std::int32_t b) {
  return static_cast<std::uint32_t>(std::abs(a - b));
}

/// One piece of the party: `count` seats from `first` on.
struct piece {
  stretch from;
  seat_no first = 0;
  std::uint32_t count = 0;
};

/// One way to sit, compared by what makes it worse.
struct seating {
  std::uint32_t accessible = ~0U;
  std::uint32_t orphans = ~0U;
  std::uint32_t alone = ~0U;
  std::uint32_t spread = ~0U;
  std::uint32_t distance = ~0U;
  std::vector<seat_no> seats;
  auto operator<=>(const seating&) const = default;
};

/// `pieces` stretches of the window that can hold `count`, grown around one.
std::vector<piece> grow(const floor_plan& plan, stretches window,
                        const stretch& around, std::uint32_t pieces,
                        std::uint32_t count) {
  const auto x = middle(plan, around.first, around.size());
  std::vector<std::pair<std::uint32_t, const stretch*>> nearest;
  length_counts others;
  for (const auto& s : window) {
    const auto rows = std::max(s.row, around.row) - std::min(s.row, around.row);
    nearest.emplace_back(apart(middle(plan, s.first, s.size()), x)
                           + 2 * half_seats_per_row * rows,
                         &s);
    others.add(s);
  }
  std::ranges::sort(nearest);
  std::vector<piece> taken;
  std::uint32_t held = 0;
  for (const auto& [far, s] : nearest) {
    if (taken.size() == pieces)
      break;
    const auto still = pieces - static_cast<std::uint32_t>(taken.size()) - 1;
    others.remove(*s);
    if (held + s->size() + others.longest(still) < count) {
      others.add(*s); // too short to be one of so few
      continue;
    }
    held += s->size();
    taken.push_back({*s});
  }
  return taken;
}

/// What it costs to seat `count` people in one stretch: an orphan weighs more
/// than all that sit alone.
std::uint32_t burden(const stretch& s, std::uint32_t count) {
  return s.fewest_orphans(count) * 64 + (count == 1 ? 1 : 0);
}

/// Decides how many of the party sit in each piece, at least one in each.
void share_out(std::vector<piece>& pieces, std::uint32_t count) {
  constexpr std::uint32_t never = 1U << 20;

  struct step {
    std::uint32_t burden = never;
    std::uint32_t seated = 0;
  };

  std::vector<std::array<step, most_at_once + 1>> best(pieces.size() + 1);
  best[0][0] = {0, 0};
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (std::uint32_t before = 0; before < count; ++before) {
      if (best[i][before].burden == never)
        continue;
      const auto most = std::min(pieces[i].from.size(), count - before);
      for (auto n = most; n >= 1; --n) {
        const auto all = best[i][before].burden + burden(pieces[i].from, n);
        if (auto& now = best[i + 1][before + n]; all < now.burden)
          now = {all, n};
      }
    }
  for (auto i = pieces.size(); i > 0; --i) {
    pieces[i - 1].count = best[i][count].seated;
    ensure(pieces[i - 1].count > 0);
    count -= pieces[i - 1].count;
  }
}

/// Moves a piece to where in its stretch it leaves the fewest orphans and is
/// nearest to the middle `x` of the others.
void place_near(const floor_plan& plan, piece& p, std::int32_t x) {
  auto best = std::pair{~0U, ~0U};
  for (auto at = p.from.first; at + p.count <= p.from.end; ++at) {
    const auto now = std::pair{p.from.orphans(at, p.count),
                               apart(middle(plan, at, p.count), x)};
    if (now < best) {
      best = now;
      p.first = at;
    }
  }
}

seating judge(const floor_plan& plan, const std::vector<piece>& pieces) {
  seating out{0, 0, 0, 0, 0, {}};
  const auto& centre = pieces.front();
  const auto x = middle(plan, centre.first, centre.count);
  for (const auto& p : pieces) {
    out.orphans += p.from.orphans(p.first, p.count);
    out.alone += p.count == 1 ? 1 : 0;
    out.spread += apart(middle(plan, p.first, p.count), x);
    out.distance += plan.distance(p.first, p.count);
    for (auto s = p.first; s < p.first + p.count; ++s) {
      out.accessible += plan.accessible(s) ? 1 : 0;
      out.seats.push_back(s);
    }
  }
  std::ranges::sort(out.seats);
  return out;
}

seating attempt(const floor_plan& plan, stretches window, const stretch& around,
                std::uint32_t pieces, std::uint32_t count) {
  auto taken = grow(plan, window, around, pieces, count);
  ensure(taken.size() == pieces);
  share_out(taken, count);
  place_near(plan, taken.front(), middle(plan, around.first, around.size()));
  const auto x = middle(plan, taken.front().first, taken.front().count);
  for (auto& p : std::span{taken}.subspan(1))
    place_near(plan, p, x);
  return judge(plan, taken);
}

} // namespace

std::vector<seat_no> split(const floor_plan& plan, std::vector<stretch> all,
                           std::uint32_t count) {
  const auto pieces = fewest_pieces(all, count);
  seating best;
  std::size_t spent = 0;
  for (const auto& window : smallest_windows(all, pieces, count))
    for (const auto& around : window) {
      if (spent > effort)
        return best.seats;
      spent += window.size();
      best = std::min(best, attempt(plan, window, around, pieces, count));
    }
  return best.seats;
}

} // namespace usher::seat_block

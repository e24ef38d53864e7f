#include "actors/seat_block/best_available.hpp"
#include "tests/support/drawn_section.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// best_available against brute force over every choice, on small sections.
using namespace usher;
using namespace usher::seat_block;
using usher::test::drawing;
using usher::test::read_drawing;

namespace {

using seats = std::vector<seat_no>;

struct house {
  drawing rows;
  floor_plan plan;
  std::vector<std::uint8_t> free;

  explicit house(const drawing& d) : rows(d) {
    auto drawn = read_drawing(d);
    plan = floor_plan(drawn.plan);
    free = drawn.free;
  }

  bool is_free(seat_no s) const { return free[s] != 0; }
};

/// Any of [from, end), alike in every test: inRange begins with the small ones.
std::uint32_t any_of(std::uint32_t from, std::uint32_t end) {
  std::vector<std::uint32_t> all(end - from);
  std::iota(all.begin(), all.end(), from);
  return *rc::gen::elementOf(all);
}

/// Up to `most` rows of up to 8 seats; more letters of a kind, more of those.
house any_house(std::uint32_t most, const std::string& letters) {
  drawing rows(any_of(1, most + 1));
  for (auto& row : rows)
    row = *rc::gen::container<std::string>(any_of(1, 9),
                                           rc::gen::elementOf(letters));
  return house(rows);
}

bool adjacent(const floor_plan& plan, const seats& chosen) {
  for (std::size_t i = 1; i < chosen.size(); ++i)
    if (chosen[i] != chosen[i - 1] + 1
        || plan.run_of(chosen[i]) != plan.run_of(chosen[i - 1]))
      return false;
  return true;
}

/// Free seats alone between taken ones, aisles and ends of rows.
std::size_t orphans(const floor_plan& plan,
                    const std::vector<std::uint8_t>& free) {
  std::size_t n = 0;
  for (const auto& r : plan.runs())
    for (auto s = r.first; s < r.end; ++s)
      n += free[s] != 0 && !plan.accessible(s)
           && (s == r.first || free[s - 1] == 0)
           && (s + 1 == r.end || free[s + 1] == 0);
  return n;
}

/// Orphans that were none before; taking an orphan makes up for nothing.
std::size_t new_orphans(const house& h, const seats& chosen) {
  auto after = h.free;
  auto old = h.free;
  for (auto s : chosen)
    after[s] = 0;
  std::size_t filled = 0;
  for (auto s : chosen) {
    auto without = h.free;
    without[s] = 0;
    filled += orphans(h.plan, without) < orphans(h.plan, old) ? 1 : 0;
  }
  return orphans(h.plan, after) + filled - orphans(h.plan, h.free);
}

/// Every way to sit side by side.
std::vector<seats> all_together(const house& h, std::uint32_t count,
                                bool accessible) {
  std::vector<seats> found;
  for (seat_no at = 0; at + count <= h.plan.seats(); ++at) {
    seats some(count);
    std::iota(some.begin(), some.end(), at);
    if (adjacent(h.plan, some) && std::ranges::all_of(some, [&](seat_no s) {
          return h.is_free(s) && (accessible || !h.plan.accessible(s));
        }))
      found.push_back(some);
  }
  return found;
}

std::size_t pieces_of(const floor_plan& plan, const seats& chosen) {
  std::size_t n = chosen.empty() ? 0 : 1;
  for (std::size_t i = 1; i < chosen.size(); ++i)
    n += adjacent(plan, {chosen[i - 1], chosen[i]}) ? 0 : 1;
  return n;
}

std::uint32_t rows_spanned(const floor_plan& plan, const seats& chosen) {
  return plan.where(chosen.back()).row - plan.where(chosen.front()).row;
}

std::uint32_t count_free(const house& h, bool accessible) {
  std::uint32_t n = 0;
  for (seat_no s = 0; s < h.plan.seats(); ++s)
    n += h.is_free(s) && (accessible || !h.plan.accessible(s)) ? 1 : 0;
  return n;
}

/// The fewest pieces, and the fewest rows for those, over every subset.
std::pair<std::size_t, std::uint32_t>
best_split(const house& h, std::uint32_t count, bool accessible) {
  std::pair<std::size_t, std::uint32_t> best{~0UL, ~0U};
  for (std::uint32_t set = 0; set < 1U << h.plan.seats(); ++set) {
    if (std::popcount(set) != static_cast<int>(count))
      continue;
    seats some;
    for (seat_no s = 0; s < h.plan.seats(); ++s)
      if ((set >> s & 1U) != 0)
        some.push_back(s);
    if (std::ranges::all_of(some, [&](seat_no s) {
          return h.is_free(s) && (accessible || !h.plan.accessible(s));
        }))
      best =
        std::min(best, {pieces_of(h.plan, some), rows_spanned(h.plan, some)});
  }
  return best;
}

std::uint32_t distance(const floor_plan& plan, const seats& some) {
  return plan.distance(some.front(), static_cast<std::uint32_t>(some.size()));
}

} // namespace

RC_GTEST_PROP(best_available_property, gives_free_seats_each_once_or_none, ()) {
  const auto h = any_house(6, "....xxxaA|");
  const auto count = any_of(1, 12);
  const auto chosen = best_available(h.plan, h.free, count);
  RC_ASSERT(chosen.size() == (count_free(h, true) < count ? 0 : count));
  RC_ASSERT(std::ranges::is_sorted(chosen, std::less_equal{}));
  for (auto s : chosen)
    RC_ASSERT(h.is_free(s));
}

RC_GTEST_PROP(best_available_property, spares_accessible_seats_while_it_can,
              ()) {
  const auto h = any_house(5, "...xxaaa|");
  const auto count = any_of(1, 9);
  RC_PRE(count_free(h, false) >= count);
  for (auto s : best_available(h.plan, h.free, count))
    RC_ASSERT(!h.plan.accessible(s));
}

RC_GTEST_PROP(best_available_property,
              sits_together_with_the_fewest_orphans_and_then_nearest, ()) {
  const auto h = any_house(5, ".......xxaA|");
  const auto count = any_of(1, 6);
  const bool accessible = count_free(h, false) < count;
  const auto ways = all_together(h, count, accessible);
  RC_PRE(!ways.empty() && !accessible);
  const auto chosen = best_available(h.plan, h.free, count);
  RC_ASSERT(adjacent(h.plan, chosen));
  for (const auto& way : ways)
    RC_ASSERT(std::pair(new_orphans(h, chosen), distance(h.plan, chosen))
              <= std::pair(new_orphans(h, way), distance(h.plan, way)));
}

RC_GTEST_PROP(best_available_property, knows_when_it_must_leave_an_orphan, ()) {
  const auto h = any_house(4, "....xxaA|");
  const auto count = any_of(1, 6);
  const auto ways = all_together(h, count, false);
  const bool must = std::ranges::none_of(
    ways, [&](const seats& way) { return new_orphans(h, way) == 0; });
  RC_ASSERT(must_leave_orphan(h.plan, h.free, count) == must);
}

RC_GTEST_PROP(best_available_property,
              splits_into_the_fewest_pieces_over_the_fewest_rows, ()) {
  const auto h = any_house(4, "...xxa||");
  std::uint32_t count = 2;
  const bool accessible = count_free(h, false) < 2;
  while (!all_together(h, count, accessible).empty())
    ++count; // one more than fit together
  count += any_of(0, 3);
  RC_PRE(h.plan.seats() <= 16U && count_free(h, accessible) >= count);
  const auto chosen = best_available(h.plan, h.free, count);
  RC_ASSERT(std::pair(pieces_of(h.plan, chosen), rows_spanned(h.plan, chosen))
            == best_split(h, count, accessible));
}

RC_GTEST_PROP(best_available_property, obeys_the_rule_for_hand_picked_seats,
              ()) {
  const auto h = any_house(5, ".......xxa|");
  const auto count = any_of(1, 6);
  RC_PRE(!all_together(h, count, false).empty());
  const auto chosen = best_available(h.plan, h.free, count);
  RC_ASSERT(!leaves_orphan(h.plan, h.free, chosen));
}

RC_GTEST_PROP(best_available_property, refuses_only_what_leaves_a_new_orphan,
              ()) {
  const auto h = any_house(4, "......xxa|");
  seats chosen;
  for (seat_no s = 0; s < h.plan.seats(); ++s)
    if (h.is_free(s)
        && *rc::gen::weightedElement<bool>({{1, true}, {3, false}}))
      chosen.push_back(s);
  const auto orphan = leaves_orphan(h.plan, h.free, chosen);
  if (!orphan)
    return;
  auto after = h.free;
  for (auto s : chosen)
    after[s] = 0;
  const auto before = orphans(h.plan, after);
  RC_ASSERT(after[*orphan] != 0);
  after[*orphan] = 0; // it alone was an orphan
  RC_ASSERT(orphans(h.plan, after) == before - 1);
}

RC_GTEST_PROP(best_available_property, lets_nobody_leave_an_orphan_who_need_not,
              ()) {
  const auto h = any_house(4, "......xx|");
  const auto count = any_of(1, 5);
  const auto ways = all_together(h, count, false);
  RC_PRE(!ways.empty());
  const auto mine = *rc::gen::elementOf(ways);
  auto fewest = ~0UL;
  for (const auto& way : ways)
    fewest = std::min(fewest, new_orphans(h, way));
  RC_ASSERT(leaves_orphan(h.plan, h.free, mine).has_value()
            == (new_orphans(h, mine) > fewest));
}

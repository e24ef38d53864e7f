#include "cluster/cell_choice.hpp"
#include "protocol/entity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// Ids say their cell, and events are dealt out fairly.
using namespace usher;
using namespace usher::cluster;

namespace {

cell_no any_cell() {
  return static_cast<cell_no>(*rc::gen::inRange(0, int{most_cells}));
}

uuid any_id() {
  uuid out = mint_uuid();
  for (auto& byte : out.bytes)
    byte = *rc::gen::arbitrary<std::uint8_t>();
  return out;
}

/// Up to eight cells of different numbers; some have no weight.
std::vector<cell_weight> any_cells() {
  std::map<cell_no, std::uint32_t> all;
  for (int i = *rc::gen::inRange(1, 9); i > 0; --i)
    all[any_cell()] = static_cast<std::uint32_t>(*rc::gen::inRange(0, 4));
  std::vector<cell_weight> out;
  for (const auto& [number, weight] : all)
    out.push_back({number, weight});
  return out;
}

} // namespace

RC_GTEST_PROP(cells, are_said_by_ids_and_by_all_that_is_derived_from_them, ()) {
  const auto cell = any_cell();
  const auto id = in_cell(mint_uuid(), cell);
  RC_ASSERT(cell_of(id) == cell);
  RC_ASSERT(cell_of(derive_uuid(id, "waiting_room")) == cell);
  RC_ASSERT(cell_of(derive_uuid(derive_uuid(id, "a"), "b")) == cell);
  RC_ASSERT(in_cell(id, cell) == id);
  RC_ASSERT(parse_uuid(to_string(id)) == id);
  RC_ASSERT(id.bytes[8] >> 6 == 2); // the variant of RFC 9562
}

RC_GTEST_PROP(cells, leave_ids_of_the_first_as_they_always_were, ()) {
  const auto id = mint_uuid();
  RC_ASSERT(id.bytes[6] >> 4 == 7);
  RC_ASSERT(cell_of(id) == first_cell);
  RC_ASSERT(derive_uuid(id, "x").bytes[6] >> 4 == 7);
  RC_ASSERT(in_cell(in_cell(id, any_cell()), first_cell).bytes[6] >> 4 == 7);
}

RC_GTEST_PROP(cells, of_whatever_bytes_are_a_number_of_twelve_bits, ()) {
  const auto id = any_id();
  RC_ASSERT(cell_of(id) < 4'096);
  RC_ASSERT((cell_of(id) == first_cell || id.bytes[6] >> 4 == 8));
}

RC_GTEST_PROP(cells, are_chosen_among_those_with_a_weight, ()) {
  const auto all = any_cells();
  const auto id = any_id();
  const auto chosen = choose_cell(id, all);
  const bool any =
    std::ranges::any_of(all, [](const auto& x) { return x.weight > 0; });
  RC_ASSERT((!any && chosen == first_cell)
            || std::ranges::any_of(all, [&](auto& x) {
                 return x.number == chosen && x.weight > 0;
               }));
}

RC_GTEST_PROP(cells, that_come_take_and_leave_others_what_they_had, ()) {
  auto all = any_cells();
  const auto id = any_id();
  const auto before = choose_cell(id, all);
  const cell_no added = most_cells; // none of them
  all.push_back({added, 2});
  std::ranges::shuffle(all, std::mt19937{1});
  const auto after = choose_cell(id, all);
  const bool was_any = std::ranges::any_of(
    all, [&](const auto& x) { return x.weight > 0 && x.number != added; });
  RC_ASSERT(after == added || (was_any && after == before));
}

TEST(cells, share_events_by_their_weights) {
  const std::vector<cell_weight> all{{0, 1}, {1, 2}, {5, 1}};
  std::map<cell_no, int> got;
  for (int i = 0; i < 40'000; ++i)
    ++got[choose_cell(mint_uuid(), all)];
  EXPECT_NEAR(got[0], 10'000, 500);
  EXPECT_NEAR(got[1], 20'000, 500);
  EXPECT_NEAR(got[5], 10'000, 500);
}

#include "actors/layout/check.hpp"
#include "actors/seat_block/floor_plan.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace usher::seat_block;
using usher::layout::check;
using usher::layout::problem;
namespace limits = usher::layout::limits;

namespace {

/// Row A is numbered 1 2 3 4, row B 5 3 1 and starts half a seat further in.
section two_rows() {
  return {
    "Stalls", {{"A", 4, 1, 1, {2}, {2}, 0}, {"B", 3, 5, -2, {1}, {}, 1}}, 0, 0};
}

std::vector<section> one(const section& part) {
  return {part};
}

/// Where the only problem of a section is.
std::string complaint(const section& part) {
  const auto problems = check({part});
  return problems.size() == 1 ? problems[0].path
                              : std::to_string(problems.size()) + " problems";
}

section with_row(seat_row row) {
  return {"S", {std::move(row)}, 0, 0};
}

} // namespace

TEST(floor_plan, counts_seats_row_by_row_from_the_physical_left) {
  const floor_plan plan(two_rows());
  EXPECT_EQ(plan.seats(), 7U);
  EXPECT_EQ(plan.find("A-1"), 0U);
  EXPECT_EQ(plan.find("A-4"), 3U);
  EXPECT_EQ(plan.find("B-5"), 4U);
  EXPECT_EQ(plan.find("B-1"), 6U);
}

TEST(floor_plan, is_shared_by_those_who_are_alike_while_it_is_used) {
  auto mine = floor_plan::of(two_rows());
  EXPECT_EQ(floor_plan::of(two_rows()), mine);
  auto other = two_rows();
  other.rows[0].label = "C"; // as many seats, but others
  EXPECT_NE(floor_plan::of(other), mine);
  EXPECT_TRUE(floor_plan::of(other)->find("C-1"));
  const std::weak_ptr seen = mine;
  mine.reset();
  EXPECT_TRUE(seen.expired());
}

TEST(floor_plan, finds_no_seat_that_does_not_exist) {
  const floor_plan plan(two_rows());
  for (auto name :
       {"", "-", "A", "A-", "-1", "A-0", "A-5", "B-2", "B-7", "C-1", "A-01",
        "A-+1", "A--1", "A-1x", "A-1-1", "a-1", "A-99999999999999999999"})
    EXPECT_EQ(plan.find(name), std::nullopt) << name;
}

TEST(floor_plan, prints_what_it_finds) {
  const floor_plan plan(two_rows());
  for (seat_no seat = 0; seat < plan.seats(); ++seat)
    EXPECT_EQ(plan.find(plan.label(seat)), seat) << plan.label(seat);
}

TEST(floor_plan, knows_the_place_behind_a_printed_number) {
  const floor_plan plan(two_rows());
  EXPECT_EQ(plan.where(5), (place{1, 1, 3}));
  EXPECT_EQ(plan.row_label(1), "B");
}

TEST(floor_plan, parts_neighbours_at_aisles_and_at_the_ends_of_rows) {
  const floor_plan plan(two_rows());
  const std::vector<run> runs(plan.runs().begin(), plan.runs().end());
  EXPECT_EQ(runs, (std::vector<run>{{0, 2, 0}, {2, 4, 0}, {4, 7, 1}}));
  EXPECT_EQ(plan.run_of(3), (run{2, 4, 0}));
}

TEST(floor_plan, marks_accessible_seats_by_their_printed_number) {
  const floor_plan plan(two_rows());
  EXPECT_TRUE(plan.accessible(1));
  EXPECT_TRUE(plan.accessible(6));
  EXPECT_FALSE(plan.accessible(4));
}

TEST(floor_plan, measures_in_half_seats_from_the_left) {
  const floor_plan plan(two_rows());
  EXPECT_EQ(plan.x(0), 0);
  EXPECT_EQ(plan.x(2), 4);
  EXPECT_EQ(plan.x(4), 1);
}

TEST(floor_plan, rates_the_middle_of_the_front_best) {
  const floor_plan plan(two_rows());
  EXPECT_EQ(plan.distance(1), plan.distance(2));
  EXPECT_LT(plan.distance(1), plan.distance(0));
  EXPECT_LT(plan.distance(2), plan.distance(5));
  EXPECT_EQ(plan.distance(0, 4), 2 * (plan.distance(0) + plan.distance(1)));
}

TEST(floor_plan, tells_many_rows_apart) {
  section part{"S", {}, 0, 0};
  for (int i = 1; i <= 700; ++i)
    part.rows.push_back({std::to_string(i), 2, 1, 1, {}, {}, 0});
  const floor_plan plan(part);
  for (seat_no seat = 0; seat < plan.seats(); ++seat)
    ASSERT_EQ(plan.find(plan.label(seat)), seat);
}

TEST(floor_plan, of_general_admission_has_no_seats) {
  const floor_plan plan({"Floor", {}, 500, 0});
  EXPECT_EQ(plan.seats(), 0U);
  EXPECT_TRUE(plan.runs().empty());
  EXPECT_EQ(plan.find("A-1"), std::nullopt);
}

TEST(layout_check, accepts_an_ordinary_layout) {
  EXPECT_EQ(check({two_rows(), {"Floor", {}, 500, 0}}), std::vector<problem>{});
}

TEST(layout_check, wants_rows_or_a_capacity) {
  EXPECT_EQ(complaint({"S", {}, 0, 0}), "sections[0].capacity");
  EXPECT_EQ(complaint({"S", {}, 200'001, 0}), "sections[0].capacity");
  auto both = two_rows();
  both.capacity = 1;
  EXPECT_EQ(complaint(both), "sections[0].capacity");
  EXPECT_EQ(check({}).size(), 1U);
}

TEST(layout_check, wants_names_that_fit_an_address_and_a_ticket) {
  for (auto name :
       {"", ".", "..", "a\\b", "a/b", "a\nb", "a\x7f", "a\xc2\x85", //
        "12345678901234567890123456789012345678901"})
    EXPECT_EQ(complaint({name, {}, 1, 0}), "sections[0].name") << name;
  for (auto name : {"Khán đài A – 특별석", "...", ".5", "A. 1"})
    EXPECT_TRUE(check(one({name, {}, 1, 0})).empty()) << name;
}

TEST(layout_check, counts_letters_and_not_bytes) {
  std::string forty;
  for (int i = 0; i < 40; ++i)
    forty += "석";
  EXPECT_TRUE(check(one({forty, {}, 1, 0})).empty());
}

TEST(layout_check, wants_every_name_once) {
  EXPECT_EQ(check({two_rows(), two_rows()}),
            (std::vector<problem>{{"sections[1].name", errc::already_exists,
                                   "is the name of an earlier section"}}));
  auto part = two_rows();
  part.rows[1].label = "A";
  EXPECT_EQ(complaint(part), "sections[0].rows[1].label");
}

TEST(layout_check, refuses_an_admission_named_like_a_seat) {
  const auto problems = check({two_rows(), {"Stalls-A-3", {}, 10, 0}});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path, "sections[1].name");
  EXPECT_TRUE(check({two_rows(), {"Stalls-A-9", {}, 10, 0}}).empty());
}

TEST(layout_check, wants_row_labels_without_dashes) {
  for (auto label : {"", "A-1", "A/B", "A\\B", "123456789"})
    EXPECT_EQ(complaint(with_row({label, 4, 1, 1, {}, {}, 0})),
              "sections[0].rows[0].label");
}

TEST(layout_check, wants_numbers_that_can_be_printed) {
  EXPECT_EQ(complaint(with_row({"A", 4, 5, -2, {}, {}, 0})),
            "sections[0].rows[0].first"); // 5 3 1 -1
  EXPECT_EQ(complaint(with_row({"A", 4, 0, 1, {}, {}, 0})),
            "sections[0].rows[0].first");
  EXPECT_EQ(complaint(with_row({"A", 2, 1, 2'000'000'000, {}, {}, 0})),
            "sections[0].rows[0].first");
  EXPECT_EQ(complaint(with_row({"A", 4, 5, 0, {}, {}, 0})),
            "sections[0].rows[0].step");
  EXPECT_EQ(complaint(with_row({"A", 0, 1, 1, {}, {}, 0})),
            "sections[0].rows[0].seats");
  EXPECT_EQ(complaint(with_row({"A", 501, 1, 1, {}, {}, 0})),
            "sections[0].rows[0].seats");
  EXPECT_EQ(complaint(with_row({"A", 5, 1, 1, {}, {}, -2'001})),
            "sections[0].rows[0].shift");
}

TEST(layout_check, wants_accessible_seats_and_aisles_to_exist_once) {
  EXPECT_EQ(complaint(with_row({"A", 4, 1, 2, {2}, {}, 0})),
            "sections[0].rows[0].accessible");
  EXPECT_EQ(complaint(with_row({"A", 4, 1, 2, {3, 3}, {}, 0})),
            "sections[0].rows[0].accessible");
  EXPECT_EQ(complaint(with_row({"A", 4, 1, 2, {}, {9}, 0})),
            "sections[0].rows[0].aisle_after");
}

TEST(layout_check, bounds_the_whole) {
  section big{"S", {}, 0, 0};
  for (int i = 0; i < 241; ++i)
    big.rows.push_back({std::to_string(i), 500, 1, 1, {}, {}, 0});
  EXPECT_EQ(complaint(big), "sections");
  std::vector<section> many;
  for (int i = 0; i < 401; ++i)
    many.push_back({std::to_string(i), {}, 1, 0});
  EXPECT_EQ(check(many).size(), 1U);
  EXPECT_EQ(check(many)[0].path, "sections");
}

TEST(layout_check, bounds_the_rows_of_all_sections) {
  std::vector<section> some;
  for (auto name : {"A", "B", "C", "D"}) {
    some.push_back({name, {}, 0, 0});
    for (int i = 0; i < 2'500; ++i)
      some.back().rows.push_back({std::to_string(i), 1, 1, 1, {}, {}, 0});
  }
  EXPECT_TRUE(check(some).empty());
  some.back().rows.push_back({"more", 1, 1, 1, {}, {}, 0});
  EXPECT_EQ(check(some), (std::vector<problem>{{"sections", errc::invalid_value,
                                                "have more than 10000 rows"}}));
}

TEST(layout_check, stops_counting_problems_at_its_limit) {
  section bad{"S", {}, 0, 0};
  for (int i = 0; i < 241; ++i)
    bad.rows.push_back({"", 0, 1, 1, {}, {}, 0});
  EXPECT_EQ(check({bad}).size(), limits::problems);
}

#include "actors/seat_block/best_available.hpp"
#include "tests/support/drawn_section.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace usher;
using namespace usher::seat_block;
using usher::test::draw;
using usher::test::drawing;
using usher::test::read_drawing;

namespace {

/// given({"..xx.."}).when_asked_for(2).then({"ooxx.."})
class given {
public:
  explicit given(drawing rows)
    : rows_(std::move(rows)), drawn_(read_drawing(rows_)), plan_(drawn_.plan) {}

  given& when_asked_for(std::uint32_t count) {
    chosen_ = best_available(plan_, drawn_.free, count);
    return *this;
  }

  void then(const drawing& expected) const {
    EXPECT_EQ(draw(rows_, chosen_), expected);
  }

  void then_nothing() const { EXPECT_TRUE(chosen_.empty()); }

  /// The orphan that picking the `o` seats would leave, by its printed name.
  std::string when_picked(const drawing& picked) const {
    std::vector<seat_no> chosen;
    seat_no seat = 0;
    for (const auto& row : picked)
      for (char c : row)
        if (c != ' ' && c != '|' && ++seat && c == 'o')
          chosen.push_back(seat - 1);
    const auto orphan = leaves_orphan(plan_, drawn_.free, chosen);
    return orphan ? plan_.label(*orphan) : "none";
  }

private:
  drawing rows_;
  test::drawn_section drawn_;
  floor_plan plan_;
  std::vector<seat_no> chosen_;
};

} // namespace

TEST(best_available, seats_a_party_in_the_middle_of_the_front_row) {
  given({"......", "......"}).when_asked_for(2).then({"..oo..", "......"});
}

TEST(best_available, prefers_the_second_row_to_the_far_end_of_the_first) {
  given({"...xxxxxx...", "............"})
    .when_asked_for(2)
    .then({"...xxxxxx...", ".....oo....."});
}

TEST(best_available, measures_from_the_middle_of_the_widest_row) {
  given({"  ........", "..........|"})
    .when_asked_for(2)
    .then({"  ..oo....", "..........|"});
}

TEST(best_available, leaves_no_orphan_at_a_rows_end) {
  given({"....."}).when_asked_for(2).then({"oo..."});
}

TEST(best_available, leaves_no_orphan_beside_a_taken_seat) {
  given({"..x.....x.."}).when_asked_for(2).then({"..xoo...x.."});
}

TEST(best_available, leaves_no_orphan_at_an_aisle) {
  given({"...|..."}).when_asked_for(3).then({"ooo|..."});
  given({"....|...."}).when_asked_for(2).then({"..oo|...."});
  given({".....|x"}).when_asked_for(3).then({"..ooo|x"});
}

TEST(best_available, goes_far_back_rather_than_leave_an_orphan) {
  given({"xx...xx", "xx...xx", "xx...xx", "..xxxxx"})
    .when_asked_for(2)
    .then({"xx...xx", "xx...xx", "xx...xx", "ooxxxxx"});
}

TEST(best_available, leaves_an_orphan_if_every_choice_would) {
  given({"xx...xx", "xx...xx"}).when_asked_for(2).then({"xxoo.xx", "xx...xx"});
}

TEST(best_available, never_sits_across_an_aisle_while_it_need_not) {
  given({"...|...", "......"}).when_asked_for(4).then({"...|...", "oooo.."});
}

TEST(best_available, counts_places_and_not_printed_numbers) {
  auto drawn = read_drawing({"......"});
  drawn.plan.rows[0].first = 11;
  drawn.plan.rows[0].step = -2; // 11 9 7 5 3 1
  const floor_plan plan(drawn.plan);
  const auto chosen = best_available(plan, drawn.free, 2);
  ASSERT_EQ(chosen, (std::vector<seat_no>{2, 3}));
  EXPECT_EQ(plan.label(chosen[0]), "1-7");
  EXPECT_EQ(plan.label(chosen[1]), "1-5");
}

TEST(best_available, splits_a_party_over_neighbouring_rows) {
  given({"xx..xx", "xxxxxx", "x...xx", "x...xx", "..xxxx"})
    .when_asked_for(6)
    .then({"xx..xx", "xxxxxx", "xoooxx", "xoooxx", "..xxxx"});
}

TEST(best_available, splits_across_an_aisle_of_one_row_before_two_rows) {
  given({"....", "..|..", "...."})
    .when_asked_for(8)
    .then({"oooo", "..|..", "oooo"});
  given({"..|..", "xx|.."}).when_asked_for(4).then({"oo|oo", "xx|.."});
}

TEST(best_available, splits_so_that_nobody_sits_alone) {
  given({".....xx", ".....xx"}).when_asked_for(6).then({"ooo..xx", "ooo..xx"});
}

TEST(best_available, splits_without_a_needless_orphan) {
  given({"...x....x", "xxxxxxxxx"})
    .when_asked_for(5)
    .then({"oooxoo..x", "xxxxxxxxx"});
}

TEST(best_available, splits_into_single_seats_if_that_is_all) {
  given({".x.x.", "x.x.x"}).when_asked_for(5).then({"oxoxo", "xoxox"});
}

TEST(best_available, finds_nothing_if_too_few_are_free) {
  given({".x.x.", "x.x.x"}).when_asked_for(6).then_nothing();
  given({"xxxx"}).when_asked_for(1).then_nothing();
}

TEST(best_available, spares_accessible_seats_even_if_they_are_better) {
  given({".aaaa.", "......"}).when_asked_for(2).then({".aaaa.", "..oo.."});
}

TEST(best_available, splits_a_party_rather_than_take_an_accessible_seat) {
  given({"..a..a"}).when_asked_for(4).then({"ooaooa"});
}

TEST(best_available, hands_out_accessible_seats_when_nothing_else_is_left) {
  given({"xxaaxx", ".xxxxx"}).when_asked_for(2).then({"xxooxx", ".xxxxx"});
  given({"x.a.ax", "xxxxxx"}).when_asked_for(3).then({"xoooax", "xxxxxx"});
}

TEST(best_available, takes_the_last_seat) {
  given({"xxxx", "xx.x"}).when_asked_for(1).then({"xxxx", "xxox"});
}

TEST(no_orphan_rule, refuses_a_single_seat_at_the_rows_end) {
  EXPECT_EQ(given({"......"}).when_picked({".oo..."}), "1-1");
  EXPECT_EQ(given({"......"}).when_picked({"...oo."}), "1-6");
}

TEST(no_orphan_rule, refuses_a_single_seat_between_the_picked_ones) {
  EXPECT_EQ(given({"......"}).when_picked({"..o.o."}), "1-4");
}

TEST(no_orphan_rule, refuses_a_single_seat_at_an_aisle) {
  EXPECT_EQ(given({"....|..."}).when_picked({".oo.|..."}), "1-1");
  EXPECT_EQ(given({"....|..."}).when_picked({"..oo|..."}), "none");
}

TEST(no_orphan_rule, lets_a_whole_stretch_go) {
  EXPECT_EQ(given({"..x..."}).when_picked({"oox..."}), "none");
  EXPECT_EQ(given({"..x..."}).when_picked({"..xooo"}), "none");
}

TEST(no_orphan_rule, forgives_what_was_an_orphan_before) {
  EXPECT_EQ(given({".x...."}).when_picked({".xoo.."}), "none");
}

TEST(no_orphan_rule, forgives_an_orphan_that_no_choice_avoids) {
  EXPECT_EQ(given({"...x...", "xxxxxxx"}).when_picked({"oo.x...", "xxxxxxx"}),
            "none");
}

TEST(no_orphan_rule, points_to_other_rows_that_need_no_orphan) {
  EXPECT_EQ(given({"...xxxx", "xxxx.."}).when_picked({"oo.xxxx", "xxxx.."}),
            "1-3");
}

TEST(no_orphan_rule, does_not_count_on_seats_that_are_picked_as_well) {
  EXPECT_EQ(given({"...xxxx", "xxxx.."}).when_picked({"oo.xxxx", "xxxxoo"}),
            "none");
}

TEST(no_orphan_rule, refuses_two_orphans_where_one_would_do) {
  EXPECT_EQ(given({"....."}).when_picked({".ooo."}), "1-1");
}

TEST(no_orphan_rule, takes_an_accessible_seat_alone_for_no_orphan) {
  EXPECT_EQ(given({"a....."}).when_picked({"aoo..."}), "none");
}

TEST(no_orphan_rule, does_not_judge_whoever_takes_an_accessible_seat) {
  EXPECT_EQ(given({".a...."}).when_picked({".o...."}), "none");
}

TEST(no_orphan_rule, does_not_point_to_accessible_seats) {
  EXPECT_EQ(given({"...xxxx", "xxxxaa"}).when_picked({"oo.xxxx", "xxxxaa"}),
            "none");
}

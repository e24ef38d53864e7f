#include "persistence/lists/list_page.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// A list that is spread over cells shows the pages, tokens and all, that it
/// would show as one.
using namespace usher;
using namespace usher::persistence;

namespace {

using rows = std::vector<std::pair<timestamp, uuid>>;

/// Rows of an event list, many at one moment, and where each of them is.
struct house {
  rows all;
  std::vector<rows> cells;
};

house any_house() {
  house out;
  out.cells.resize(*rc::gen::inRange<std::size_t>(1, 5));
  for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
    const auto cell = *rc::gen::inRange<std::size_t>(0, out.cells.size());
    const auto id = in_cell(mint_uuid(), static_cast<cell_no>(cell));
    const timestamp at{duration{*rc::gen::inRange(1, 6)}};
    out.all.emplace_back(at, id);
    out.cells[cell].emplace_back(at, id);
  }
  return out;
}

/// As the database answers: the rows beyond the place, in its direction.
list_part answer_of(rows all, const event_filter& wanted, bool is_alone) {
  const auto from = *opening_of(wanted);
  const auto& place = from.place;
  const std::pair key{place.at, place.id};
  std::erase_if(all, [&](const auto& row) {
    return place.forward ? row <= key : row >= key;
  });
  std::ranges::sort(all);
  if (!place.forward)
    std::ranges::reverse(all);
  list_part out;
  out.total = all.size();
  out.skipped = is_alone ? from.skipped : 0;
  const auto begin = std::min<std::size_t>(out.skipped, all.size());
  const auto reach = from.skipped - out.skipped + wanted.part.limit + 1;
  const auto end = std::min<std::size_t>(begin + reach, all.size());
  for (auto i = begin; i < end; ++i) {
    out.keys.push_back({'e', true, 1, all[i].first, all[i].second});
    out.items.push_back('"' + to_string(all[i].second) + '"');
  }
  return out;
}

event_page page_as_one(const house& it, const event_filter& wanted) {
  return page_of_events(wanted, {answer_of(it.all, wanted, true)});
}

event_page page_of_cells(const house& it, const event_filter& wanted) {
  std::vector<list_part> parts;
  for (const auto& cell : it.cells)
    parts.push_back(answer_of(cell, wanted, false));
  return page_of_events(wanted, std::move(parts));
}

} // namespace

RC_GTEST_PROP(lists_of_cells, have_the_pages_of_one_list, ()) {
  const auto it = any_house();
  event_filter wanted;
  wanted.part.limit = *rc::gen::inRange<std::uint32_t>(1, 8);
  if (*rc::gen::arbitrary<bool>())
    wanted.page = *rc::gen::inRange<std::uint32_t>(1, 8);
  for (int step = 0; step < 30; ++step) {
    const auto one = page_as_one(it, wanted);
    const auto many = page_of_cells(it, wanted);
    RC_ASSERT(one.rows.items == many.rows.items);
    RC_ASSERT(one.rows.next_token == many.rows.next_token);
    RC_ASSERT(one.rows.previous_token == many.rows.previous_token);
    RC_ASSERT(one.total == many.total);
    RC_ASSERT(one.page == many.page);
    const auto& next = *rc::gen::arbitrary<bool>() ? one.rows.next_token
                                                   : one.rows.previous_token;
    if (!next)
      break;
    wanted.page = {};
    wanted.part.token = *next;
  }
}

TEST(lists_of_cells, say_that_they_are_incomplete_only_if_they_are) {
  page whole;
  whole.items = "[]";
  EXPECT_EQ(render("orders", whole),
            R"({"orders":[],"next_token":null,"previous_token":null})");
  whole.is_incomplete = true;
  EXPECT_EQ(render("orders", whole),
            R"({"orders":[],"next_token":null,"previous_token":null,)"
            R"("incomplete":true})");
}

TEST(lists_of_cells, have_the_same_pages_though_something_is_gone_since) {
  list_part rows;
  for (int i = 0; i < 3; ++i) {
    rows.keys.push_back({list_of_memberships, true, 1, {}, mint_uuid()});
    rows.items.push_back(i == 1 ? "" : std::to_string(i));
  }
  const auto page = page_of_memberships({2, {}}, rows);
  EXPECT_EQ(page.items, "[0]");
  EXPECT_TRUE(page.next_token);
}

TEST(lists_of_cells, leave_out_the_pages_before_though_one_cell_alone_answers) {
  event_filter wanted;
  wanted.part.limit = 1;
  wanted.page = 2;
  rows some{{timestamp{duration{1}}, mint_uuid()},
            {timestamp{duration{2}}, mint_uuid()}};
  const auto page = page_of_events(wanted, {answer_of(some, wanted, false)});
  EXPECT_EQ(page.rows.items, "[\"" + to_string(some[1].second) + "\"]");
}

#include "node/membership/cell_lists.hpp"
#include "tests/support/sales.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;

namespace {

/// Two cells: a PostgreSQL, and one that is not there.
class two_cells : public testing::Test {
protected:
  result<gathered> gather() {
    auto said = std::make_shared<std::promise<result<gathered>>>();
    auto all = said->get_future();
    auto look = [](read_model& model) {
      return model.events_from(event_filter{}, false);
    };
    lists_.gather(
      look, [said](result<gathered> x) { said->set_value(std::move(x)); });
    return all.get();
  }

  errc run(cell_no cell) {
    auto said = std::make_shared<std::promise<errc>>();
    lists_.run(
      cell, [](read_model& model) { model.organizations_of({}); },
      [said](errc why) { said->set_value(why); });
    return said->get_future().get();
  }

  pg_store store_;
  cell_lists lists_{{{0, store_.options()}, {1, {"host=/nowhere/at/all"}}}, 2};
};

} // namespace

TEST_F(two_cells, show_what_one_has_though_the_other_is_silent) {
  for (int i = 0; i < 3; ++i) {
    const auto found = gather();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->parts.size(), 1u);
    EXPECT_TRUE(found->is_incomplete);
  }
}

TEST_F(two_cells, answer_for_themselves_when_one_is_asked) {
  EXPECT_EQ(run(0), errc::ok);
  EXPECT_EQ(run(1), errc::unavailable);
  EXPECT_EQ(run(1), errc::unavailable);
  EXPECT_EQ(run(0), errc::ok);
}

TEST(cells, that_are_all_silent_are_unavailable) {
  cell_lists lists{{{0, {"host=/nowhere"}}, {1, {"host=/nowhere"}}}, 1};
  auto said = std::make_shared<std::promise<result<gathered>>>();
  lists.gather([](read_model& model) { return model.events_from({}, false); },
               [said](result<gathered> x) { said->set_value(std::move(x)); });
  EXPECT_EQ(said->get_future().get().error(), errc::unavailable);
}

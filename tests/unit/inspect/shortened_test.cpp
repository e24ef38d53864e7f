#include "node/inspect/shortened.hpp"

#include <gtest/gtest.h>

using namespace usher::inspect;
using boost::json::parse;
using boost::json::serialize;

namespace {

struct cut {
  std::string text;
  bool is_cut = false;

  bool operator==(const cut&) const = default;
};

cut to(std::size_t most, const char* document) {
  cut out;
  out.text = serialize(shortened(parse(document), most, out.is_cut));
  return out;
}

} // namespace

TEST(shortened, leaves_alone_what_is_short) {
  EXPECT_EQ(to(3, R"({"a":[1,2,3],"b":"text","c":null})"),
            (cut{R"({"a":[1,2,3],"b":"text","c":null})", false}));
  EXPECT_EQ(to(3, "[]"), (cut{"[]", false}));
}

TEST(shortened, says_how_many_are_missing_at_each_depth) {
  EXPECT_EQ(to(3, R"([1,2,3,4])"), (cut{R"([1,2,"... and 2 more"])", true}));
  EXPECT_EQ(to(2, R"({"held":{"x":[7,8,9],"y":[],"z":[[1,2,3]]}})"),
            (cut{R"({"held":{"x":[7,"... and 2 more"],"y":[],)"
                 R"("z":[[1,"... and 2 more"]]}})",
                 true}));
  EXPECT_EQ(to(0, R"([1,2])"), (cut{R"(["... and 2 more"])", true}));
}

TEST(shortened, leaves_an_object_its_fields_and_of_a_map_the_first) {
  boost::json::object held;
  for (int i = 0; i < 50; ++i)
    held[std::to_string(i)] = i;
  bool is_cut = false;
  EXPECT_EQ(shortened(held, 5, is_cut), boost::json::value(held));
  EXPECT_FALSE(is_cut);
  held["50"] = 50;
  const auto shown = shortened(held, 5, is_cut).as_object();
  EXPECT_TRUE(is_cut);
  EXPECT_EQ(shown.size(), 50u);
  EXPECT_EQ(shown.at("48"), boost::json::value(48));
  EXPECT_EQ(shown.at("..."), boost::json::value("and 2 more"));
  is_cut = false;
  EXPECT_EQ(shortened(held, 51, is_cut), boost::json::value(held));
  EXPECT_FALSE(is_cut);
}

TEST(shortened, changes_nothing_more_when_it_is_done_again) {
  bool is_cut = false;
  const auto once = shortened(parse(R"({"a":[1,2,3,4,5]})"), 3, is_cut);
  EXPECT_TRUE(is_cut);
  is_cut = false;
  EXPECT_EQ(shortened(once, 3, is_cut), once);
  EXPECT_FALSE(is_cut);
}

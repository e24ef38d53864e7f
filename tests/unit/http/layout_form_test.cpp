#include "node/api/layout_form.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace usher::api;

namespace {

/// `sections` sections with this number of equal rows each.
std::string body_of(std::size_t sections, std::uint64_t rows) {
  std::string out = R"({"name":"Hall","sections":[)";
  for (std::size_t i = 0; i < sections; ++i) {
    out += i == 0 ? "" : ",";
    out += R"({"name":"S)" + std::to_string(i) + R"(","rows":)"
           + std::to_string(rows) + R"(,"seats_per_row":1})";
  }
  return out + "]}";
}

void is_too_much(const std::string& body, std::string_view field = "sections") {
  const auto read = read_layout(body);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, errc::invalid_value);
  ASSERT_EQ(read.error().fields.size(), 1U);
  EXPECT_EQ(read.error().fields[0].field, field);
}

} // namespace

TEST(layout_form, spells_out_equal_rows) {
  const auto read = read_layout(
    R"({"name":"Hall","sections":[{"name":"A","rows":2,"seats_per_row":7},
        {"name":"B","rows":[{"label":"x","seats":3}]},
        {"name":"FLOOR","capacity":100}]})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->sections.size(), 3U);
  const auto& equal = read->sections[0].rows;
  ASSERT_EQ(equal.size(), 2U);
  EXPECT_EQ(equal[1].label, "2");
  EXPECT_EQ(equal[1].seats, 7U);
  EXPECT_EQ(read->sections[1].rows[0].label, "x");
  EXPECT_EQ(read->sections[2].capacity, 100U);
}

TEST(layout_form, makes_as_many_rows_as_are_asked_for) {
  const auto read = read_layout(body_of(2, 2'000));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sections[1].rows.size(), 2'000U);
}

TEST(layout_form, makes_no_rows_for_what_no_layout_may_have) {
  is_too_much(body_of(401, 1));
  is_too_much(body_of(2'000, 1'000));
  is_too_much(body_of(73, 137)); // 10,001
  is_too_much(body_of(2, 2'001), "sections[0].rows");
  is_too_much(body_of(1, 4'000'000'000), "sections[0].rows");
}

TEST(layout_form, speaks_of_the_fields_that_were_sent) {
  const auto wrong_in = [](const std::string& section) {
    const auto read =
      read_layout(R"({"name":"Hall","sections":[)" + section + "]}");
    return read || read.error().fields.size() != 1
             ? std::string{}
             : read.error().fields[0].field;
  };
  EXPECT_EQ(wrong_in(R"({"name":"A","rows":-5,"seats_per_row":1})"),
            "sections[0].rows");
  EXPECT_EQ(wrong_in(R"({"name":"A","rows":5})"), "sections[0].seats_per_row");
  EXPECT_EQ(wrong_in(R"({"name":"A","seats_per_row":5})"), "sections[0].rows");
  EXPECT_EQ(wrong_in(R"({"name":"A","equal_rows":5,"seats_per_row":1})"),
            "sections[0].equal_rows");
  EXPECT_EQ(wrong_in(R"({"name":"A","equal_rows":"5"})"),
            "sections[0].equal_rows");
}

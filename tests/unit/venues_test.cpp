#include "actors/layout/check.hpp"
#include "actors/seat_block/best_available.hpp"
#include "actors/seat_block/floor_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

/// The layouts and demo events in config/venues.
using namespace usher;
using namespace usher::seat_block;

namespace {

struct venue {
  std::string file;
  std::uint32_t seats = 0;
  std::uint32_t places = 0;
  std::uint32_t accessible = 0;
};

std::ostream& operator<<(std::ostream& out, const venue& v) {
  return out << v.file;
}

class venues : public testing::TestWithParam<venue> {
protected:
  static json::value read(const std::string& ending) {
    const auto path = "config/venues/" + GetParam().file + ending;
    std::ifstream in(path);
    EXPECT_TRUE(in) << path << " (tests run from the root of the sources)";
    std::ostringstream text;
    text << in.rdbuf();
    return json::parse(text.str());
  }

  static std::vector<section> sections() {
    return json::get<std::vector<section>>(read(".json").at("sections"));
  }
};

const auto& name_of = [](const auto& info) { return info.param.file; };

} // namespace

INSTANTIATE_TEST_SUITE_P(of_config, venues,
                         testing::Values(venue{"arena", 18'402, 0, 132},
                                         venue{"theatre", 1'577, 0, 12},
                                         venue{"club", 184, 1'200, 5}),
                         name_of);

TEST_P(venues, are_valid_layouts) {
  for (const auto& p : layout::check(sections()))
    ADD_FAILURE() << p.path << " " << p.message;
}

TEST_P(venues, say_nothing_that_a_layout_does_not_know) {
  const std::set<std::string> of_section{"name", "rows", "capacity", "rating"};
  const std::set<std::string> of_row{
    "label", "seats", "first", "step", "accessible", "aisle_after", "shift"};
  const auto layout = read(".json");
  for (const auto& part : layout.at("sections").as_array()) {
    for (const auto& member : part.as_object())
      EXPECT_TRUE(of_section.contains(member.key())) << member.key();
    const auto* rows = part.as_object().if_contains("rows");
    if (rows == nullptr)
      continue;
    for (const auto& row : rows->as_array())
      for (const auto& member : row.as_object())
        EXPECT_TRUE(of_row.contains(member.key())) << member.key();
  }
}

TEST_P(venues, have_as_many_places_as_the_house) {
  std::uint32_t seats = 0;
  std::uint32_t places = 0;
  std::uint32_t accessible = 0;
  for (const auto& part : sections()) {
    const floor_plan plan(part);
    seats += plan.seats();
    places += part.capacity;
    accessible += static_cast<std::uint32_t>(
      std::ranges::count(plan.accessible(), std::uint8_t{1}));
  }
  EXPECT_EQ(seats, GetParam().seats);
  EXPECT_EQ(places, GetParam().places);
  EXPECT_EQ(accessible, GetParam().accessible);
}

TEST_P(venues, seat_parties_of_every_size_in_every_section) {
  for (const auto& part : sections()) {
    const floor_plan plan(part);
    const std::vector<std::uint8_t> free(plan.seats(), 1);
    const auto most = std::min(plan.seats(), most_at_once);
    for (std::uint32_t count = 1; count <= most; ++count)
      EXPECT_EQ(best_available(plan, free, count).size(), count)
        << part.name << ", " << count;
  }
}

TEST_P(venues, sell_out_in_pairs_without_ever_losing_a_seat) {
  for (const auto& part : sections()) {
    const floor_plan plan(part);
    std::vector<std::uint8_t> free(plan.seats(), 1);
    for (std::uint32_t left = plan.seats(); left > 0;) {
      const auto pair = best_available(plan, free, std::min(left, 2U));
      ASSERT_FALSE(pair.empty()) << part.name;
      for (auto s : pair) {
        ASSERT_EQ(free[s], 1);
        free[s] = 0;
        --left;
      }
    }
  }
}

TEST_P(venues, have_a_demo_event_with_a_price_for_every_section) {
  const auto event = read(".event.json");
  std::multiset<std::string> priced;
  for (const auto& type : event.at("ticket_types").as_array()) {
    EXPECT_GT(type.at("price").as_int64(), 0);
    for (const auto& name : type.at("sections").as_array())
      priced.emplace(name.as_string());
  }
  std::multiset<std::string> all;
  for (const auto& part : sections())
    all.insert(part.name);
  EXPECT_EQ(priced, all);
  EXPECT_GT(event.at("sale_ends_in_days").as_int64(), 0);
  EXPECT_GE(event.at("starts_in_days").as_int64(),
            event.at("sale_ends_in_days").as_int64());
}

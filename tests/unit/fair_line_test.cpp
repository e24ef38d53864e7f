#include "node/front/fair_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace usher;

namespace {

constexpr std::size_t roomy = 100;

std::vector<std::string> drain(fair_line<std::string>& line) {
  std::vector<std::string> out;
  while (auto next = line.next())
    out.push_back(std::move(*next));
  return out;
}

} // namespace

TEST(fair_line, lets_clients_take_turns) {
  fair_line<std::string> line;
  for (const auto* job : {"a1", "a2", "a3"})
    EXPECT_FALSE(line.add(1, job, roomy));
  EXPECT_FALSE(line.add(2, "b1", roomy));
  EXPECT_FALSE(line.add(3, "c1", roomy));
  EXPECT_FALSE(line.add(2, "b2", roomy));
  EXPECT_EQ(line.size(), 6U);
  EXPECT_EQ(drain(line),
            (std::vector<std::string>{"a1", "b1", "c1", "a2", "b2", "a3"}));
  EXPECT_EQ(line.size(), 0U);
  EXPECT_FALSE(line.add(1, "again", roomy));
  EXPECT_EQ(drain(line), std::vector<std::string>{"again"});
}

TEST(fair_line, puts_out_the_last_of_who_has_most) {
  fair_line<std::string> line;
  for (const auto* job : {"a1", "a2", "a3"})
    EXPECT_FALSE(line.add(1, job, 3));
  EXPECT_EQ(line.add(1, "a4", 3), "a4") << "a flood hurts itself";
  EXPECT_EQ(line.add(2, "b1", 3), "a3");
  EXPECT_EQ(line.add(3, "c1", 3), "a2");
  EXPECT_EQ(line.add(4, "d1", 3), "d1") << "among equals, the newcomer";
  EXPECT_EQ(line.add(2, "b2", 3), "b2");
  EXPECT_EQ(line.size(), 3U);
  EXPECT_EQ(drain(line), (std::vector<std::string>{"a1", "b1", "c1"}));
}

TEST(fair_line, forgets_who_was_put_out) {
  fair_line<std::string> line;
  EXPECT_EQ(line.add(1, "a1", 0), "a1");
  EXPECT_EQ(line.size(), 0U);
  EXPECT_FALSE(line.next());
  EXPECT_FALSE(line.add(1, "a2", 1));
  EXPECT_EQ(line.next(), "a2");
}

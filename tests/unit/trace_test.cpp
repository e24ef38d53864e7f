#include "protocol/trace.hpp"

#include <gtest/gtest.h>

using namespace usher;

TEST(trace, is_written_as_w3c_has_it_and_read_back) {
  const auto id = mint_uuid();
  const auto text = trace_digits(id);
  EXPECT_EQ(text.size(), 32u);
  EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(parse_trace_id(text), id);
  EXPECT_EQ(parse_trace_id(to_string(id)), id) << "as a balancer may write it";
}

TEST(trace, of_nobody_is_written_as_nothing) {
  EXPECT_EQ(trace_digits({}), "");
}

TEST(trace, is_nothing_else) {
  const std::string digits = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_TRUE(parse_trace_id(digits));
  for (const auto& text :
       {std::string{}, digits + "0", digits.substr(1), std::string(32, '0'),
        std::string(32, 'g'), std::string{"mine"}, std::string(36, '-')})
    EXPECT_FALSE(parse_trace_id(text)) << text;
}

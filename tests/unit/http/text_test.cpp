#include "node/http/text.hpp"

#include <gtest/gtest.h>

using namespace usher::http;

namespace {

TEST(utf8, is_what_rfc_3629_allows) {
  for (const auto* good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(valid_utf8(good));
  for (const auto* bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\xc0", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xe1\x80", "\xe1\x80\xc0",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "a\xc2", "\xf0\x90\x80"})
    EXPECT_FALSE(valid_utf8(bad)) << bad;
}

TEST(percent_decode, is_strict) {
  EXPECT_EQ(percent_decode("a%20b+c", plus::literal), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c%2B", plus::space), "a b c+");
  EXPECT_EQ(percent_decode("", plus::space), "");
  for (const auto* bad :
       {"%", "%2", "%2g", "%g2", "%00", "%1f", "%7f", "%ff", "%ed%a0%80", "a%"})
    EXPECT_EQ(percent_decode(bad, plus::literal), std::nullopt) << bad;
}

TEST(next_element, walks_a_list) {
  std::string_view list = " a , ,b";
  EXPECT_EQ(next_element(list), "a");
  EXPECT_EQ(next_element(list), "");
  EXPECT_EQ(next_element(list), "b");
  EXPECT_EQ(next_element(list), std::nullopt);
  list = {};
  EXPECT_EQ(next_element(list), std::nullopt);
}

TEST(quality, is_in_thousandths) {
  EXPECT_EQ(quality("gzip"), 1000u);
  EXPECT_EQ(quality("gzip;q=0.5"), 500u);
  EXPECT_EQ(quality("gzip ; Q=0.123"), 123u);
  EXPECT_EQ(quality("gzip;q=1.000"), 1000u);
  EXPECT_EQ(quality("gzip;q=0."), 0u);
  for (const auto* bad : {";", ";q", ";q=", ";q=2", ";q=1.001", ";q=0.1234",
                          ";q=00", ";x=1", ";q=0,5", ";q=-1"})
    EXPECT_EQ(quality(bad), 0u) << bad;
}

} // namespace

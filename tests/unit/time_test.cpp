#include "protocol/time.hpp"

#include <gtest/gtest.h>

using namespace usher;

TEST(rfc3339, reads_what_it_writes) {
  for (const auto* text :
       {"0001-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z",
        "2028-02-29T12:30:00.001Z", "9999-12-31T23:59:59.999Z"}) {
    const auto read = parse_rfc3339(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(to_rfc3339(*read), text);
  }
  EXPECT_EQ(parse_rfc3339("2026-11-21T03:00:00+07:00"),
            parse_rfc3339("2026-11-20T20:00:00Z"));
}

TEST(rfc3339, knows_no_year_that_others_cannot_write_down) {
  for (const auto* text :
       {"0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

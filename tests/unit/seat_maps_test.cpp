#include "node/front/seat_maps.hpp"
#include "node/http/compress.hpp"

#include <gtest/gtest.h>

using namespace usher;

TEST(seat_map, is_zipped_itself_whatever_is_kept_of_its_event) {
  seat_map map;
  map.plain = std::make_shared<const std::string>(R"({"version":1})");
  ASSERT_TRUE(map.zipped());
  EXPECT_EQ(*map.zipped(), http::gzip(*map.plain, 1));
  EXPECT_EQ(map.zipped(), map.zipped()); // made once
}

#include "node/api/time_zone.hpp"

#include <gtest/gtest.h>

using usher::api::is_time_zone;

TEST(time_zone, is_one_that_the_system_knows) {
  for (const auto* name : {"UTC", "Asia/Ho_Chi_Minh", "Asia/Saigon",
                           "Etc/GMT+7", "America/Argentina/Buenos_Aires"})
    EXPECT_TRUE(is_time_zone(name)) << name;
}

TEST(time_zone, is_nothing_that_only_looks_like_one) {
  for (const auto* name :
       {"", "Asia", "Mars/Olympus", "Asia/Ho Chi Minh", "../../../etc/passwd",
        "/usr/share/zoneinfo/UTC", "Asia/../UTC", "posix/UTC", "tzdata.zi",
        "zone.tab", "Asia/Ho_Chi_Minh/", "//UTC", "Asia//Tokyo"})
    EXPECT_FALSE(is_time_zone(name)) << name;
  EXPECT_FALSE(is_time_zone(std::string(1'000, 'a')));
}

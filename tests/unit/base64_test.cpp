#include "protocol/base64.hpp"

#include <gtest/gtest.h>

using namespace usher;

namespace {

TEST(base64, has_one_spelling_for_each_text) {
  for (const auto* good : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(from_base64url(to_base64url(good)), good);
    EXPECT_EQ(from_base64(to_base64(good)), good);
  }
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64url("\xfb\xff\xfe?"), "-__-Pw");
  for (const auto* bad :
       {"Z", "Zh", "Zm9=", "Zm9v\n", "Zm9vYmF", "+/+/", "Zg=="})
    EXPECT_EQ(from_base64url(bad), std::nullopt) << bad;
  for (const auto* bad :
       {"Zg", "Zg=", "Zh==", "Zg===", "====", "Zm9v=", "-_-_"})
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
}

} // namespace

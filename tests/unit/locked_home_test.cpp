#include "node/membership/locked_home.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <unistd.h>

using namespace usher;

TEST(locked_home, is_one_process_s_until_that_is_gone) {
  const auto folder = "/tmp/usher-home." + std::to_string(getpid());
  std::optional<locked_home> one{std::in_place, folder + "/node"};
  EXPECT_EQ(one->path(), folder + "/node");
  EXPECT_THROW(locked_home{one->path()}, std::runtime_error);
  {
    const auto moved = std::move(*one);
    one.reset();
    EXPECT_THROW(locked_home{moved.path()}, std::runtime_error);
  }
  EXPECT_NO_THROW(locked_home{folder + "/node"});
  EXPECT_THROW(locked_home{"/proc/nowhere"}, std::exception);
  std::filesystem::remove_all(folder);
}

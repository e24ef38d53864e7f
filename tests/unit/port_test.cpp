#include "node/front/port.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <future>
#include <optional>

using namespace usher;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

const std::string here = "127.0.0.1";

std::uint16_t free_port() {
  boost::asio::io_context io;
  const tcp::acceptor any{io, {boost::asio::ip::make_address(here), 0}};
  return any.local_endpoint().port();
}

/// Whether it is ours, for two threads, until we say so: another process would
/// see the same.
bool take(std::uint16_t port, const std::function<void()>& until) {
  boost::asio::io_context io;
  std::vector<tcp::acceptor> doors;
  try {
    doors = http::take_port(io, here, port, 2);
  } catch (const std::runtime_error&) {
    // somebody else has it
  }
  until();
  return !doors.empty();
}

} // namespace

TEST(port, is_had_by_one_of_those_who_come_in_the_same_instant) {
  constexpr int many = 4;
  for (int round = 0; round < 200; ++round) {
    const auto port = free_port();
    std::barrier together{many};
    std::vector<std::future<bool>> all;
    for (int i = 0; i < many; ++i)
      all.push_back(std::async(std::launch::async, [&] {
        together.arrive_and_wait();
        return take(port, [&] { together.arrive_and_wait(); });
      }));
    int owners = 0;
    for (auto& one : all)
      owners += one.get();
    ASSERT_EQ(owners, 1) << "round " << round;
  }
}

TEST(port, is_looked_at_by_one_after_the_other) {
  const auto port = free_port();
  boost::asio::io_context io;
  std::optional<http::turn_at_port> turn{std::in_place, io, port};
  auto next =
    std::async(std::launch::async, [port] { return take(port, [] {}); });
  EXPECT_EQ(next.wait_for(200ms), std::future_status::timeout);
  turn.reset();
  EXPECT_TRUE(next.get());
}

TEST(port, is_refused_to_who_comes_later_whether_for_one_thread_or_more) {
  boost::asio::io_context io;
  for (const std::size_t first : {1, 3})
    for (const std::size_t second : {1, 3}) {
      const auto port = free_port();
      const auto doors = http::take_port(io, here, port, first);
      EXPECT_EQ(doors.size(), first);
      EXPECT_THROW(http::take_port(io, here, port, second), std::runtime_error);
      EXPECT_THROW(http::take_port(io, "0.0.0.0", port, second),
                   std::runtime_error);
    }
}

#include "cluster/lookup.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using usher::cluster::lookup;

namespace {

const asio::ip::tcp::endpoint home{asio::ip::address_v4::loopback(), 7};

/// Answers when it is let, or after ten seconds.
struct slow_system {
  lookup::search search() {
    return [this, over = over, is_let = let.get_future().share()](
             const std::string&, std::uint16_t, error_code&) {
      ++searches;
      is_let.wait_for(10s);
      over->set_value();
      return lookup::addresses{home};
    };
  }

  std::promise<void> let;
  std::shared_ptr<std::promise<void>> over =
    std::make_shared<std::promise<void>>();
  std::atomic<int> searches = 0;
};

} // namespace

TEST(lookup, keeps_nobody_waiting_when_its_context_ends) {
  slow_system dns;
  const auto begun = std::chrono::steady_clock::now();
  {
    asio::io_context io;
    asio::make_service<lookup>(io, dns.search())
      .find("nowhere", 7, [](const auto&, const auto&) {
        ADD_FAILURE() << "it was told after the end";
      });
    io.run();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  dns.let.set_value();
  dns.over->get_future().wait();
}

TEST(lookup, searches_once_for_all_who_ask_meanwhile) {
  slow_system dns;
  asio::io_context io;
  const auto open = asio::make_work_guard(io);
  auto& names = asio::make_service<lookup>(io, dns.search());
  int told = 0;
  const auto note = [&](const error_code& failed,
                        const lookup::addresses& found) {
    EXPECT_FALSE(failed);
    EXPECT_EQ(found, lookup::addresses{home});
    if (++told == 2)
      io.stop();
  };
  names.find("one", 7, note);
  names.find("one", 7, note);
  dns.let.set_value();
  io.run_for(10s);
  EXPECT_EQ(told, 2);
  EXPECT_EQ(dns.searches, 1);
}

TEST(lookup, asks_the_system) {
  asio::io_context io;
  const auto open = asio::make_work_guard(io);
  lookup::addresses found;
  asio::use_service<lookup>(io).find("127.0.0.1", 7,
                                     [&](const auto&, const auto& all) {
                                       found = all;
                                       io.stop();
                                     });
  io.run_for(10s);
  EXPECT_EQ(found, lookup::addresses{home});
}

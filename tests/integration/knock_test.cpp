#include "persistence/postgres/knock.hpp"
#include "tests/support/stores.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <array>
#include <thread>

using namespace usher::persistence;
using namespace usher::test;
using namespace std::string_literals;
namespace asio = boost::asio;

namespace {

/// Says one thing to the first who comes.
class curt_server {
public:
  explicit curt_server(std::string words)
    : thread_([this, words = std::move(words)] {
        auto guest = acceptor_.accept();
        std::array<char, 1'024> question{};
        guest.read_some(asio::buffer(question));
        asio::write(guest, asio::buffer(words));
      }) {}

  ~curt_server() { thread_.join(); }

  std::string conninfo() const {
    return "host=127.0.0.1 user=x dbname=x sslmode=disable gssencmode=disable "
           "port="
           + std::to_string(acceptor_.local_endpoint().port());
  }

private:
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

/// As the protocol has it: the kind, the length, fields that end with zeros.
std::string refusal(const std::string& sqlstate) {
  const auto fields = "SFATAL\0VFATAL\0"s + "C" + sqlstate + "\0Mnot you\0\0"s;
  return "E\0\0\0"s + static_cast<char>(fields.size() + 4) + fields;
}

} // namespace

TEST(knock, hears_whether_a_server_accepts) {
  const auto database = server().make_database();
  EXPECT_EQ(knock(server().as_owner(database)), at_the_door::open);
  server().stop();
  EXPECT_EQ(knock(server().as_owner(database)), at_the_door::silent);
  server().start();
  EXPECT_EQ(knock(server().as_owner(database)), at_the_door::open);
}

TEST(knock, tells_one_that_starts_up_from_one_that_refuses) {
  EXPECT_EQ(knock(curt_server(refusal("57P03")).conninfo()),
            at_the_door::not_yet);
  EXPECT_EQ(knock(curt_server(refusal("28P01")).conninfo()), at_the_door::open)
    << "a wrong password does not get better";
  EXPECT_EQ(knock(server().as_owner("nowhere")), at_the_door::open);
  EXPECT_EQ(knock("host=127.0.0.1 port=1"), at_the_door::silent);
  EXPECT_EQ(knock("host=x none"), at_the_door::open);
}

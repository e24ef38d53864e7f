#include "node/http/client_address.hpp"

#include <gtest/gtest.h>

using namespace usher;

namespace {

config::networks ours() {
  config::networks out;
  for (auto name : {"10.1.0.0/16", "192.0.2.7", "fd00:1::/20"})
    EXPECT_TRUE(out.add(name)) << name;
  return out;
}

std::string_view client(std::string_view peer, std::string_view forwarded) {
  static const auto proxies = ours();
  return http::client_of(proxies, peer, forwarded);
}

} // namespace

TEST(networks, have_the_addresses_that_begin_like_them) {
  const auto all = ours();
  for (auto inside : {"10.1.0.0", "10.1.255.255", "192.0.2.7", "fd00:1::1",
                      "fd00:0fff::", "::ffff:10.1.2.3"})
    EXPECT_TRUE(all.contains(inside)) << inside;
  for (auto outside : {"10.2.0.0", "10.0.255.255", "192.0.2.6", "fd00:1000::",
                       "::ffff:10.2.2.3", "::10.1.2.3", "", "10.1", "x"})
    EXPECT_FALSE(all.contains(outside)) << outside;
}

TEST(networks, are_no_other_texts) {
  config::networks all;
  for (auto name : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                    "10.0.0.0/8 ", "10.0.0/8", "::/129", "tickets.example"})
    EXPECT_FALSE(all.add(name)) << name;
  EXPECT_FALSE(all.contains("10.0.0.0"));
  EXPECT_TRUE(all.add("0.0.0.0/0"));
  EXPECT_TRUE(all.contains("203.0.113.9"));
  EXPECT_FALSE(all.contains("2001:db8::1"));
}

TEST(client_address, is_the_peer_unless_that_is_a_proxy) {
  EXPECT_EQ(client("203.0.113.9", ""), "203.0.113.9");
  EXPECT_EQ(client("203.0.113.9", "198.51.100.1"), "203.0.113.9");
  EXPECT_EQ(client("10.1.0.1", ""), "10.1.0.1"); // the proxy for itself
}

TEST(client_address, is_the_last_that_is_no_proxy) {
  EXPECT_EQ(client("10.1.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.1.0.1", " 198.51.100.1 ,10.1.0.2\t"), "198.51.100.1");
  EXPECT_EQ(client("fd00:1::5", "2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client("10.1.0.1", "10.1.0.3, 192.0.2.7"), "10.1.0.3");
}

TEST(client_address, is_not_what_a_client_claims) {
  EXPECT_EQ(client("10.1.0.1", "10.1.0.9, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.1.0.1", "198.51.100.1, unknown"), "10.1.0.1");
  EXPECT_EQ(client("10.1.0.1", "198.51.100.1, unknown, 192.0.2.7"),
            "192.0.2.7");
  EXPECT_EQ(client("10.1.0.1", ",,"), "10.1.0.1");
}

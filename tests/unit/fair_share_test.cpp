#include "node/front/fair_share.hpp"

#include <gtest/gtest.h>

using namespace usher;

namespace {

config::settings strict() {
  config::settings out;
  out.http.limits.connections = 3;
  out.http.limits.connections_per_address = 2;
  out.rate_limits.address_burst = 5;
  out.rate_limits.user_burst = 2;
  out.rate_limits.logins_per_address_per_minute = 1;
  return out;
}

} // namespace

TEST(fair_share, counts_connections_of_each_address_and_of_all) {
  fair_share shares(strict());
  EXPECT_TRUE(shares.let_in("10.0.0.1", false));
  EXPECT_TRUE(shares.let_in("10.0.0.1", false));
  EXPECT_FALSE(shares.let_in("10.0.0.1", false));
  EXPECT_TRUE(shares.let_in("10.0.0.1", true));
  EXPECT_FALSE(shares.let_in("10.0.0.2", false)) << "three in all";
  shares.let_out("10.0.0.1");
  EXPECT_TRUE(shares.let_in("10.0.0.2", false));
}

TEST(fair_share, counts_connections_of_a_network_where_addresses_cost_nothing) {
  auto roomy = strict();
  roomy.http.limits.connections = 100;
  fair_share shares(roomy);
  EXPECT_TRUE(shares.let_in("2001:db8:1:2::1", false));
  EXPECT_TRUE(shares.let_in("2001:db8:1:2:ffff::2", false));
  EXPECT_FALSE(shares.let_in("2001:db8:1:2::3", false));
  EXPECT_TRUE(shares.let_in("2001:db8:1:3::1", false));
  shares.let_out("2001:db8:1:2::1");
  EXPECT_TRUE(shares.let_in("2001:db8:1:2::3", false));
}

TEST(fair_share, lets_nobody_have_more_than_a_share_of_the_bytes_on_their_way) {
  auto small = strict();
  small.http.limits.layout_body_bytes = 1'000;
  small.shedding.max_bytes_in_flight = 80'000;
  fair_share shares(small);
  EXPECT_TRUE(shares.make_room({1, 7, false}, 6'000));
  EXPECT_FALSE(shares.make_room({1, 8, false}, 4'001)) << "the address";
  EXPECT_FALSE(shares.make_room({2, 7, false}, 4'001)) << "the account";
  EXPECT_TRUE(shares.make_room({1, {}, false}, 4'000));
  EXPECT_TRUE(shares.make_room({2, {}, false}, 10'000));
  shares.give_back({1, 7, false}, 6'000);
  EXPECT_TRUE(shares.make_room({1, 8, false}, 4'001));
  small.http.limits.layout_body_bytes = 50'000;
  fair_share roomy(small);
  EXPECT_TRUE(roomy.make_room({1, {}, false}, 50'000)) << "one always may";
  EXPECT_FALSE(roomy.make_room({1, {}, false}, 1));
}

namespace {

constexpr http::rate_key ada = 0xada;
constexpr http::rate_key home = 0x1'0000'0001;

bool fails(fair_share& shares, http::rate_key name, http::rate_key address,
           fair_share::clock::time_point now) {
  return !shares.begin(shares.try_at(name, address), now);
}

} // namespace

TEST(fair_share, counts_wrong_passwords_of_a_name_wherever_they_come_from) {
  auto chosen = strict();
  chosen.rate_limits.wrong_passwords_per_name = 3;
  fair_share shares(chosen);
  const auto now = fair_share::clock::now();
  for (const http::rate_key address : {1ULL, 2ULL, 3ULL})
    EXPECT_TRUE(fails(shares, ada, address, now));
  EXPECT_FALSE(fails(shares, ada, 4, now));
  EXPECT_TRUE(fails(shares, 0xb0b, 4, now)) << "somebody else's";
  EXPECT_TRUE(fails(shares, ada, 4, now + std::chrono::seconds{301}));
  EXPECT_FALSE(fails(shares, ada, 4, now + std::chrono::seconds{301}));
}

TEST(fair_share, counts_no_password_that_was_right_or_that_nobody_looked_at) {
  auto chosen = strict();
  chosen.rate_limits.wrong_passwords_per_name = 1;
  fair_share shares(chosen);
  const auto now = fair_share::clock::now();
  for (int i = 0; i < 5; ++i) {
    const auto what = shares.try_at(ada, home);
    EXPECT_FALSE(shares.begin(what, now));
    EXPECT_TRUE(shares.begin(what, now)) << "while the first is under way";
    shares.forgive(what, i % 2 == 1);
  }
}

TEST(fair_share, lets_strangers_keep_nobody_out_who_signed_in_there_before) {
  auto chosen = strict();
  chosen.rate_limits.wrong_passwords_per_name = 2;
  fair_share shares(chosen);
  const auto now = fair_share::clock::now();
  const auto first = shares.try_at(ada, home);
  EXPECT_FALSE(shares.begin(first, now));
  shares.forgive(first, true);
  while (fails(shares, ada, 7, now))
    ;
  EXPECT_TRUE(fails(shares, ada, home, now));
  EXPECT_TRUE(fails(shares, ada, home, now));
  EXPECT_FALSE(fails(shares, ada, home, now)) << "but not without end";
}

TEST(fair_share, counts_what_all_together_ask_about_one_event) {
  auto chosen = strict();
  chosen.rate_limits.event_burst = 2;
  fair_share shares(chosen);
  const auto now = fair_share::clock::now();
  const http::rate_key concert = 77;
  EXPECT_FALSE(shares.take({1, {}, false, concert}, now));
  EXPECT_FALSE(shares.take({2, {}, false, concert}, now));
  EXPECT_TRUE(shares.take({3, {}, false, concert}, now));
  EXPECT_FALSE(shares.take({4, {}, false, 78}, now)) << "another event";
  EXPECT_FALSE(shares.take({5, {}, false}, now)) << "no event";
}

TEST(fair_share, counts_requests_of_an_address_a_user_and_tries_at_a_password) {
  fair_share shares(strict());
  const auto now = fair_share::clock::now();
  EXPECT_FALSE(shares.take({1, {}, true}, now));
  EXPECT_TRUE(shares.take({1, {}, true}, now)) << "the second password";
  EXPECT_FALSE(shares.take({1, 7, false}, now));
  EXPECT_FALSE(shares.take({1, 7, false}, now));
  EXPECT_TRUE(shares.take({1, 7, false}, now)) << "the user's third";
  EXPECT_TRUE(shares.take({1, {}, false}, now)) << "the address's sixth";
  EXPECT_FALSE(shares.take({2, {}, false}, now));
}

#include "node/http/webhook_signature.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace usher::http;
using namespace std::chrono_literals;

namespace {

// The vector that the Standard Webhooks libraries publish.
const auto secret =
  webhook_secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
constexpr std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view sent = "1614265330";
constexpr std::string_view body = R"({"test": 2432232314})";
const std::string signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const timestamp then{1614265330s};

bool good(std::string_view signatures, timestamp now = then) {
  return secret.verify(id, sent, signatures, body, now).has_value();
}

TEST(webhook_signature, is_the_published_one) {
  EXPECT_EQ(secret.sign(id, then + 999ms, body), signature);
  EXPECT_TRUE(good(signature));
}

TEST(webhook_signature, may_be_one_of_several) {
  EXPECT_TRUE(good("v1,AAAA " + signature));
  EXPECT_TRUE(good(signature + " v1a,xyz"));
  EXPECT_TRUE(good("v2,abc  " + signature));
  std::string many;
  for (int i = 0; i < 16; ++i)
    many += "v1,AAAA ";
  EXPECT_FALSE(good(many + signature));
}

TEST(webhook_signature, is_bad_when_anything_differs) {
  EXPECT_FALSE(good(""));
  EXPECT_FALSE(good(" "));
  EXPECT_FALSE(good(signature.substr(3)));
  EXPECT_FALSE(good("v2" + signature.substr(2)));
  EXPECT_FALSE(good(signature.substr(0, signature.size() - 1)));
  EXPECT_FALSE(secret.verify("msg_2", sent, signature, body, then));
  EXPECT_FALSE(secret.verify("", sent, signature, body, then));
  EXPECT_FALSE(secret.verify(id, "1614265331", signature, body, then));
  EXPECT_FALSE(secret.verify(id, sent, signature, "{}", then));
  const auto other =
    webhook_secret::parse("whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  EXPECT_FALSE(other.verify(id, sent, signature, body, then));
}

TEST(webhook_signature, ages_in_300_seconds) {
  EXPECT_TRUE(good(signature, then + 300s));
  EXPECT_FALSE(good(signature, then + 300s + 1ms));
  EXPECT_TRUE(good(signature, then - 300s));
  EXPECT_FALSE(good(signature, then - 300s - 1ms));
  for (const auto* bad :
       {"", "-1", "1614265330.5", " 1614265330", "x", "999999999999999999"})
    EXPECT_FALSE(secret.verify(id, bad, signature, body, then)) << bad;
}

TEST(webhook_secret, is_base64_of_enough_bytes) {
  for (const auto* bad : {"", "whsec_", "whsec_AAAA", "whsec_!!",
                          "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"})
    EXPECT_FALSE(webhook_secret::parse(bad)) << bad;
}

} // namespace

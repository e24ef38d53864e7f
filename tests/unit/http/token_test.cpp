#include "node/http/token_cache.hpp"
#include "protocol/base64.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace usher;
using namespace usher::http;
using namespace std::chrono_literals;

namespace {

const std::string secret(32, 's');
const std::string other_secret(32, 'o');
const token_keys keys("usher", "api", {{"k1", secret}});
const timestamp t0{1'700'000'000s};
const auto ada =
  account_id{parse_uuid("019aa5b4-9a3c-7000-8000-000000000001").value()};
const access_claims ada_claims{ada, role::user, uuid{}, t0, t0 + 15min};
const checkout_claims leave{ada, event_id{}, 7, uuid{}, t0, t0 + 15min};

const std::string header = R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})";
const std::string payload =
  R"({"iss":"usher","aud":"api","sub":"019aa5b4-9a3c-7000-8000-000000000001",)"
  R"("role":"user","iat":1700000000,"nbf":1700000000,"exp":1700000900,)"
  R"("jti":"00000000-0000-0000-0000-000000000000"})";

/// What somebody who knows the secret could make.
std::string forge(std::string_view head, std::string_view claims,
                  const std::string& key = secret) {
  auto text = to_base64url(head) + '.' + to_base64url(claims);
  const auto mac = hmac_sha256(key, text);
  return text + '.' + to_base64url(bytes_of(mac));
}

std::string replaced(std::string text, std::string_view what,
                     std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

errc refusal(std::string_view text, timestamp now = t0) {
  const auto verified = keys.verify_access(text, now);
  token_cache cache(keys, 4);
  for (int i = 0; i < 2; ++i) {
    const auto cached = cache.verify(text, now);
    EXPECT_EQ(cached.has_value(), verified.has_value());
    if (cached.has_error()) {
      EXPECT_EQ(cached.error(), verified.error());
    }
  }
  return verified ? errc::ok : verified.error();
}

TEST(token, says_who_asks_until_it_expires) {
  const auto text = keys.sign(ada_claims);
  EXPECT_EQ(text, forge(header, payload));
  EXPECT_TRUE(keys.verify_access(text, t0)
              == result<access_claims>(ada_claims));
  EXPECT_EQ(refusal(text, t0 + 15min - 1ms), errc::ok);
  EXPECT_EQ(refusal(text, t0 + 15min), errc::token_expired);
  EXPECT_EQ(refusal(text, t0 - 5s), errc::ok);
  EXPECT_EQ(refusal(text, t0 - 6s), errc::invalid_token);
}

TEST(token, follows_keys_as_they_rotate) {
  const token_keys rotated("usher", "api",
                           {{"k2", other_secret}, {"k1", secret}});
  EXPECT_TRUE(rotated.verify_access(keys.sign(ada_claims), t0));
  EXPECT_FALSE(keys.verify_access(rotated.sign(ada_claims), t0));
}

TEST(token, refuses_headers_that_are_not_ours) {
  for (const std::string bad :
       {R"({"alg":"none","typ":"at+jwt","kid":"k1"})",
        R"({"alg":"HS512","typ":"at+jwt","kid":"k1"})",
        R"({"alg":"RS256","typ":"at+jwt","kid":"k1"})",
        R"({"alg":"HS256","typ":"JWT","kid":"k1"})",
        R"({"alg":"HS256","typ":"checkout+jwt","kid":"k1"})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"k2"})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"../k1"})",
        R"({"alg":"HS256","typ":"at+jwt"})", R"({"alg":"HS256"})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"k1","jku":"https://x"})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"k1","x5u":"https://x"})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"k1","jwk":{}})",
        R"({"alg":"HS256","typ":"at+jwt","kid":"k1","crit":["b64"]})",
        R"({"alg":"HS256","alg":"HS256","typ":"at+jwt","kid":"k1"})"})
    EXPECT_EQ(refusal(forge(bad, payload)), errc::invalid_token) << bad;
  const auto none = to_base64url(R"({"alg":"none"})");
  EXPECT_EQ(refusal(none + '.' + to_base64url(payload) + '.'),
            errc::invalid_token);
}

TEST(token, refuses_claims_that_are_not_for_us) {
  const auto with = [](std::string_view what, std::string_view other) {
    return refusal(forge(header, replaced(payload, what, other)));
  };
  EXPECT_EQ(with(R"("usher")", R"("elsewhere")"), errc::invalid_token);
  EXPECT_EQ(with(R"("api")", R"("refresh")"), errc::invalid_token);
  EXPECT_EQ(with(R"("api")", R"(["api"])"), errc::invalid_token);
  EXPECT_EQ(with(R"("user")", R"("root")"), errc::invalid_token);
  EXPECT_EQ(with(R"("exp":1700000900,)", ""), errc::invalid_token);
  EXPECT_EQ(with(R"("exp":1700000900)", R"("exp":"1700000900")"),
            errc::invalid_token);
  EXPECT_EQ(with(R"("exp":1700000900)", R"("exp":1.7e9)"), errc::invalid_token);
  EXPECT_EQ(with(R"("exp":1700000900)", R"("exp":9223372036854775807)"),
            errc::invalid_token);
  EXPECT_EQ(with(R"("nbf":1700000000)", R"("nbf":1700000060)"),
            errc::invalid_token);
  EXPECT_EQ(with(R"("role":"user")", R"("role":"user","role":"admin")"),
            errc::invalid_token);
  EXPECT_EQ(with(R"("role":"user")", R"("role":"user","x":1)"),
            errc::invalid_token);
  EXPECT_EQ(refusal(forge(header, "{}")), errc::invalid_token);
  EXPECT_EQ(refusal(forge(header, "")), errc::invalid_token);
}

TEST(token, refuses_every_change_of_the_text) {
  const auto good = keys.sign(ada_claims);
  ASSERT_EQ(refusal(good), errc::ok);
  for (std::size_t i = 0; i < good.size(); ++i)
    for (char c : {'A', 'z', '9', '-', '_', '.', '=', '+', '/', ' ', '\0'}) {
      auto bad = good;
      if (bad[i] == c)
        continue;
      bad[i] = c;
      EXPECT_EQ(refusal(bad), errc::invalid_token) << i << c;
    }
  for (const auto* end : {"=", "==", ".", "A", "\n", ".e30"})
    EXPECT_EQ(refusal(good + end), errc::invalid_token) << end;
  for (std::size_t n = 0; n < good.size(); ++n)
    EXPECT_EQ(refusal(good.substr(0, n)), errc::invalid_token);
  EXPECT_EQ(refusal(forge(header, payload, other_secret)), errc::invalid_token);
  EXPECT_EQ(refusal(std::string(5'000, 'a')), errc::invalid_token);
}

TEST(token, of_one_type_is_no_token_of_another) {
  EXPECT_EQ(refusal(keys.sign(leave)), errc::invalid_token);
  EXPECT_EQ(refusal(mint_refresh_token().text), errc::invalid_token);
  EXPECT_FALSE(keys.verify_checkout(keys.sign(ada_claims), t0));
  EXPECT_TRUE(keys.verify_checkout(keys.sign(leave), t0)
              == result<checkout_claims>(leave));
  EXPECT_EQ(keys.verify_checkout(keys.sign(leave), t0 + 15min).error(),
            errc::token_expired);
}

TEST(token, comes_after_the_word_bearer) {
  EXPECT_EQ(bearer_token("Bearer a.b.c"), "a.b.c");
  EXPECT_EQ(bearer_token("bearer  a.b.c"), "a.b.c");
  EXPECT_EQ(bearer_token("Basic a.b.c"), "");
  EXPECT_EQ(bearer_token("Bearer"), "");
  EXPECT_EQ(bearer_token(""), "");
}

TEST(token_cache, forgets_the_oldest_but_never_who_is_who) {
  token_cache cache(keys, 8);
  std::vector<std::string> texts;
  for (std::uint8_t i = 0; i < 100; ++i) {
    auto claims = ada_claims;
    claims.subject.value.bytes[15] = i;
    texts.push_back(keys.sign(claims));
  }
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    std::mt19937 dice(seed);
    const auto i = dice() % texts.size();
    const auto got = cache.verify(texts[i], t0);
    ASSERT_TRUE(got) << "seed " << seed;
    ASSERT_EQ(got->subject.value.bytes[15], i) << "seed " << seed;
  }
}

TEST(token_cache, lets_nothing_outlive_its_expiry) {
  token_cache cache(keys, 8);
  const auto text = keys.sign(ada_claims);
  EXPECT_TRUE(cache.verify(text, t0));
  EXPECT_TRUE(cache.verify(text, t0 + 15min - 1ms));
  EXPECT_EQ(cache.verify(text, t0 + 15min).error(), errc::token_expired);
}

TEST(refresh_token, is_opaque_and_known_by_its_digest) {
  const auto one = mint_refresh_token();
  EXPECT_EQ(one.text.size(), 43u);
  EXPECT_NE(one.text, mint_refresh_token().text);
  EXPECT_TRUE(digest_of_refresh_token(one.text) == result<digest>(one.hash));
  for (const auto& bad : {one.text + "=", one.text.substr(1), std::string{},
                          keys.sign(ada_claims), one.text.substr(0, 42) + "_"})
    EXPECT_EQ(digest_of_refresh_token(bad).error(), errc::invalid_token);
}

TEST(refresh_token, is_followed_by_one_that_only_the_key_tells) {
  const auto one = mint_refresh_token();
  const auto next = refresh_token_after(one.text, "a key");
  EXPECT_EQ(next.text, refresh_token_after(one.text, "a key").text);
  EXPECT_NE(next.text, one.text);
  EXPECT_NE(next.text, refresh_token_after(one.text, "another key").text);
  EXPECT_NE(next.text, refresh_token_after(next.text, "a key").text);
  EXPECT_TRUE(digest_of_refresh_token(next.text) == result<digest>(next.hash));
}

} // namespace

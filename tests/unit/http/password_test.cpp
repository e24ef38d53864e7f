#include "node/http/password.hpp"

#include <gtest/gtest.h>

using namespace usher;
using namespace usher::http;

namespace {

constexpr password_cost cheap{1, 64 * 1024};

TEST(password, is_known_by_its_hash_only) {
  const auto hash = hash_password("correct horse", cheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *hash;
  EXPECT_NE(*hash, *hash_password("correct horse", cheap));
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct horsf"));
  EXPECT_FALSE(verify_password(*hash, ""));
  for (const std::string bad :
       {"", "correct horse", "$2b$12$abc", "$argon2id$v=19$m=64,t=1,p=1$"})
    EXPECT_FALSE(verify_password(bad, "correct horse")) << bad;
  EXPECT_FALSE(verify_password(*hash + std::string(200, 'x'), "correct horse"));
}

TEST(password, is_hashed_again_when_the_cost_changed) {
  const auto hash = hash_password("correct horse", cheap);
  ASSERT_TRUE(hash);
  EXPECT_FALSE(needs_rehash(*hash, cheap));
  EXPECT_TRUE(needs_rehash(*hash, {2, 64 * 1024}));
  EXPECT_TRUE(needs_rehash(*hash));
  EXPECT_TRUE(needs_rehash("nonsense", cheap));
}

// Else the time that a sign-in takes tells which accounts there are.
TEST(password, of_nobody_costs_what_one_of_somebody_does) {
  for (const password_cost cost : {cheap, {3, 128 * 1024}, {}}) {
    const auto hash = hash_of_nobody(cost);
    EXPECT_FALSE(needs_rehash(hash, cost)) << hash;
    EXPECT_EQ(hash.size(), hash_password("correct horse", cost)->size());
    EXPECT_FALSE(verify_password(hash, "correct horse"));
  }
}

TEST(password, costs_what_owasp_says) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
}

TEST(password, has_a_length_and_nothing_else_to_obey) {
  EXPECT_TRUE(check_password_policy("12345678"));
  EXPECT_TRUE(check_password_policy("mật khẩu rất dài"));
  EXPECT_TRUE(check_password_policy(std::string(128, 'a')));
  for (const auto& bad :
       {std::string("1234567"), std::string(129, 'a'), std::string("abcdefg\n"),
        std::string("abcdefg\xff"), std::string("abcdefg\0", 8)})
    EXPECT_EQ(check_password_policy(bad).error(), errc::invalid_value);
}

} // namespace

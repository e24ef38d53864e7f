#include "config/settings.hpp"
#include "node/ticket_signer.hpp"
#include "protocol/base64.hpp"
#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <sodium.h>

using namespace usher;

namespace {

const std::string first(32, '1');
const std::string second(32, '2');

std::string code_of(const ticket_signer& signer) {
  return signer.sign({mint_uuid()}, {mint_uuid()});
}

config::security with_keys(const std::vector<std::string>& secrets) {
  config::security out;
  for (const auto& secret : secrets)
    out.jwt_keys.push_back({secret.substr(0, 1), "", "", secret});
  return out;
}

} // namespace

TEST(ticket_signer, knows_its_own_codes) {
  const ticket_signer signer(first);
  const auto code = code_of(signer);
  EXPECT_TRUE(signer.verify(code));
  EXPECT_TRUE(ticket_signer(first).verify(code)) << "after a restart";
  EXPECT_FALSE(ticket_signer(second).verify(code)) << "of somebody else";
}

TEST(ticket_signer, knows_no_code_that_was_changed) {
  const ticket_signer signer(first);
  auto code = code_of(signer);
  for (const auto at : {std::size_t{0}, std::size_t{8}, code.size() - 8}) {
    auto changed = code;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(signer.verify(changed)) << changed;
  }
  for (const auto* junk : {"", "USH1.", "USH1..", "USH1.AAAA", "x.y.z"})
    EXPECT_FALSE(signer.verify(junk)) << junk;
}

TEST(ticket_signer, says_the_key_that_verifies_its_codes) {
  const ticket_signer signer(first);
  const auto code = code_of(signer);
  const auto set = json::parse(signer.key_set());
  const auto& key = set.at("keys").as_array().at(0);
  EXPECT_EQ(json::get<std::string>(key.at("crv")), "Ed25519");
  const auto x = from_base64url(json::get<std::string>(key.at("x")));
  const auto dot = code.rfind('.');
  const auto payload = from_base64url(code.substr(5, dot - 5));
  const auto signature = from_base64url(code.substr(dot + 1));
  ASSERT_TRUE(x && payload && signature);
  const auto bytes = [](const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  EXPECT_EQ(crypto_sign_verify_detached(bytes(*signature), bytes(*payload),
                                        payload->size(), bytes(*x)),
            0);
}

TEST(ticket_signer, hands_out_no_code_of_a_ticket_that_is_not_valid) {
  const ticket_signer signer(first);
  const auto ticket = [](const std::string& status) {
    const auto id = to_string(mint_uuid());
    return R"({"ticket":{"id":")" + id + R"(","event_id":")" + id
           + R"(","status":")" + status + R"("}})";
  };
  const auto has_code = [&](const std::string& status) {
    const auto shown = json::parse(signer.with_code(ticket(status)));
    return shown.at("ticket").as_object().contains("code");
  };
  EXPECT_TRUE(has_code("valid"));
  for (const auto* status : {"used", "cancelled", "refunded", "transferred"})
    EXPECT_FALSE(has_code(status)) << status;
}

TEST(ticket_key, stays_when_the_keys_of_tokens_are_rotated) {
  auto before = with_keys({first});
  auto after = with_keys({second, first});
  before.ticket_key.secret = after.ticket_key.secret = std::string(32, 't');
  const auto code = code_of(ticket_signer(before.ticket_secret()));
  EXPECT_TRUE(ticket_signer(after.ticket_secret()).verify(code));
}

/// A configuration from before there was a key for tickets; naming its first
/// key keeps the codes.
TEST(ticket_key, is_the_first_key_of_tokens_if_there_is_no_other) {
  const auto code = code_of(ticket_signer(with_keys({first}).ticket_secret()));
  auto after = with_keys({second, first});
  EXPECT_FALSE(ticket_signer(after.ticket_secret()).verify(code));
  after.ticket_key.secret = first;
  EXPECT_TRUE(ticket_signer(after.ticket_secret()).verify(code));
}

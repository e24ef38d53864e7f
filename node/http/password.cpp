#include "node/http/password.hpp"

#include "node/http/text.hpp"
#include "protocol/ensure.hpp"

#include <array>
#include <sodium.h>

namespace usher::http {

namespace {

constexpr std::size_t shortest = 8;
constexpr std::size_t longest = 128;

/// libsodium must be set up once, before its first use.
void set_up() {
  static const bool ready = sodium_init() >= 0;
  ensure(ready);
}

} // namespace

result<void> check_password_policy(std::string_view password) {
  if (password.size() < shortest || password.size() > longest
      || !valid_utf8(password))
    return errc::invalid_value;
  for (char c : password)
    if ((c >= 0 && c < 0x20) || c == 0x7f)
      return errc::invalid_value;
  return {};
}

result<std::string> hash_password(std::string_view password,
                                  const password_cost& cost) {
  set_up();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(),
                            cost.passes, cost.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13)
      != 0)
    return errc::unavailable;
  return std::string(out.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  set_up();
  return hash.size() < crypto_pwhash_STRBYTES
         && hash.starts_with(crypto_pwhash_argon2id_STRPREFIX)
         && crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(),
                                     password.size())
              == 0;
}

std::string hash_of_nobody(const password_cost& cost) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_bytes / 1024)
         + ",t=" + std::to_string(cost.passes)
         + ",p=1$c29tZXNhbHRzb21lc2FsdA$"
           "4mTrp2RMS4JYZyB3Zdq1Zt2ZVYJDyqFZHFqWJzW2yCE";
}

bool needs_rehash(std::string_view hash, const password_cost& cost) {
  set_up();
  return hash.size() >= crypto_pwhash_STRBYTES
         || crypto_pwhash_str_needs_rehash(std::string(hash).c_str(),
                                           cost.passes, cost.memory_bytes)
              != 0;
}

} // namespace usher::http

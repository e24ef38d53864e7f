#include "node/http/mac.hpp"

#include "protocol/ensure.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace usher::http {

namespace {

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

digest hmac_sha256(std::string_view key, std::string_view text) {
  digest out{};
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha256(), key.empty() ? "" : key.data(),
                          static_cast<int>(key.size()), unsigned_bytes(text),
                          text.size(), out.data(), &size);
  ensure(done != nullptr && size == out.size());
  return out;
}

digest sha256(std::string_view text) {
  digest out{};
  unsigned size = 0;
  ensure(EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(),
                    nullptr)
           == 1
         && size == out.size());
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace usher::http

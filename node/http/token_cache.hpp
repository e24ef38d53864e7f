#pragma once

#include "node/http/token.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher::http {

/// Remembers the access tokens that were verified, so that the many requests
/// of one user cost one HMAC. Bounded; for one thread.
///
/// The last bytes of a token are its signature, random enough to choose a
/// bucket of four without hashing anything. What makes a hit is the equality
/// of the whole text, and only texts with a good signature ever get in.
class token_cache {
public:
  /// Room for `tokens`, rounded up to a power of two and at least four; about
  /// 0.6 KiB each when in use.
  explicit token_cache(const token_keys& keys, std::size_t tokens = 4'096);

  /// As `token_keys::verify_access`, but remembers.
  result<access_claims> verify(std::string_view text, timestamp now);

private:
  struct slot {
    std::string text;
    access_claims claims;
  };

  using bucket = std::array<slot, 4>;

  bucket& bucket_of(std::string_view text);

  const token_keys& keys_;
  std::vector<bucket> buckets_;
  unsigned victim_ = 0; // of the next full bucket
};

} // namespace usher::http

#include "node/http/token_cache.hpp"

#include <bit>
#include <cstring>

namespace usher::http {

namespace {

constexpr std::size_t shortest = 44; // a dot and a signature

} // namespace

token_cache::token_cache(const token_keys& keys, std::size_t tokens)
  : keys_(keys), buckets_(std::bit_ceil((tokens + 3) / 4)) {}

token_cache::bucket& token_cache::bucket_of(std::string_view text) {
  // The last character of a signature has two dead bits: leave it out.
  std::uint64_t tail = 0;
  std::memcpy(&tail, text.data() + text.size() - 9, sizeof(tail));
  tail *= 0x9e3779b97f4a7c15ULL;
  return buckets_[(tail >> 32) & (buckets_.size() - 1)];
}

result<access_claims> token_cache::verify(std::string_view text,
                                          timestamp now) {
  if (text.size() < shortest)
    return errc::invalid_token;
  auto& candidates = bucket_of(text);
  slot* room = nullptr;
  for (auto& candidate : candidates) {
    // Not in constant time: who guesses would have to guess half a signature
    // at once before the time tells anything.
    if (candidate.text == text) {
      if (now < candidate.claims.expires)
        return candidate.claims;
      return errc::token_expired;
    }
    if (candidate.claims.expires <= now)
      room = &candidate;
  }
  const auto verified = keys_.verify_access(text, now);
  if (verified) {
    if (room == nullptr)
      room = &candidates[victim_++ % candidates.size()];
    room->text = text;
    room->claims = *verified;
  }
  return verified;
}

} // namespace usher::http

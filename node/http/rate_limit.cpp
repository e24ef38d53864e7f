#include "node/http/rate_limit.hpp"

#include "protocol/ensure.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <sodium.h>
#include <string>

namespace usher::http {

namespace {

using ticks = std::chrono::nanoseconds;

static_assert(std::is_same_v<rate_limiter::clock::duration, ticks>);

struct hash_secret {
  std::array<unsigned char, crypto_shorthash_KEYBYTES> bytes{};

  hash_secret() {
    ensure(sodium_init() >= 0);
    randombytes_buf(bytes.data(), bytes.size());
  }
};

rate_key key_of(const void* bytes, std::size_t size) {
  static const hash_secret secret;
  static_assert(crypto_shorthash_BYTES == sizeof(rate_key));
  std::array<unsigned char, crypto_shorthash_BYTES> out{};
  crypto_shorthash(out.data(), static_cast<const unsigned char*>(bytes), size,
                   secret.bytes.data());
  return std::bit_cast<rate_key>(out);
}

} // namespace

rate_key rate_key_of(const uuid& id) {
  return key_of(id.bytes.data(), id.bytes.size());
}

rate_key rate_key_of_address(std::string_view address) {
  std::array<unsigned char, 16> parsed{};
  const auto text = std::string(address.substr(0, INET6_ADDRSTRLEN));
  if (inet_pton(AF_INET6, text.c_str(), parsed.data()) != 1)
    return key_of(address.data(), address.size());
  constexpr std::size_t network = 8; // a /64
  const bool v4_mapped = text.find('.') != std::string::npos;
  return key_of(parsed.data(), v4_mapped ? parsed.size() : network);
}

rate_limiter::rate_limiter(rate r, std::size_t keys)
  : interval_(static_cast<std::int64_t>(1e9 / r.per_second)),
    burst_(static_cast<std::int64_t>(1e9 / r.per_second * r.burst)),
    rows_(std::bit_ceil(std::max<std::size_t>(keys, 4)) / 4) {
  ensure(r.per_second > 0 && r.burst >= 1 && interval_ > 0);
}

std::optional<rate_limiter::clock::duration>
rate_limiter::take(rate_key key, clock::time_point now, std::uint32_t tokens) {
  const auto at = now.time_since_epoch().count();
  auto& candidates = rows_[key & (rows_.size() - 1)];
  auto* found = candidates.data();
  for (auto& candidate : candidates) {
    if (candidate.key == key) {
      found = &candidate;
      break;
    }
    if (candidate.full_at < found->full_at)
      found = &candidate;
  }
  const auto full_at = found->key == key ? std::max(found->full_at, at) : at;
  const auto then = full_at + interval_ * static_cast<std::int64_t>(tokens);
  if (then - at > burst_)
    return ticks{then - at - burst_};
  *found = {key, then};
  return std::nullopt;
}

void rate_limiter::give_back(rate_key key) {
  for (auto& one : rows_[key & (rows_.size() - 1)])
    if (one.key == key && one.full_at != INT64_MIN)
      one.full_at -= interval_;
}

std::uint64_t retry_after_seconds(rate_limiter::clock::duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 1));
}

} // namespace usher::http

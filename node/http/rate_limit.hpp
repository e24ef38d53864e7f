#pragma once

#include "protocol/ids.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace usher::http {

/// How often a key may ask: a bucket of `burst` tokens that `per_second` new
/// ones drip into.
struct rate {
  double per_second = 10;
  double burst = 20;
};

/// Whom a limit counts: keyed 64 bits, which strangers cannot make collide.
using rate_key = std::uint64_t;

/// The key of an account or event.
rate_key rate_key_of(const uuid&);

/// The key of a network address in text. The networks of IPv6 count, not the
/// addresses: everyone has 2^64 of those.
rate_key rate_key_of_address(std::string_view address);

/// A token bucket for each key in bounded memory and constant time.
///
/// A bucket is one number, the moment when it will be full again (GCRA, ITU-T
/// I.371): a token moves it one interval on, and who would move it further
/// ahead of now than the burst allows must wait for the difference. A key
/// whose moment has passed is as good as unknown, so idle keys need no sweep:
/// keys share rows of four, and a new key takes the place that is full
/// soonest. For one thread.
class rate_limiter {
public:
  using clock = std::chrono::steady_clock;

  /// Counts up to `keys` keys at once, rounded up to a power of two; 16 bytes
  /// each. Beyond that the least indebted are forgotten, to their advantage.
  explicit rate_limiter(rate, std::size_t keys = 65'536);

  /// Takes `tokens` from the bucket of `key` and returns nothing, or takes
  /// none and returns how long to wait for them: Retry-After, once rounded up
  /// to seconds. More tokens than the burst are never granted.
  std::optional<clock::duration> take(rate_key key, clock::time_point now,
                                      std::uint32_t tokens = 1);

  /// Puts a token back that was taken for nothing.
  void give_back(rate_key key);

private:
  struct slot {
    rate_key key = 0;
    std::int64_t full_at = INT64_MIN; // in ticks of the clock
  };

  using row = std::array<slot, 4>;

  std::int64_t interval_; // ticks from token to token
  std::int64_t burst_;    // ticks to fill a bucket
  std::vector<row> rows_;
};

/// Retry-After in whole seconds, rounded up, at least one.
std::uint64_t retry_after_seconds(rate_limiter::clock::duration);

} // namespace usher::http

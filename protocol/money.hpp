#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace usher {

/// An amount in minor units of an ISO 4217 currency; VND has no minor unit, so
/// there one is one dong.
struct money {
  std::int64_t amount = 0;
  std::string currency;

  bool operator==(const money&) const = default;
};

BOOST_DESCRIBE_STRUCT(money, (), (amount, currency))

/// Multiplies without ever wrapping around; nothing if it would overflow.
inline std::optional<std::int64_t> times(std::int64_t price,
                                         std::int64_t count) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(price, count, &out))
    return std::nullopt;
  return out;
}

} // namespace usher

#pragma once

#include "protocol/entity.hpp"

#include <vector>

namespace usher::cluster {

/// How often an entity was counted, at most `error` of it wrongly.
struct warmth {
  entity_id entity;
  std::uint64_t count = 0;
  std::uint64_t error = 0; ///< what it may have inherited from others

  bool operator==(const warmth&) const = default;
};

/// Finds what is counted most in little memory (the space-saving sketch of
/// Metwally, Agrawal and El Abbadi). It counts so many entities; a new one
/// takes the place, and the count, of the least. Whatever was counted more than
/// once in `size` times is among them. Pure.
class heat {
public:
  explicit heat(std::size_t size) : size_(size) {}

  void count(const entity_id&);

  /// In no order.
  const std::vector<warmth>& all() const { return all_; }

private:
  std::size_t size_;
  std::vector<warmth> all_;
};

} // namespace usher::cluster

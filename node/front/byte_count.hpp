#pragma once

#include <atomic>
#include <cstdint>

namespace usher::http {

/// The share of one connection in a sum of bytes that all of them have in
/// memory; it is taken off the sum when the connection ends.
class byte_count {
public:
  explicit byte_count(std::atomic<std::uint64_t>& sum) : sum_(sum) {}

  ~byte_count() { set(0); }

  byte_count(const byte_count&) = delete;
  byte_count& operator=(const byte_count&) = delete;

  /// It is so many now.
  void set(std::uint64_t bytes) {
    if (bytes != share_)
      sum_ += bytes - share_; // modulo 2^64: also downwards
    share_ = bytes;
  }

private:
  std::atomic<std::uint64_t>& sum_;
  std::uint64_t share_ = 0;
};

} // namespace usher::http

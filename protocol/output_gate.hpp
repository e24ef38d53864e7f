#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace usher {

/// How far the journal of this node is. What is submitted to it has a number,
/// and who hears of something undurable takes over the number that it rests on:
/// so what leaves the node waits for just what it rests on, and not for what
/// others happened to submit before. Numbers mean nothing to other nodes: what
/// comes from there is durable. Any thread.
class output_gate {
public:
  explicit output_gate(std::function<bool()> holds_lease = [] { return true; })
    : holds_lease_(std::move(holds_lease)) {}

  /// Whether what rests on that submission may leave now: all up to it are
  /// durable and have left, and nobody else can own what is in memory here.
  bool lets_out(std::uint64_t rests_on) const {
    return has_passed(rests_on) && holds_lease_();
  }

  /// Whether all submissions up to that number are durable and have left.
  bool has_passed(std::uint64_t number) const {
    return number <= passed_.load(std::memory_order_acquire);
  }

  /// All submissions up to that number are durable and have left.
  void pass(std::uint64_t upto) {
    passed_.store(upto, std::memory_order_release);
  }

private:
  std::function<bool()> holds_lease_;
  std::atomic<std::uint64_t> passed_ = 0;
};

} // namespace usher

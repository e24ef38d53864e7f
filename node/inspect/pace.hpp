#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace usher::inspect {

/// Counters of a node at one moment; all only grow.
struct counters {
  std::chrono::steady_clock::time_point at;
  std::uint64_t requests = 0;
  std::uint64_t appends = 0;
  std::uint64_t batches = 0;
  std::uint64_t commit_micros = 0;
  /// Requests that took at most so many seconds, growing; the last bound is
  /// infinite.
  std::vector<std::pair<double, std::uint64_t>> within;
};

/// What happened between two moments.
struct rates {
  double requests_per_second = 0;
  double appends_per_second = 0;
  std::optional<double> p50_ms; ///< nothing where nothing happened
  std::optional<double> p99_ms;
  std::optional<double> commit_ms; ///< on average
};

/// The pace from one moment to the next. Quantiles are as fine as the bounds;
/// what took longer than all finite ones counts as the last of them. Pure.
rates between(const counters& before, const counters& after);

/// Turns readings into rates, without a clock or a thread that would cost
/// anything while nobody asks: the first question only takes a reading. Any
/// thread.
class pace {
public:
  /// Rates since the reading before, if that is half a second to half a minute
  /// old; else those that were worked out last, or nothing.
  std::optional<rates> take(counters now);

private:
  std::mutex lock_;
  std::optional<counters> before_;
  std::optional<rates> last_;
};

} // namespace usher::inspect

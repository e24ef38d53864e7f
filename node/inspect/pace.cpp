#include "node/inspect/pace.hpp"

#include <algorithm>
#include <cmath>

namespace usher::inspect {

namespace {

constexpr std::chrono::milliseconds shortest{500};
constexpr std::chrono::seconds longest{30};

/// Between two bounds, as if evenly spread.
std::optional<double>
quantile(double part,
         const std::vector<std::pair<double, std::uint64_t>>& all) {
  if (all.empty() || all.back().second == 0)
    return std::nullopt;
  const auto wanted = part * static_cast<double>(all.back().second);
  double low = 0;
  double below = 0;
  for (const auto& [bound, count] : all) {
    const auto upto = static_cast<double>(count);
    if (upto >= wanted && !std::isinf(bound))
      return 1e3 * (low + (bound - low) * (wanted - below) / (upto - below));
    if (std::isinf(bound))
      break;
    low = bound;
    below = upto;
  }
  return 1e3 * low;
}

} // namespace

rates between(const counters& before, const counters& after) {
  rates out;
  const auto seconds =
    std::chrono::duration<double>(after.at - before.at).count();
  out.requests_per_second =
    static_cast<double>(after.requests - before.requests) / seconds;
  out.appends_per_second =
    static_cast<double>(after.appends - before.appends) / seconds;
  if (after.batches > before.batches)
    out.commit_ms =
      static_cast<double>(after.commit_micros - before.commit_micros) / 1e3
      / static_cast<double>(after.batches - before.batches);
  auto within = after.within;
  for (std::size_t i = 0; i < std::min(within.size(), before.within.size());
       ++i)
    within[i].second -= before.within[i].second;
  out.p50_ms = quantile(0.5, within);
  out.p99_ms = quantile(0.99, within);
  return out;
}

std::optional<rates> pace::take(counters now) {
  const std::lock_guard guard(lock_);
  if (before_ && now.at - before_->at < shortest)
    return last_;
  if (before_ && now.at - before_->at <= longest)
    last_ = between(*before_, now);
  else
    last_.reset();
  before_ = std::move(now);
  return last_;
}

} // namespace usher::inspect

#pragma once

#include "protocol/membership.hpp"

#include <deque>

namespace usher::cluster {

/// How many letters went to each node lately. Of those that were under way when
/// a link fell nobody hears whether they arrived. Counts by tenths of a second,
/// and forgets what a link would have missed long ago. One thread.
class recent_letters {
public:
  void note(incarnation to, timestamp now) {
    auto& all = of_[to];
    if (all.empty() || now - all.back().begun >= width)
      all.push_back({now, 0});
    ++all.back().count;
    while (all.front().begun + kept < now)
      all.pop_front();
  }

  /// Those of the last `span` to that node, and at most `width` before; it
  /// forgets them.
  std::uint64_t take(incarnation to, duration span, timestamp now) {
    std::uint64_t out = 0;
    for (const auto& one : of_[to])
      if (one.begun + width > now - span)
        out += one.count;
    of_.erase(to);
    return out;
  }

private:
  static constexpr duration width{100};
  static constexpr duration kept{10'000};

  struct tenth {
    timestamp begun;
    std::uint64_t count = 0;
  };

  std::map<incarnation, std::deque<tenth>> of_;
};

} // namespace usher::cluster

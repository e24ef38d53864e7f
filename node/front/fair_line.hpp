#pragma once

#include "node/http/rate_limit.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace usher {

/// Jobs that wait for one worker. Clients take turns, whatever the number of
/// their jobs, so that one who has many makes others wait for one of them only.
/// If there are too many, the client with most jobs loses the last of them. For
/// one thread.
template <class Job>
class fair_line {
public:
  /// Takes a job in. If more than `most` wait then, one is put out and
  /// returned, maybe this one.
  std::optional<Job> add(http::rate_key whose, Job job, std::size_t most) {
    auto& mine = waiting_[whose];
    if (mine.empty())
      turns_.push_back(whose);
    mine.push_back(std::move(job));
    if (++size_ <= most)
      return std::nullopt;
    return put_out(whose);
  }

  /// The next job, of whoever has waited longest for a turn.
  std::optional<Job> next() {
    if (turns_.empty())
      return std::nullopt;
    const auto whose = turns_.front();
    turns_.pop_front();
    auto found = waiting_.find(whose);
    std::optional<Job> out{std::move(found->second.front())};
    found->second.pop_front();
    --size_;
    if (found->second.empty())
      waiting_.erase(found);
    else
      turns_.push_back(whose);
    return out;
  }

  std::size_t size() const { return size_; }

private:
  /// Among equals the newcomer has to go.
  std::optional<Job> put_out(http::rate_key newcomer) {
    auto longest = waiting_.find(newcomer);
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one)
      if (one->second.size() > longest->second.size())
        longest = one;
    std::optional<Job> out{std::move(longest->second.back())};
    longest->second.pop_back();
    --size_;
    if (longest->second.empty()) { // the newcomer's only job: the last turn
      waiting_.erase(longest);
      turns_.pop_back();
    }
    return out;
  }

  std::unordered_map<http::rate_key, std::deque<Job>> waiting_;
  std::deque<http::rate_key> turns_; // whoever has jobs here, once each
  std::size_t size_ = 0;
};

} // namespace usher

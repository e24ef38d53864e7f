#pragma once

#include "node/front/fair_line.hpp"
#include "protocol/error.hpp"

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace usher {

/// Works on passwords, one at a time: that is slow on purpose, so nobody may
/// have it all. Any thread.
class password_line {
public:
  using clock = std::chrono::steady_clock;
  using work = std::function<result<std::string>()>;
  using listener = std::function<void(result<std::string>)>;

  /// Does the work when it is this client's turn, and tells what it came to:
  /// `overloaded`, and maybe at once, if that would not be within its patience.
  void add(http::rate_key whose, clock::duration patience, work what,
           listener told);

private:
  struct job {
    work what;
    listener told;
    clock::time_point too_late;
  };

  std::size_t most_waiting(clock::duration patience) const;
  void take_turn();

  std::mutex lock_; // of the two below
  fair_line<job> line_;
  clock::duration takes_{}; // what one job takes, of late
  boost::asio::thread_pool worker_{1};
};

} // namespace usher

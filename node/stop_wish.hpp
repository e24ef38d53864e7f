#pragma once

#include "protocol/time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace usher {

/// Hears SIGTERM and SIGINT as long as it lives, so that neither ends the
/// process by itself. One at a time; any thread may ask.
class stop_wish {
public:
  stop_wish();
  ~stop_wish();

  stop_wish(const stop_wish&) = delete;
  stop_wish& operator=(const stop_wish&) = delete;

  /// Whether somebody wants the process to stop.
  bool is_there() const;

  /// Returns when somebody does.
  void wait() const;

  /// Returns after this time, or when somebody does; says whether somebody
  /// does.
  bool wait_for(duration) const;

private:
  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_there_ = false;
  std::thread thread_;
};

/// Somebody wanted the process to stop before it had started.
struct told_to_stop : std::runtime_error {
  told_to_stop() : std::runtime_error("told to stop") {}
};

} // namespace usher

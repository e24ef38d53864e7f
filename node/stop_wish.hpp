#pragma once

#include "protocol/time.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace usher {

/// Hears SIGTERM and SIGINT as long as it lives. While there is nothing to give
/// back, either ends the process at once, with 0, whatever that waits for. Then
/// the first is a wish, and one that comes a second later, as the process seems
/// to be stuck, ends it as if nobody heard. One at a time; any thread may ask.
class stop_wish {
public:
  stop_wish();
  ~stop_wish();

  stop_wish(const stop_wish&) = delete;
  stop_wish& operator=(const stop_wish&) = delete;

  /// From now on there is something to give back.
  void be_asked();

  /// The process itself wants to stop; a signal that comes then is the first.
  void wish();

  /// Whether somebody wants the process to stop.
  bool is_there() const;

  /// Returns when somebody does.
  void wait() const;

  /// Returns after this time, or when somebody does; says whether somebody
  /// does.
  bool wait_for(duration) const;

private:
  void hear();

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT};
  boost::asio::steady_timer patience_{io_};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_asked_ = false;
  bool is_there_ = false;
  std::thread thread_;
};

/// Somebody wanted the process to stop before it had started.
struct told_to_stop : std::runtime_error {
  told_to_stop() : std::runtime_error("told to stop") {}
};

} // namespace usher

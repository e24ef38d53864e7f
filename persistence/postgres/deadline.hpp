#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace usher::persistence {

/// Ends a socket that a blocking call waits on for too long: libpq itself waits
/// without end for a server that is stopped (SIGSTOP) or unreachable. One
/// sleeping thread; a call that ends in time does not wake it, nor does the
/// next, unless that is due sooner.
class deadline {
public:
  using clock = std::chrono::steady_clock;

  deadline();
  ~deadline();

  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  /// Shuts the socket down at `when`, unless called off before. The call that
  /// blocks on it then sees the connection end.
  void set(int socket, clock::time_point when);

  /// After this the socket is left alone and may be closed.
  void call_off();

private:
  struct watched {
    int socket;
    clock::time_point when;
  };

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<watched> watched_;
  /// Until when the thread sleeps by itself.
  clock::time_point sleeps_until_ = clock::time_point::max();
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace usher::persistence

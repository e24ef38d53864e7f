#include "persistence/postgres/deadline.hpp"

#include <sys/socket.h>

namespace usher::persistence {

deadline::deadline() : thread_([this] { run(); }) {}

deadline::~deadline() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void deadline::set(int socket, clock::time_point when) {
  bool wake = false;
  {
    std::lock_guard guard(mutex_);
    watched_ = watched{socket, when};
    wake = dozing_;
  }
  if (wake)
    changed_.notify_one();
}

void deadline::call_off() {
  std::lock_guard guard(mutex_);
  watched_.reset();
}

// A timed wait is never cut short: what is set later is also due later.
void deadline::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!watched_) {
      dozing_ = true;
      changed_.wait(lock, [this] { return stopping_ || watched_; });
      dozing_ = false;
    } else if (clock::now() < watched_->when) {
      // By value: the caller may call it off while the lock is released.
      auto until = watched_->when;
      changed_.wait_until(lock, until, [this] { return stopping_; });
    } else {
      ::shutdown(watched_->socket, SHUT_RDWR);
      watched_.reset();
    }
  }
}

} // namespace usher::persistence

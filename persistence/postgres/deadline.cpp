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
    wake = when < sleeps_until_;
  }
  if (wake)
    changed_.notify_one();
}

void deadline::call_off() {
  std::lock_guard guard(mutex_);
  watched_.reset();
}

// A timed wait goes on when its call has ended: the next is mostly due later.
void deadline::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!watched_) {
      sleeps_until_ = clock::time_point::max();
      changed_.wait(lock, [this] { return stopping_ || watched_; });
    } else if (clock::now() < watched_->when) {
      // By value: the caller may call it off while the lock is released.
      const auto until = sleeps_until_ = watched_->when;
      changed_.wait_until(lock, until, [this, until] {
        return stopping_ || (watched_ && watched_->when < until);
      });
    } else {
      ::shutdown(watched_->socket, SHUT_RDWR);
      watched_.reset();
    }
  }
}

} // namespace usher::persistence

#include "node/stop_wish.hpp"

namespace usher {

stop_wish::stop_wish() {
  signals_.async_wait([this](const auto& failed, int) {
    if (failed)
      return;
    {
      const std::lock_guard guard{mutex_};
      is_there_ = true;
    }
    changed_.notify_all();
  });
  thread_ = std::thread([this] { io_.run(); });
}

stop_wish::~stop_wish() {
  io_.stop();
  thread_.join();
}

bool stop_wish::is_there() const {
  return wait_for(duration{0});
}

void stop_wish::wait() const {
  std::unique_lock guard{mutex_};
  changed_.wait(guard, [this] { return is_there_; });
}

bool stop_wish::wait_for(duration how_long) const {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, how_long, [this] { return is_there_; });
}

} // namespace usher

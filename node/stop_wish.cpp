#include "node/stop_wish.hpp"

#include "node/log.hpp"

#include <cstdlib>

namespace usher {

namespace {

/// One wish may come as two signals, from a terminal and from who started us.
constexpr auto one_wish = std::chrono::seconds{1};

} // namespace

stop_wish::stop_wish() {
  signals_.async_wait([this](const auto& failed, int) {
    if (!failed)
      hear();
  });
  thread_ = std::thread([this] { io_.run(); });
}

void stop_wish::hear() {
  {
    const std::lock_guard guard{mutex_};
    if (!is_asked_) {
      log::info("stopped_before_it_served");
      std::_Exit(0); // with the lock, so that nothing begins meanwhile
    }
  }
  wish();
  patience_.expires_after(one_wish);
  patience_.async_wait([this](const auto& failed) {
    if (!failed)
      signals_.clear();
  });
}

void stop_wish::be_asked() {
  const std::lock_guard guard{mutex_};
  is_asked_ = true;
}

void stop_wish::wish() {
  {
    const std::lock_guard guard{mutex_};
    is_there_ = true;
  }
  changed_.notify_all();
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

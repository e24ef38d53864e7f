#include "persistence/lists/read_pool.hpp"

namespace usher::persistence {

read_pool::read_pool(read_pool_settings settings) : with_(std::move(settings)) {
  for (std::size_t i = 0; i < with_.threads; ++i)
    threads_.emplace_back([this] { work(); });
}

read_pool::~read_pool() {
  std::deque<job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
  }
  changed_.notify_all();
  for (auto& one : threads_)
    one.join();
}

bool read_pool::run(job what) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= with_.longest_queue)
      return false;
    jobs_.push_back(std::move(what));
  }
  changed_.notify_one();
  return true;
}

std::size_t read_pool::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void read_pool::work() {
  read_model mine(with_.database);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_)
      return;
    auto next = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    try {
      next(mine);
    } catch (...) {
      // Whoever asked has promised to see to it; the pool lives on.
    }
    next = nullptr; // what it holds goes before the next wait
    lock.lock();
  }
}

} // namespace usher::persistence

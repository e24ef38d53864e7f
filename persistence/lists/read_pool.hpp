#pragma once

#include "persistence/lists/read_model.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace usher::persistence {

struct read_pool_settings {
  pg_options database;
  std::size_t threads = 2; ///< each with a connection of its own
  std::size_t longest_queue = 1'000;
};

/// Threads that read lists, so that nobody else waits for the database. A slow
/// database fills the queue and is then refused to further callers.
class read_pool {
public:
  /// What to do with a read model. It answers for its own errors, `unavailable`
  /// among them: what it lets out is swallowed.
  using job = std::function<void(read_model&)>;

  explicit read_pool(read_pool_settings);

  /// Finishes what is being read; jobs that wait are dropped.
  ~read_pool();

  read_pool(const read_pool&) = delete;
  read_pool& operator=(const read_pool&) = delete;

  /// False if the queue is full: answer `overloaded`. From any thread.
  bool run(job);

  /// Jobs that wait.
  std::size_t waiting() const;

private:
  void work();

  read_pool_settings with_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

} // namespace usher::persistence

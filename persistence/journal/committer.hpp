#pragma once

#include "persistence/journal/batch_builder.hpp"
#include "persistence/journal/writer_gauge.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace usher::persistence {

/// What commits need of their node.
struct commit_settings {
  std::shared_ptr<journal> store;
  std::vector<shard_lease> shards;
  std::shared_ptr<writer_gauge> gauge;
  std::size_t largest_batch = 2000; ///< rows
  /// A row that is larger goes alone. What the database cannot commit within
  /// the time of one call would be offered in vain for ever.
  std::size_t largest_batch_bytes = 4U << 20;
  /// Whether this node's lease surely holds now.
  std::function<bool()> holds_lease = [] { return true; };
  /// Whether nobody waits any more for a database that is away: the node
  /// stops. What is not committed then was never acknowledged.
  std::function<bool()> gives_up = [] { return false; };
  /// Called when this incarnation was declared dead: it must end the process.
  std::function<void()> fenced;
};

/// Commits on a thread of its own, one batch after the other: what comes during
/// one commit is the next batch, so batches grow with the load and nobody waits
/// for a timer. When the database is away it keeps the batch and tries again:
/// what it offers twice is committed once.
class committer {
public:
  /// `durable` hears of each round, in order, on that thread.
  committer(commit_settings, std::function<void(round)> durable);
  ~committer();

  committer(const committer&) = delete;
  committer& operator=(const committer&) = delete;

  /// Returns its number; numbers grow by one from 1. Any thread.
  std::uint64_t add(submission);

  /// Its round is durable only once all that was added before is. Any thread.
  void add(barrier);

  /// Any thread; before anything of these shards is submitted.
  void adopt(const std::vector<shard_lease>&);

  /// Any thread; when nothing of these shards is submitted any more.
  void disown(const std::vector<shard_no>&);

  /// Waits for the commit under way; what has not begun is never committed.
  void stop();

private:
  void run();
  bool is_empty() const;
  bool take(round&);
  bool make_durable(const round&);
  bool wait_for_lease() const;
  bool commit(const batch&) noexcept;

  commit_settings with_;
  std::function<void(round)> durable_;
  std::mutex lock_; // of those down to `stopping_`
  std::condition_variable more_;
  batch_builder builder_;
  std::deque<round> full_; ///< before what the builder has
  bool is_dozing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace usher::persistence

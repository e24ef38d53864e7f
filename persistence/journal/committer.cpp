#include "persistence/journal/committer.hpp"

namespace usher::persistence {

committer::committer(commit_settings settings,
                     std::function<void(round)> durable)
  : with_(std::move(settings)),
    durable_(std::move(durable)),
    builder_(with_.shards),
    thread_([this] { run(); }) {}

committer::~committer() {
  stop();
}

void committer::stop() {
  {
    const std::lock_guard guard{lock_};
    stopping_ = true;
  }
  more_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

std::uint64_t committer::add(submission said) {
  with_.gauge->submitted.fetch_add(1, std::memory_order_relaxed);
  const auto size = size_of(said);
  with_.gauge->bytes_held.fetch_add(size.in_memory, std::memory_order_relaxed);
  std::unique_lock guard{lock_};
  if (builder_.bytes() > 0
      && builder_.bytes() + size.in_batch > with_.largest_batch_bytes)
    full_.push_back(builder_.take());
  const auto number = builder_.add(std::move(said), size);
  if (builder_.rows() >= with_.largest_batch)
    full_.push_back(builder_.take());
  const bool wake = std::exchange(is_dozing_, false);
  guard.unlock();
  if (wake)
    more_.notify_one();
  return number;
}

void committer::add(barrier who) {
  {
    const std::lock_guard guard{lock_};
    builder_.add(std::move(who));
  }
  more_.notify_one();
}

void committer::adopt(const std::vector<shard_lease>& more) {
  const std::lock_guard guard{lock_};
  builder_.adopt(more);
}

void committer::disown(const std::vector<shard_no>& less) {
  const std::lock_guard guard{lock_};
  builder_.disown(less);
}

void committer::run() {
  round next;
  while (take(next) && make_durable(next))
    durable_(std::exchange(next, {}));
}

bool committer::is_empty() const {
  return full_.empty() && builder_.is_empty();
}

/// False when it is time to stop.
bool committer::take(round& next) {
  std::unique_lock guard{lock_};
  while (!stopping_ && is_empty()) {
    is_dozing_ = true;
    more_.wait(guard);
  }
  is_dozing_ = false;
  if (stopping_)
    return false;
  if (full_.empty()) {
    next = builder_.take();
  } else {
    next = std::move(full_.front());
    full_.pop_front();
  }
  return true;
}

bool committer::make_durable(const round& next) {
  return next.is_only_words() ? wait_for_lease() : commit(next.what);
}

/// What rests on memory alone is true only while nobody else can own it. A
/// commit needs no clock: its fence has just looked.
bool committer::wait_for_lease() const {
  while (!with_.holds_lease()) {
    if (with_.gives_up())
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

/// Whatever else is thrown is a bug and ends the process: one that lived on
/// without a writer would keep its shards and answer nobody.
bool committer::commit(const batch& what) noexcept {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    try {
      if (with_.store->commit(what) == verdict::fenced) {
        with_.fenced();
        return false;
      }
      break;
    } catch (const unavailable&) {
      with_.gauge->stalled = true;
      if (with_.gives_up())
        return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }
  with_.gauge->stalled = false;
  ++with_.gauge->batches;
  with_.gauge->rows += what.rows.size();
  with_.gauge->commit_micros +=
    std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start)
      .count();
  return true;
}

} // namespace usher::persistence

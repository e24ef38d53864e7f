#pragma once

#include "persistence/store.hpp"
#include "protocol/messages.hpp"

#include <array>
#include <atomic>
#include <unordered_map>

namespace usher::persistence {

/// Figures of one writer that others may read at any time.
struct writer_gauge {
  std::atomic<std::uint64_t> submitted = 0; ///< words taken in
  std::atomic<std::uint64_t> released = 0;  ///< of these, durable and let out
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::int64_t> commit_micros = 0; ///< summed over batches
  std::atomic<bool> stalled = false;           ///< the database is away
};

/// Whom the writer tells of what became durable.
struct audience {
  std::vector<caf::actor> bridges; ///< by number, from 1
  caf::actor archive;              ///< for snapshots
  caf::actor alarm_clock;
  caf::actor gateway; ///< for errands
  /// Who follows the journal. The predicate is asked for each row.
  std::vector<std::pair<std::function<bool(const entry&)>, caf::actor>>
    followers;
};

struct writer_settings {
  std::shared_ptr<journal> store;
  std::vector<shard_lease> shards;
  std::shared_ptr<const audience> to;
  std::shared_ptr<writer_gauge> gauge;
  std::size_t largest_batch = 2000;
  /// Called when this incarnation was declared dead: it must end the process.
  std::function<void()> fenced;
};

/// Collects what belongs into one transaction, and what may be said once it is
/// committed. Pure: no actor, no clock, no I/O.
class batch_builder {
public:
  explicit batch_builder(const std::vector<shard_lease>&);

  void add(submission);
  void add(barrier);

  std::size_t rows() const { return next_.rows.size(); }

  /// True if nothing has to be committed before what waits may be said.
  bool is_only_words() const {
    return next_.rows.empty() && next_.alarms.empty();
  }

  /// What waits for a commit.
  struct words {
    std::vector<response> answers;
    std::vector<errand> errands;
    std::vector<snapshot> pictures;
    std::vector<caf::actor> barriers;
    std::uint64_t submissions = 0;
  };

  struct round {
    batch what;
    words then;
  };

  /// Hands out the batch with its words, and begins the next.
  round take();

private:
  struct position {
    std::int32_t epoch = 0; ///< 0 = not ours
    std::uint64_t lsn = 0;
  };

  std::array<position, shard_count> shards_{};
  std::uint64_t journaled_ = 0;
  batch next_;
  std::unordered_map<entity_id, std::size_t> alarm_of_; // in next_
  words waiting_;
};

/// Writes the journal: one detached actor a connection. While one commit is
/// under way the next batch gathers in the mailbox, so batches grow with the
/// load and nobody waits for a timer. When the database is away it keeps the
/// batch and tries again: what it offers twice is committed once.
class journal_writer final : public caf::event_based_actor {
public:
  journal_writer(caf::actor_config& cfg, writer_settings settings);

private:
  caf::behavior make_behavior() override;
  void on_exit() override;

  void expect_flush();
  void flush();
  bool commit(const batch&);
  void let_out(batch_builder::round finished);
  void tell_followers(const batch& finished);

  writer_settings with_;
  batch_builder builder_;
  bool flush_expected_ = false;
};

} // namespace usher::persistence

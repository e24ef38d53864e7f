#pragma once

#include "persistence/batch_builder.hpp"

#include <atomic>

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
  std::function<void(request)> send_abroad; ///< to entities of other nodes
  std::function<void(response)> answer_abroad;
};

struct writer_settings {
  std::shared_ptr<journal> store;
  std::vector<shard_lease> shards;
  std::shared_ptr<const audience> to;
  std::shared_ptr<writer_gauge> gauge;
  std::size_t largest_batch = 2000;
  /// Whether this node's lease surely holds now.
  std::function<bool()> holds_lease = [] { return true; };
  /// Whether nobody waits any more for a database that is away: the node
  /// stops. What is not committed then was never acknowledged.
  std::function<bool()> gives_up = [] { return false; };
  /// Called when this incarnation was declared dead: it must end the process.
  std::function<void()> fenced;
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
  bool wait_for_lease() const;
  bool commit(const batch&) noexcept;
  void let_out(round finished);
  void tell_followers(const batch& finished);

  writer_settings with_;
  batch_builder builder_;
  bool flush_expected_ = false;
};

} // namespace usher::persistence

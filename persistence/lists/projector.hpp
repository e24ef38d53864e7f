#pragma once

#include "persistence/lists/list_writer.hpp"
#include "protocol/messages.hpp"

#include <array>

namespace usher::persistence {

/// Keeps the lists a fold of the journal. The rows of a batch and the
/// checkpoints of its shards are one statement, in which each checkpoint moves
/// only if it is where this projector believes it to be: whatever is offered
/// twice, by whomever, is applied once. For one thread.
class projector {
public:
  explicit projector(pg_options);

  /// What was done since this was made.
  struct tally {
    std::uint64_t entries = 0;
    std::uint64_t batches = 0;
    std::uint64_t unreadable = 0; ///< entries that no list can show: skipped
    std::uint64_t overtaken = 0;  ///< batches another projector was ahead of
  };

  const tally& done() const { return done_; }

  /// Afterwards all entries are in the lists. Of each shard they must come in
  /// order and have all that is listed beyond its checkpoint; what is at or
  /// below it is skipped. After `unavailable` they may be offered again.
  void apply(const std::vector<published_entry>&);

  /// Reads the next piece of the journal of these shards, from their
  /// checkpoints on. Returns those of which there may be more: none when the
  /// lists have all that was durable at the time of the call.
  std::vector<shard_no> step(const std::vector<shard_no>& shards);

  /// Steps until nothing is left.
  void catch_up(std::vector<shard_no> shards);

private:
  using entries = std::vector<published_entry>;
  using moves = std::vector<checkpoint_move>;

  void learn(const std::vector<shard_no>&);
  void learn_missing(const std::vector<shard_no>&);
  entries read(const std::vector<shard_no>&, std::size_t most_of_each);
  entries beyond_checkpoints(const entries&) const;
  moves moves_for(const entries&) const;
  list_changes fold(const entries&);
  void settle(const moves&);
  bool write(const entries&, const moves&);
  bool write_singly(const entries&, const moves&);
  bool offer(const list_changes&, const moves&);

  static constexpr std::int64_t unknown = -1;

  pg_link link_;
  std::array<std::int64_t, shard_count> checkpoints_;
  tally done_;
};

} // namespace usher::persistence

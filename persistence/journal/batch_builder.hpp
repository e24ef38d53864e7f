#pragma once

#include "persistence/store.hpp"
#include "protocol/messages.hpp"

#include <array>
#include <unordered_map>

namespace usher::persistence {

/// What may leave the node once the batches before it are durable.
struct words {
  std::vector<response> answers;
  std::vector<request> mail;
  std::vector<errand> errands;
  std::vector<snapshot> pictures;
  std::vector<caf::actor> barriers;
  std::uint64_t submissions = 0;
  std::uint64_t bytes = 0; ///< in memory, about
};

/// What was gathered while the last batch was on its way.
struct round {
  batch what;
  words then;
  std::uint64_t upto = 0; ///< the number of the last submission in it

  /// Whether nothing has to be committed before `then` may be said.
  bool is_only_words() const {
    return what.rows.empty() && what.alarms.empty();
  }
};

/// About how many bytes a submission is.
struct submission_size {
  std::size_t in_batch = 0;  ///< none if there is nothing to commit
  std::size_t in_memory = 0; ///< until it is durable and let out
};

submission_size size_of(const submission&);

/// Collects what belongs into one transaction, and what may be said once it is
/// durable. Pure: no actor, no clock, no I/O.
class batch_builder {
public:
  /// Writes these shards, and has written nothing yet.
  explicit batch_builder(const std::vector<shard_lease>&);

  /// Begins to write these shards; goes on where it was in the same epoch.
  void adopt(const std::vector<shard_lease>&);

  /// Writes these shards no more.
  void disown(const std::vector<shard_no>&);

  /// Returns its number, from 1.
  std::uint64_t add(submission);

  /// The same, where its size is known already.
  std::uint64_t add(submission, const submission_size&);

  /// Whoever asks is told with the words of all that was added before.
  void add(barrier);

  /// Rows of the next batch.
  std::size_t rows() const { return next_.rows.size(); }

  /// Bytes of the next batch, about.
  std::size_t bytes() const { return bytes_; }

  /// Whether there is nothing to commit, nor anybody to be told.
  bool is_empty() const;

  /// Hands out what was gathered, and begins anew.
  round take();

private:
  struct position {
    std::int32_t epoch = 0;
    std::uint32_t rows = 0; ///< in that epoch
    bool is_ours = false;
  };

  std::array<position, shard_count> shards_{};
  std::uint64_t journaled_ = 0;
  batch next_;
  std::size_t bytes_ = 0;                               ///< of next_
  std::unordered_map<entity_id, std::size_t> alarm_of_; // in next_
  words waiting_;
  std::uint64_t submitted_ = 0;
};

} // namespace usher::persistence

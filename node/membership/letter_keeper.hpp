#pragma once

#include "cluster/dead_letters.hpp"
#include "persistence/postgres/pg_dead_letters.hpp"

#include <condition_variable>
#include <thread>

namespace usher {

/// Keeps the dead letters of this node in the database, so that its next life
/// has them: in a thread of its own, which sleeps until they change. What
/// changed in the last moment before a crash is not kept, nor is a command that
/// is longer than 64 KiB.
class letter_keeper {
public:
  /// Adds those of the last life as soon as the database answers.
  letter_keeper(persistence::pg_options, std::string node,
                cluster::dead_letters&);

  /// Keeps what changed last, if the database answers at once.
  ~letter_keeper();

  letter_keeper(const letter_keeper&) = delete;
  letter_keeper& operator=(const letter_keeper&) = delete;

private:
  void run();
  bool load();
  bool keep();

  const std::string node_;
  cluster::dead_letters& letters_;
  persistence::pg_dead_letters kept_; // the thread's own
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_changed_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

} // namespace usher

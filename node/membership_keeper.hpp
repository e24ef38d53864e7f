#pragma once

#include "persistence/store.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace usher {

/// Holds this process's place among the members: a lock on its home, so that no
/// two processes live in one, a lease that is renewed in a thread of its own,
/// and the shards.
class membership_keeper {
public:
  struct options {
    std::string home;
    std::string address; ///< how others may reach this node
    duration ttl;
    duration renew;
    /// Called when this incarnation was declared dead: must end the process.
    std::function<void()> declared_dead;
    /// Called after each renewal: whether PostgreSQL answered.
    std::function<void(bool)> database_answers = [](bool) {};
  };

  membership_keeper(std::shared_ptr<persistence::registry> members,
                    options chosen);
  ~membership_keeper();

  /// Enters as a new incarnation. The last one of this home is certainly dead,
  /// as the home is locked: it is buried without waiting for its lease to end.
  /// Throws std::runtime_error if another process lives here.
  persistence::membership enter();

  /// Takes all shards that are free, until there is none that is not ours.
  /// Waits for the leases of the dead; `progress` hears how many are missing.
  std::vector<persistence::shard_lease>
  take_all_shards(const std::function<void(std::size_t)>& progress);

  /// Leaves, after the last append.
  void leave();

private:
  void lock_home();
  void bury_the_last_of_this_home();
  void keep_alive();

  std::shared_ptr<persistence::registry> members_;
  options chosen_;
  int lock_ = -1;
  persistence::incarnation self_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex using_members_; // the connection serves one thread at a time
  std::thread renewing_;
};

} // namespace usher

#pragma once

#include "persistence/pg_link.hpp"
#include "protocol/membership.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace usher {

/// Looks at the members and shards of another cell, in a thread of its own:
/// twice a second, and when poked. It only reads: who is alive there, and who
/// owns what, is decided there. While that PostgreSQL is down nothing comes,
/// and what was last seen is still the best that is known.
class cell_watch {
public:
  struct options {
    cell_no which = first_cell;
    persistence::pg_options database;
    /// Each look, on the thread of the watch.
    std::function<void(const cluster_view&)> seen;
  };

  explicit cell_watch(options);
  ~cell_watch();

  cell_watch(const cell_watch&) = delete;
  cell_watch& operator=(const cell_watch&) = delete;

  /// Something moved there: looks soon. Any thread.
  void poke();

private:
  void keep_watch();
  void tell(bool answers);

  /// False when it is time to stop.
  bool sleep(std::chrono::milliseconds at_least);

  options with_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_poked_ = false;
  bool is_over_ = false;
  bool answers_ = true; // the thread's own
  std::thread thread_;
};

} // namespace usher

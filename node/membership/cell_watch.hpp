#pragma once

#include "persistence/postgres/pg_neighbours.hpp"
#include "persistence/postgres/pg_registry.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace usher {

/// Looks at the members and shards of another cell, in a thread of its own:
/// twice a second, and when poked. It only reads: who is alive there, and who
/// owns what, is decided there. While that PostgreSQL is silent, what was last
/// seen is still the best that is known: by this node, or by another of its
/// cell, as all of them leave in their own database what they saw.
class cell_watch {
public:
  struct options {
    cell_no which = first_cell;
    persistence::pg_options database; ///< of that cell
    persistence::pg_options ours;     ///< of our own
    /// Each look, on the thread of the watch; hearsay is what another saw.
    std::function<void(const cluster_view&, bool is_hearsay)> seen;
  };

  explicit cell_watch(options);
  ~cell_watch();

  cell_watch(const cell_watch&) = delete;
  cell_watch& operator=(const cell_watch&) = delete;

  /// Something moved there: looks soon. Any thread.
  void poke();

private:
  enum class found : std::uint8_t { it, silence, another };

  void keep_watch();
  found look();
  void leave_word(const cluster_view& seen);
  void ask_ours();
  void tell(found what);

  /// False when it is time to stop.
  bool sleep(std::chrono::milliseconds at_least);

  options with_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_poked_ = false;
  bool is_over_ = false;
  // The thread's own:
  persistence::pg_registry there_;
  persistence::pg_neighbours ours_;
  cluster_view left_; // word of this
  std::chrono::steady_clock::time_point next_word_;
  timestamp latest_; // by the clock of that cell
  found told_ = found::it;
  cell_no another_ = first_cell; ///< that was found instead
  std::thread thread_;
};

} // namespace usher

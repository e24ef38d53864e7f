#pragma once

#include "config/settings.hpp"
#include "persistence/lists/read_pool.hpp"

#include <atomic>
#include <map>

namespace usher {

/// The rows of a list that the cells have which answered.
struct gathered {
  std::vector<persistence::list_part> parts; ///< at least one
  bool is_incomplete = false;                ///< some cell did not answer
};

/// How to reach the database of each cell, to read there: `own` is ours.
std::map<cell_no, persistence::pg_options>
databases_of(const config::cluster&, const persistence::pg_options& own);

/// The lists of all cells, each with threads and connections of its own. Any
/// thread.
class cell_lists {
public:
  /// How to reach the database of each cell.
  using databases = std::map<cell_no, persistence::pg_options>;

  cell_lists(const databases&, std::size_t threads);

  /// Whether there is such a cell.
  bool has(cell_no cell) const { return cells_.contains(cell); }

  /// Cells that there are, silent ones among them.
  std::size_t count() const { return cells_.size(); }

  /// Runs a query in a cell that there is, and then tells `done` how that went,
  /// from any thread: ok, unavailable, overloaded, or internal, which is
  /// logged. One of several cells that was found silent is left out until it
  /// answers again, which is looked for once a second.
  void run(cell_no, persistence::read_pool::job,
           std::function<void(errc)> done);

  /// Runs a query in all cells, and tells `done` once, from any thread.
  void gather(
    std::function<result<persistence::list_part>(persistence::read_model&)>,
    std::function<void(result<gathered>)> done);

private:
  struct one_cell {
    explicit one_cell(persistence::read_pool_settings settings)
      : pool(std::move(settings)) {}

    bool is_silent() const { return silent_until != 0; }

    void probe_if_due(); ///< looks whether it still is, once a second
    errc attempt(const persistence::read_pool::job&, persistence::read_model&,
                 bool may_leave_out);

    std::atomic<std::int64_t> silent_until = 0; ///< by the steady clock
    persistence::read_pool pool;
  };

  struct gathering;

  std::map<cell_no, one_cell> cells_;
};

} // namespace usher

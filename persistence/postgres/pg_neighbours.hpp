#pragma once

#include "persistence/postgres/pg_link.hpp"

#include <optional>

namespace usher::persistence {

/// What the nodes of a cell last saw of the other cells, kept in their own
/// database for those of them that cannot look there. Of each view only who
/// can be dialed and who owns what. For one thread; throws `unavailable`.
class pg_neighbours {
public:
  /// The database of one's own cell.
  explicit pg_neighbours(pg_options);

  /// Keeps what was seen of that cell, unless somebody has seen it later.
  void remember(cell_no, const cluster_view&);

  /// The last that any of us saw, if it is later than `after` by the clock of
  /// that cell.
  std::optional<cluster_view> recall(cell_no, timestamp after);

private:
  pg_link link_;
};

} // namespace usher::persistence

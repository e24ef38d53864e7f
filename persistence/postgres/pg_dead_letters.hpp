#pragma once

#include "persistence/postgres/pg_link.hpp"

#include <map>

namespace usher::persistence {

/// A command that crashed its entity, as it is kept.
struct kept_letter {
  std::uint64_t number = 0; ///< of the node that has it
  std::string command;      ///< as it travels between nodes
  std::uint32_t crashes = 0;
  timestamp at; ///< the last time
  std::string why;

  bool operator==(const kept_letter&) const = default;
};

/// The dead letters of nodes, by name, in PostgreSQL. For one thread; throws
/// `unavailable`.
class pg_dead_letters {
public:
  explicit pg_dead_letters(pg_options);

  /// Those that the node of that name had last.
  std::vector<kept_letter> load(const std::string& node);

  /// Those of all nodes that have any, by name, living and gone.
  std::map<std::string, std::vector<kept_letter>> load_all();

  /// It has these now, and no others. Durable when this returns.
  void keep(const std::string& node, const std::vector<kept_letter>&);

private:
  pg_link link_;
};

} // namespace usher::persistence

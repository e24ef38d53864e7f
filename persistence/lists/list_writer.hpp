#pragma once

#include "persistence/lists/list_changes.hpp"
#include "persistence/postgres/pg_link.hpp"

namespace usher::persistence {

/// A shard's checkpoint, from where it is to where it goes.
struct checkpoint_move {
  shard_no shard = 0;
  std::int64_t from = 0;
  std::int64_t upto = 0;
};

/// What `write_lists` wants prepared.
std::vector<pg_statement> list_statements();

/// The state in which the statement ends when a checkpoint is not where it was
/// believed to be: division by zero.
constexpr auto overtaken_state = "22012";

/// Writes rows and checkpoints in one statement: all of it or, with
/// `overtaken_state`, none. The moves must be sorted by shard.
void write_lists(pqxx::nontransaction&, const list_changes&,
                 const std::vector<checkpoint_move>&);

} // namespace usher::persistence

#pragma once

#include "persistence/postgres/pg_audit.hpp"
#include "persistence/postgres/pg_dead_letters.hpp"
#include "persistence/postgres/pg_link.hpp"
#include "persistence/store.hpp"
#include "protocol/journal.hpp"

#include <boost/json.hpp>

#include <limits>
#include <optional>

/// What PostgreSQL alone knows of an installation.
namespace usher::inspect {

/// No entity has more versions.
constexpr version end_of_time = std::numeric_limits<std::int32_t>::max();

/// One life of a node, as its row says.
struct member_row {
  incarnation self = 0;
  bool is_alive = false; ///< not declared dead
  timestamp joined_at;
  duration lease_left{}; ///< by the database's clock; negative when it is over
  std::uint64_t journaled = 0;
  std::uint32_t shards = 0;
  boost::json::object rest; ///< the row: columns of other versions, too
};

/// A member's own name, and where other nodes reach it; empty if its version
/// of the schema does not say.
std::string name_of(const member_row&);
std::string cluster_address_of(const member_row&);

/// serving or draining; overdue when its lease is over and nobody has noticed
/// yet; dead.
std::string_view state_of(const member_row&);

struct shard_row {
  shard_no shard = 0;
  std::int32_t epoch = 0;
  std::optional<incarnation> owner;
  std::optional<std::string> pinned; ///< to the node of that name
};

/// One row of the journal, with its place.
struct journal_entry {
  shard_no shard = 0;
  std::uint64_t lsn = 0;
  std::int32_t epoch = 0;
  entity_id entity;
  version now = 0;
  timestamp at;
  std::string facts;
  std::optional<std::string> request; ///< JSON of the remembered answer
  std::optional<uuid> trace;          ///< if it was asked for, and is known
};

/// What was committed up to some moment.
struct journal_end {
  std::string snapshot;     ///< PostgreSQL's own, as text
  std::uint64_t rows = 0;   ///< that all writers together had journaled
  std::uint64_t blocks = 0; ///< of the table
};

/// What is stored of one entity beside its rows.
struct keeping {
  shard_no shard = 0;
  std::optional<version> last; ///< no row at all: none
  std::optional<timestamp> last_at;
  std::optional<version> snapshot;
  std::optional<timestamp> alarm;
};

/// Reads, and never writes: its sessions are read-only. For one thread. Every
/// call throws persistence::unavailable while PostgreSQL does not answer.
class stored {
public:
  explicit stored(persistence::pg_options);

  /// For each call that begins from now on.
  void wait_at_most(duration);

  /// The database's clock.
  timestamp now();

  /// The living, those who own shards, and the last `dead` of the others.
  std::vector<member_row> members(std::uint32_t dead);

  std::vector<shard_row> shards();

  /// The kinds that have rows or snapshots under this id.
  std::vector<entity_kind> kinds_of(const uuid&);

  keeping keeping_of(const entity_id&);

  /// The newest snapshot, if it is not beyond `upto`.
  std::optional<snapshot> base_of(const entity_id&, version upto);

  /// Rows of an entity with `after < version <= upto`, oldest first, at most
  /// `limit`; with `newest`, the last of them.
  std::vector<journal_entry> rows_of(const entity_id&, version after,
                                     version upto, std::size_t limit,
                                     bool newest = false);

  /// Adds to rows the trace under which they came to be, if that was kept.
  void name_traces(std::vector<journal_entry>&);

  /// Rows that came to be under a trace, oldest first, at most `limit`.
  std::vector<journal_entry> rows_under(const uuid& trace, std::size_t limit);

  /// The last version at this moment; 0 if the entity did not exist yet.
  version version_at(const entity_id&, timestamp);

  journal_end end();

  /// Rows of that kind that were committed beyond `from`, which moves to now,
  /// in the order of each shard: the first `limit`, without missing one.
  std::vector<journal_entry> rows_beyond(journal_end& from, entity_kind,
                                         std::size_t limit);

  /// What was done by hand, the last so many, oldest first.
  std::vector<persistence::audited> audit(std::size_t limit);

  /// The dead letters that nodes had last, by the nodes' names.
  std::map<std::string, std::vector<persistence::kept_letter>> dead_letters();

private:
  persistence::pg_options options_;
  persistence::pg_link link_;
};

} // namespace usher::inspect

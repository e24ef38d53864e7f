#pragma once

#include "protocol/journal.hpp"

#include <cstdint>
#include <stdexcept>
#include <vector>

/// What the rest of the program knows of PostgreSQL. The PostgreSQL store and
/// the memory store (tests only) both keep these promises.
namespace usher::persistence {

/// The database cannot be asked now. Nothing is known about the call that was
/// under way; every call of these interfaces may be repeated as it was.
struct unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using usher::incarnation;
using usher::shard_lease;

/// An entry with its place in the journal.
struct journal_row {
  shard_no shard = 0;
  std::uint64_t lsn = 0;
  std::int32_t epoch = 0;
  entry what;
};

/// What one transaction makes durable.
struct batch {
  std::uint64_t from = 0; ///< rows this incarnation had journaled before it
  std::uint64_t upto = 0; ///< and has with it: from + rows.size()
  std::vector<journal_row> rows;
  std::vector<alarm> alarms; ///< at most one for each entity
};

enum class verdict : std::uint8_t {
  durable, ///< all of it is committed, now or by an earlier try
  fenced,  ///< none of it is, nor ever will be: this incarnation is over
};

/// The writing side. One connection, one thread.
class journal {
public:
  virtual ~journal() = default;

  /// Commits the batch as one statement, fenced by the member row of this
  /// incarnation: `UPDATE member SET journaled = upto WHERE incarnation = ? AND
  /// alive AND journaled = from`. After `unavailable` the same batch may be
  /// offered again: if the first try did commit, the answer is `durable`.
  virtual verdict commit(const batch&) = 0;
};

/// The reading side. Its own connection, its own thread.
class archive {
public:
  virtual ~archive() = default;

  /// Everything stored of each entity, in the order asked for; an unknown
  /// entity has an empty history. Answers older than 24 hours are left out.
  virtual std::vector<history> load(const std::vector<entity_id>&) = 0;

  /// The alarms due up to `until`, soonest first, at most `limit`, of the
  /// shards that `owner` holds.
  virtual std::vector<alarm> due(incarnation owner, timestamp until,
                                 std::size_t limit) = 0;

  /// Keeps a snapshot unless a newer one is there.
  virtual void save(const std::vector<snapshot>&) = 0;
};

/// What a node is in its cluster.
struct membership {
  incarnation self = 0;
  timestamp now;         ///< the database's clock
  timestamp lease_until; ///< by the same clock
};

/// Membership by leases on database time.
class registry {
public:
  virtual ~registry() = default;

  /// Enters this process as a new, living member with a lease of `ttl`, and
  /// marks dead every member whose lease is over by the database's clock.
  virtual membership join(const std::string& address, duration ttl) = 0;

  /// Prolongs the lease; false means that this process was declared dead.
  virtual bool renew(incarnation, duration ttl) = 0;

  /// Takes every shard that no living member owns: bumps its epoch, and tells
  /// where its journal stands. Returns all shards that `self` owns now.
  virtual std::vector<shard_lease> take_free_shards(incarnation self) = 0;

  /// Gives back the lease and the shards, after the last append.
  virtual void leave(incarnation) = 0;
};

} // namespace usher::persistence

#pragma once

#include "protocol/journal.hpp"
#include "protocol/membership.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// What the journal, the archive and the registry of members promise. Both the
/// PostgreSQL store and that of tests, in memory, keep to it.
namespace usher::persistence {

/// The database cannot be asked now. Nothing is known about the call that was
/// under way; every call of these interfaces may be repeated as it was.
struct unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Another living member has that name.
struct name_taken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An entry with its place in the journal.
struct journal_row {
  shard_no shard = 0;
  std::uint64_t lsn = 0; ///< by make_lsn
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

/// What the database says to one who is still a member.
struct renewal {
  timestamp now;                              ///< the database's clock
  timestamp lease_until;                      ///< by the same clock
  member_state state = member_state::serving; ///< an operator may have set it
};

/// How long a member may be silent before a suspicion is acted on. An owner
/// that heard of its renewal longer ago than this may have been replaced.
constexpr duration longest_silence(duration ttl) {
  return ttl * 3 / 8;
}

/// Membership by leases on database time. A member is alive until somebody
/// declares it dead, and never again after that. Any thread.
class registry {
public:
  virtual ~registry() = default;

  /// Enters this process as a new, living, serving member with a lease of
  /// `ttl`. Throws `name_taken` while a living member is called so; whoever
  /// tries again and again for a lease of that one, and it is over, buries it.
  virtual membership join(const introduction&, duration ttl) = 0;

  /// Prolongs the lease; nothing means that this process was declared dead.
  virtual std::optional<renewal> renew(incarnation, duration ttl) = 0;

  /// Everybody and everything that the database knows, at one moment.
  virtual cluster_view look() = 0;

  /// Takes those of `wanted` that no living member owns and bumps their epochs.
  /// Returns those of `wanted` that `self` owns now: nobody else will ever
  /// write them in that epoch.
  virtual std::vector<shard_lease>
  take(incarnation self, const std::vector<shard_no>& wanted) = 0;

  /// Makes `to` the owner of those that `self` owns in just that epoch, if both
  /// are alive. The owner must have ceased to write them, and all it wrote must
  /// be durable. Returns those that are not the caller's any more, now or by an
  /// earlier try; the others are, and no late echo of this call moves them.
  virtual std::vector<shard_no> hand_over(incarnation self,
                                          const std::vector<shard_lease>&,
                                          incarnation to) = 0;

  /// All shards that `self` owns.
  virtual std::vector<shard_lease> owned(incarnation self) = 0;

  /// Declares dead whoever let its lease run out, and ends its sessions.
  /// Nobody is judged by one whose own lease is over, or which entered or was
  /// late less than a lease ago, nor before the database has been up for a
  /// lease. Returns whom.
  virtual std::vector<incarnation> declare_dead(incarnation by) = 0;

  /// Declares `whom` dead before its lease is over if it was silent for longer
  /// than it may be and its session is gone, which is how a killed process
  /// looks. Judges as `declare_dead` does otherwise. True if it is dead now.
  virtual bool suspect(incarnation by, incarnation whom) = 0;

  /// The database's clock was set, which `by` has seen: every living member has
  /// a whole lease by the clock as it is now, and nobody is judged for so long.
  virtual void promise_anew(incarnation by) = 0;

  /// Sets the living member of that name to draining, unless it is the last
  /// worker that serves: so not even two at once leave shards to nobody. False
  /// if it is that, or if there is no such member.
  virtual bool drain(const std::string& name) = 0;

  /// Sets that member to draining, as it is about to leave; false if it is not
  /// alive.
  virtual bool drain(incarnation) = 0;

  /// Pins the shard to the node of that name, for all its lives to come. False,
  /// and nothing is changed, unless a living, serving worker that knows of pins
  /// is called so.
  virtual bool pin(shard_no, const std::string& name) = 0;

  /// Takes the pin of the shard away, if there is one.
  virtual void unpin(shard_no) = 0;

  /// Gives back the lease and the shards, after the last append.
  virtual void leave(incarnation) = 0;

  /// Does that for the last life of who is called so: its home remembers the
  /// number. In another database that may be a stranger's, who is left alone.
  virtual void bury_last(incarnation, const std::string& name) = 0;
};

} // namespace usher::persistence

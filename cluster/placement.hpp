#pragma once

#include "protocol/membership.hpp"

#include <string_view>
#include <vector>

/// Which node is to own which shard. Pure: all who see the same members agree,
/// without a word between them.
///
/// Weighted rendezvous hashing: every worker draws a number for every shard,
/// from its name and the shard alone, and the best number wins. A member that
/// comes wins only what it now draws best, and one that goes leaves only its
/// own to others, so nothing else moves. Who comes back under its name wins
/// what it had. With three equal members of 256 shards a share of 85 varies by
/// about 8 (one standard deviation).
///
/// What an operator pinned to a name goes to the living, serving worker of that
/// name; while there is none, to the winner as ever.
///
/// Whoever drains wins nothing. But where no worker serves, what nobody owns
/// falls to those who drain and own any: they keep it until somebody comes who
/// serves. Those of versions before 5 never take it.
namespace usher::cluster {

/// A shard that is to have another owner.
struct gift {
  shard_no shard = 0;
  incarnation to = 0;

  bool operator==(const gift&) const = default;
};

/// What one member is to do to bring the placement about.
struct moves {
  std::vector<shard_no> take; ///< nobody living owns them, and they fall to us
  std::vector<gift> give;     ///< we own them, and another serving worker wins
};

/// The member that is to own the shard: the one that it is pinned to or, of the
/// serving workers, the one that draws best; 0 if there is none. One without an
/// address wins nothing beside those that have one.
incarnation winner_of(const cluster_view&, shard_no);

/// Why the shard cannot be moved to the node of that name; empty if it can.
std::string_view why_not_move(const cluster_view&, shard_no,
                              std::string_view to);

/// What `self` is to take and to give. Takes nothing that a living member owns,
/// gives nothing to one whose lease is over: it is waited for.
moves plan(const cluster_view&, incarnation self);

/// Every shard whose living owner is not its winner, with the winner: what is
/// yet to move, whoever has to do it.
std::vector<gift> misplaced(const cluster_view&);

} // namespace usher::cluster

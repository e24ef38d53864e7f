#pragma once

#include "protocol/entity.hpp"
#include "protocol/time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// Who is in the cluster, and who owns what.
namespace usher {

/// One life of a node: a new number each time, from 1, never reused. Each cell
/// has its own range of them, so they are unique in the whole installation.
using incarnation = std::int64_t;

/// So many that 64 cells fit into 31 bits, as advisory locks want it.
constexpr incarnation lives_of_a_cell = 1 << 25;

/// The cell of a living or dead node.
inline cell_no cell_of_life(incarnation who) {
  return static_cast<cell_no>(who / lives_of_a_cell);
}

enum class member_state : std::uint8_t {
  serving,
  draining, ///< gives away what it owns and takes nothing more
};

/// The versions of the nodes' own protocol that this program speaks.
/// 2: a request says how long it is waited for; shards may be pinned.
/// 3: a command or an answer that cannot be read is refused or lost alone, and
/// the link stays. Commands of later versions: see first_version_of().
/// 4: nodes tell each other whom they have links to, and relay.
/// 5: waiting rooms are watched and cleared, let people in at another rate, and
/// hear who shows up; accounts take another password, events note the keys of
/// requests to their blocks.
/// 6: sessions end with a cancelled event, allowances list their sessions,
/// carts give back a part of their places, drafts are changed, and
/// organizations take in members.
constexpr std::uint16_t oldest_protocol = 1;
constexpr std::uint16_t newest_protocol = 6;

/// The first version whose nodes know of pins. To others nothing is pinned:
/// they would give it back at once.
constexpr std::uint16_t first_with_pins = 2;

/// The first version whose nodes relay for two that have no link, and can be
/// reached so.
constexpr std::uint16_t first_with_detours = 4;

/// The first version whose nodes take an organizer's orders for a waiting room,
/// and wait but a short time for who does not show up.
constexpr std::uint16_t first_with_run_rooms = 5;

/// The first version whose nodes, when they drain, take what nobody else would.
constexpr std::uint16_t first_with_last_resort = 5;

/// The first version whose nodes change the password of an account.
constexpr std::uint16_t first_with_new_passwords = 5;

/// The first version whose nodes let an event note the key of a request.
constexpr std::uint16_t first_with_noted_keys = 5;

/// The first version whose nodes end the sessions of a cancelled event.
constexpr std::uint16_t first_with_wound_up_sessions = 6;

/// The first version whose nodes list the sessions of an allowance.
constexpr std::uint16_t first_with_listed_sessions = 6;

/// The first version whose nodes take some places of a line out of a cart.
constexpr std::uint16_t first_with_reduced_carts = 6;

/// The first version whose nodes change drafts of events.
constexpr std::uint16_t first_with_revised_drafts = 6;

/// The first version whose nodes give people roles in organizations.
constexpr std::uint16_t first_with_appointments = 6;

/// The versions of the nodes' own protocol that a node speaks, both included.
struct protocol_range {
  std::uint16_t low = oldest_protocol;
  std::uint16_t high = newest_protocol;

  bool operator==(const protocol_range&) const = default;
};

/// What a node says of itself when it enters.
struct introduction {
  std::string name; ///< unique among the living
  std::string
    cluster_address;        ///< host:port that other nodes dial; may be empty
  std::string http_address; ///< host:port of its front; may be empty
  bool is_front = true;     ///< speaks HTTP
  bool is_worker = true;    ///< owns shards
  double weight = 1;        ///< its share of the shards, relative to others
  protocol_range protocol;

  bool operator==(const introduction&) const = default;
};

/// A member that nobody has declared dead.
struct cluster_member {
  incarnation self = 0;
  introduction about;
  member_state state = member_state::serving;
  timestamp lease_until; ///< by the database's clock
};

/// Who may write a shard.
struct shard_owner {
  incarnation owner = 0;  ///< 0 = nobody; may be one that was declared dead
  std::int32_t epoch = 0; ///< grows with every change of owner
};

/// A whole cell at one moment, as its database knows it.
struct cluster_view {
  timestamp now;                       ///< the database's clock
  std::vector<cluster_member> members; ///< the living, by incarnation
  std::array<shard_owner, shard_count> shards;
  /// The node that an operator moved a shard to, by name.
  std::map<shard_no, std::string> pins;

  /// The living member of that number, or null.
  const cluster_member* find(incarnation who) const {
    auto found = std::lower_bound(
      members.begin(), members.end(), who,
      [](const cluster_member& x, incarnation y) { return x.self < y; });
    return found != members.end() && found->self == who ? &*found : nullptr;
  }

  /// The living member that owns the shard, or null.
  const cluster_member* owner_of(shard_no shard) const {
    return find(shards.at(shard).owner);
  }
};

} // namespace usher

#pragma once

#include "protocol/ids.hpp"

#include <boost/describe/enum.hpp>

#include <optional>
#include <span>

namespace usher {

/// The kinds of entities. The numbers are stored, without a gap from 1: never
/// change or reuse one. What exists for each kind is listed in this order, too:
/// its commands in `any_command`, its state in actors/catalog.hpp.
enum class entity_kind : std::uint8_t {
  account = 1,
  login = 2,
  organization = 3,
  layout = 4,
  event = 5,
  seat_block = 6,
  allowance = 7,
  booking_session = 8,
  payment = 9,
  waiting_room = 10,
  queue_slot = 11,
};

BOOST_DESCRIBE_ENUM(entity_kind, account, login, organization, layout, event,
                    seat_block, allowance, booking_session, payment,
                    waiting_room, queue_slot)

/// The name of a kind; "unknown" for a number that is none.
std::string_view to_string(entity_kind);

/// Reads what to_string writes.
std::optional<entity_kind> kind_named(std::string_view);

/// All kinds, in the order of their numbers.
std::span<const entity_kind> all_kinds();

/// Names one entity in the whole installation.
struct entity_id {
  entity_kind kind{};
  uuid key;

  friend auto operator<=>(const entity_id&, const entity_id&) = default;
};

/// kind:uuid, for logs and errors.
std::string to_string(const entity_id&);

/// The cell that an entity belongs to, for ever.
inline cell_no cell_of(const entity_id& who) {
  return cell_of(who.key);
}

using shard_no = std::uint16_t;

/// Shards of each cell. Fixed for the life of an installation: facts are stored
/// by shard.
constexpr shard_no shard_count = 256;

/// The unit of placement within its cell that an entity belongs to, for ever.
inline shard_no shard_of(const entity_id& who) {
  return static_cast<shard_no>(hash_of(who.key) % shard_count);
}

} // namespace usher

template <>
struct std::hash<usher::entity_id> {
  std::size_t operator()(const usher::entity_id& x) const noexcept {
    return usher::hash_of(x.key) + static_cast<std::size_t>(x.kind);
  }
};

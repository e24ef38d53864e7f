#pragma once

#include "protocol/entity.hpp"
#include "protocol/json.hpp"
#include "protocol/time.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is stored of an entity.
namespace usher {

/// The answer that was given to a request with an Idempotency-Key. It is part
/// of the row whose facts it acknowledges, so the two live or die together.
struct remembered {
  uuid request;                ///< derived from key, caller and route
  std::uint64_t body_hash = 0; ///< another body under the same key is refused
  std::uint16_t status = 0;    ///< HTTP status
  timestamp at;                ///< kept for 24 hours from here
  std::string answer;          ///< given again, byte for byte; of a refusal
                               ///< its code, a line end, and its members

  bool operator==(const remembered&) const = default;
};

BOOST_DESCRIBE_STRUCT(remembered, (), (request, body_hash, status, at, answer))

/// One granted command: its facts become durable together. The journal holds
/// one row for each.
struct entry {
  entity_id entity;
  version now = 0;   ///< of the entity, after this entry; gap-free from 1
  timestamp at;      ///< when it was decided
  std::string facts; ///< JSON: [["seat_block.held/1",{..}],..]; may be empty []
  bool is_listed = false; ///< some list shows it; in the journal, a column
  std::optional<remembered> request;
  uuid trace = {}; ///< of the request that asked to be traced; nil = none did
};

/// The right to write a shard.
struct shard_lease {
  shard_no shard = 0;
  std::int32_t epoch = 0; ///< from 1; grows with every change of owner
};

/// The place of a row in the journal of its shard: the epoch in the upper half,
/// and in the lower the rows of that epoch, counted from 1. So it only grows
/// and has no gaps within an epoch, and a new owner need not know where the
/// last one ended. (Rows of before migration 12 have no upper half.)
constexpr std::uint64_t make_lsn(std::int32_t epoch, std::uint32_t row) {
  return static_cast<std::uint64_t>(epoch) << 32 | row;
}

/// When an entity next wants to be woken. A row of its own, written in the
/// transaction of the entry that came with it; no moment = no row.
struct alarm {
  entity_id entity;
  std::optional<timestamp> due;
};

/// A folded past: the state after `now` entries, and the answers still owed.
struct snapshot {
  entity_id entity;
  version now = 0;
  std::string state; ///< JSON: {"state":{..},"answers":[..]}
};

/// Everything stored of one entity: the newest snapshot, and what came after.
struct history {
  entity_id entity;
  std::optional<snapshot> base;
  std::vector<entry> tail;
  std::optional<timestamp> due; ///< the stored alarm
  std::string damage;           ///< why part of it cannot be read; mostly empty
};

} // namespace usher

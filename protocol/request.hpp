#pragma once

#include "protocol/command.hpp"
#include "protocol/line.hpp"
#include "protocol/time.hpp"
#include "protocol/trace.hpp"

namespace usher {

/// Where an answer goes: to a waiting HTTP handler behind one of a node's
/// bridges, or to an entity that asked.
struct return_address {
  std::uint32_t bridge = 0; ///< from 1; 0 = the entity below, if any
  entity_id asker;
  std::uint64_t number = 0; ///< the asker's; 0 = nobody waits
  std::int64_t node = 0;    ///< incarnation of the asker's; 0 = this node
};

/// A command on its way to an entity.
struct request {
  entity_id to;
  any_command what;
  return_address from = {};
  std::optional<request_key> key = {}; ///< if it may be repeated
  bool newborn = false; ///< its id was minted for it: nothing is stored of it
  place_in_line place = {}; ///< while it waits in memory
  /// By the clock of this node: later nobody waits for the answer, and it must
  /// not be begun any more. None: it is to be obeyed whenever it comes.
  std::optional<timestamp> until = {};
  std::uint64_t rests_on = 0; ///< the last submission behind it, if any
  std::uint32_t hops = 0;     ///< wrong nodes that have passed it on
  trace by = {};              ///< of the client's request that it follows from
};

/// An answer on its way back.
struct response {
  return_address to;
  answer what;
  std::uint64_t rests_on = 0; ///< as that of a request
};

/// A call to the world outside, made once everything before it is durable.
struct refund_call {
  payment_id payment;
  money amount;
};

/// How does the provider see this payment?
struct inquiry_call {
  payment_id payment;
};

using errand = std::variant<refund_call, inquiry_call>;

} // namespace usher

#pragma once

#include "protocol/account.hpp"
#include "protocol/allowance.hpp"
#include "protocol/booking_session.hpp"
#include "protocol/entity.hpp"
#include "protocol/event.hpp"
#include "protocol/layout.hpp"
#include "protocol/organization.hpp"
#include "protocol/payment.hpp"
#include "protocol/queue_slot.hpp"
#include "protocol/seat_block.hpp"
#include "protocol/waiting_room.hpp"

#include <optional>
#include <variant>

/// Everything that can be said to any entity, and everything they answer.
namespace usher {

/// One alternative for each kind, in the order of their numbers.
using any_command =
  std::variant<account::command, login::command, organization::command,
               layout::command, event::command, seat_block::command,
               allowance::command, booking_session::command, payment::command,
               waiting_room::command, queue_slot::command>;

/// An answer meant for HTTP: rendered once, by the entity that decided.
struct document {
  std::uint16_t status = 200;
  std::string json;
};

BOOST_DESCRIBE_STRUCT(document, (), (status))

using any_reply =
  std::variant<std::monostate, document, login::owner, account::secret,
               organization::member_role, layout::sections,
               std::shared_ptr<const event::terms>,
               std::shared_ptr<const event::description>, seat_block::granted,
               seat_block::picture, allowance::entered_as,
               booking_session::used, booking_session::settled,
               payment::standing, waiting_room::dealt, waiting_room::place,
               queue_slot::standing, allowance::guest_list>;

/// What an entity says to a command: a reply, or the reason to refuse.
struct answer {
  errc refused = errc::ok;
  std::string more =
    {}; ///< further members of the problem, as JSON: "seats":[..]
  any_reply reply = {};

  bool granted() const { return refused == errc::ok; }
};

/// The command that tells an entity of this kind that time has passed.
any_command wake_of(entity_kind);

/// True if it tells that time has passed.
bool is_wake(const any_command&);

/// Whether the command of an entity only asks, so that a repeat does no harm.
template <class... Commands>
bool is_query(const std::variant<Commands...>& what) {
  return std::visit(
    [](const auto& one) {
      if constexpr (requires { one.is_query; })
        return one.is_query;
      else
        return false;
    },
    what);
}

/// The same of a command of any kind.
bool is_query(const any_command&);

/// Identifies a request that may be repeated (Idempotency-Key).
struct request_key {
  uuid request;
  std::uint64_t body_hash = 0;
};

BOOST_DESCRIBE_STRUCT(request_key, (), (request, body_hash))

} // namespace usher

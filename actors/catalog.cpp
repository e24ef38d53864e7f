#include "actors/account/account.hpp"
#include "actors/allowance/allowance.hpp"
#include "actors/booking_session/booking_session.hpp"
#include "actors/entity/living.hpp"
#include "actors/event/event.hpp"
#include "actors/layout/layout.hpp"
#include "actors/login/login.hpp"
#include "actors/organization/organization.hpp"
#include "actors/payment/payment.hpp"
#include "actors/queue_slot/queue_slot.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "actors/waiting_room/waiting_room.hpp"

/// The one list of kinds.
namespace usher {

std::unique_ptr<life> conceive(const entity_id& self) {
  switch (self.kind) {
    case entity_kind::account:
      return std::make_unique<living<account::state>>(self);
    case entity_kind::login:
      return std::make_unique<living<login::state>>(self);
    case entity_kind::organization:
      return std::make_unique<living<organization::state>>(self);
    case entity_kind::layout:
      return std::make_unique<living<layout::state>>(self);
    case entity_kind::event:
      return std::make_unique<living<event::state>>(self);
    case entity_kind::seat_block:
      return std::make_unique<living<seat_block::state>>(self);
    case entity_kind::allowance:
      return std::make_unique<living<allowance::state>>(self);
    case entity_kind::booking_session:
      return std::make_unique<living<booking_session::state>>(self);
    case entity_kind::payment:
      return std::make_unique<living<payment::state>>(self);
    case entity_kind::waiting_room:
      return std::make_unique<living<waiting_room::state>>(self);
    case entity_kind::queue_slot:
      return std::make_unique<living<queue_slot::state>>(self);
  }
  return nullptr;
}

} // namespace usher

#pragma once

#include "actors/account/account.hpp"
#include "actors/allowance/allowance.hpp"
#include "actors/booking_session/booking_session.hpp"
#include "actors/event/event.hpp"
#include "actors/layout/layout.hpp"
#include "actors/login/login.hpp"
#include "actors/organization/organization.hpp"
#include "actors/payment/payment.hpp"
#include "actors/queue_slot/queue_slot.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "actors/waiting_room/waiting_room.hpp"

#include <boost/mp11/list.hpp>

/// The one list of kinds.
namespace usher {

/// The state of each kind, in the order of their numbers.
using every_state =
  boost::mp11::mp_list<account::state, login::state, organization::state,
                       layout::state, event::state, seat_block::state,
                       allowance::state, booking_session::state, payment::state,
                       waiting_room::state, queue_slot::state>;

} // namespace usher

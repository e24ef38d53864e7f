#include "node/front/shedding.hpp"

#include "node/services.hpp"

namespace usher {

urgency urgency_of(const any_command& what) {
  if (auto* maps = std::get_if<seat_block::command>(&what))
    return std::holds_alternative<seat_block::view>(*maps) ? urgency::browsing
                                                           : urgency::serving;
  if (auto* slots = std::get_if<queue_slot::command>(&what))
    return std::holds_alternative<queue_slot::join>(*slots) ? urgency::joining
                                                            : urgency::serving;
  if (auto* carts = std::get_if<booking_session::command>(&what))
    return std::holds_alternative<booking_session::open>(*carts)
               || std::holds_alternative<booking_session::hold>(*carts)
             ? urgency::holding
             : urgency::serving;
  return urgency::serving;
}

bool is_overloaded(const services& node, urgency how, whose_journal whose) {
  const auto submitted = node.writer->submitted.load();
  const auto released = node.writer->released.load();
  const bool counts = whose == whose_journal::ours && submitted > released;
  const auto waiting = counts ? submitted - released : 0;
  const auto limit = node.settings.shedding.max_appends_waiting;
  const auto bytes = node.bytes_in_flight.load(std::memory_order_relaxed);
  const auto room = node.settings.shedding.max_bytes_in_flight;
  switch (how) {
    case urgency::browsing:
      return waiting > limit / 4 || bytes > room / 4;
    case urgency::joining:
      return waiting > limit / 2 || bytes > room / 2;
    case urgency::holding:
      return waiting > limit || bytes > room / 4 * 3;
    case urgency::serving:
      return bytes > room;
    case urgency::watching:
      return false;
  }
  return false;
}

} // namespace usher

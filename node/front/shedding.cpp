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

bool is_too_much(const burden& now, urgency how) {
  const auto& [words, most_words, bytes, most_bytes] = now;
  switch (how) {
    case urgency::browsing:
      return words > most_words / 4 || bytes > most_bytes / 4;
    case urgency::joining:
      return words > most_words / 2 || bytes > most_bytes / 2;
    case urgency::holding:
      return words > most_words || bytes > most_bytes / 4 * 3;
    case urgency::serving:
      return words > most_words * 4 || bytes > most_bytes;
    case urgency::watching:
      return false;
  }
  return false;
}

bool is_overloaded(const services& node, urgency how, whose_journal whose) {
  burden now;
  now.most_words = node.settings.shedding.max_appends_waiting;
  now.bytes = node.bytes_in_flight.load(std::memory_order_relaxed);
  now.most_bytes = node.settings.shedding.max_bytes_in_flight;
  if (whose == whose_journal::ours) {
    now.words = node.writer->waiting();
    now.bytes += node.writer->bytes_held.load(std::memory_order_relaxed);
  }
  return is_too_much(now, how);
}

} // namespace usher

#include "protocol/command.hpp"

namespace usher {

any_command wake_of(entity_kind kind) {
  switch (kind) {
    case entity_kind::account:
      return account::command{wake{}};
    case entity_kind::login:
      return login::command{wake{}};
    case entity_kind::organization:
      return organization::command{wake{}};
    case entity_kind::layout:
      return layout::command{wake{}};
    case entity_kind::event:
      return event::command{wake{}};
    case entity_kind::seat_block:
      return seat_block::command{wake{}};
    case entity_kind::allowance:
      return allowance::command{wake{}};
    case entity_kind::booking_session:
      return booking_session::command{wake{}};
    case entity_kind::payment:
      return payment::command{wake{}};
    case entity_kind::waiting_room:
      return waiting_room::command{wake{}};
    case entity_kind::queue_slot:
      return queue_slot::command{wake{}};
  }
  return event::command{wake{}};
}

bool is_wake(const any_command& what) {
  return std::visit(
    [](const auto& of_kind) { return std::holds_alternative<wake>(of_kind); },
    what);
}

bool is_query(const any_command& what) {
  const auto asks = [](const auto& one) {
    if constexpr (requires { one.is_query; })
      return one.is_query;
    else
      return false;
  };
  return std::visit(
    [&](const auto& of_kind) { return std::visit(asks, of_kind); }, what);
}

} // namespace usher

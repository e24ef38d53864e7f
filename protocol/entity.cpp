#include "protocol/entity.hpp"

namespace usher {

std::string_view to_string(entity_kind kind) {
  switch (kind) {
    case entity_kind::account:
      return "account";
    case entity_kind::login:
      return "login";
    case entity_kind::organization:
      return "organization";
    case entity_kind::layout:
      return "layout";
    case entity_kind::event:
      return "event";
    case entity_kind::seat_block:
      return "seat_block";
    case entity_kind::allowance:
      return "allowance";
    case entity_kind::booking_session:
      return "booking_session";
    case entity_kind::payment:
      return "payment";
    case entity_kind::waiting_room:
      return "waiting_room";
    case entity_kind::queue_slot:
      return "queue_slot";
  }
  return "unknown";
}

std::string to_string(const entity_id& who) {
  std::string out{to_string(who.kind)};
  out += ':';
  append_to(out, who.key);
  return out;
}

} // namespace usher

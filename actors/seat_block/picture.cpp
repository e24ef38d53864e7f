#include "actors/seat_block/seat_block.hpp"

namespace usher::seat_block {

namespace {

std::string_view name_of(seat_status status) {
  switch (status) {
    case seat_status::available:
      return "available";
    case seat_status::held:
      return "held";
    case seat_status::sold:
      return "sold";
    case seat_status::blocked:
      return "blocked";
  }
  return "?";
}

void put_seat(std::string& out, const state& block, seat_no seat,
              const std::string& section, const std::string& price) {
  const auto where = block.floor->where(seat);
  std::string label;
  block.floor->append_label(label, seat);
  out += "{\"id\":";
  json::put_string(out, section + '-' + label);
  out += ",\"row\":";
  json::put_string(out, block.floor->row_label(where.row));
  out += ",\"number\":";
  json::put(out, where.number);
  out += ",\"label\":";
  json::put_string(out, label);
  out += price;
  if (block.floor->accessible(seat))
    out += ",\"accessible\":true";
  out += ",\"status\":\"";
  out += name_of(block.seats[seat]);
  out += "\"}";
}

std::string seats_json(const state& block, const uuid& self) {
  std::string price = ",\"price\":";
  json::put(price, block.price);
  std::string out;
  out.reserve(block.seats.size() * 130 + 200);
  out += "{\"name\":";
  json::put_string(out, block.plan.name);
  out += ",\"block_id\":";
  json::put(out, self);
  out += ",\"ticket_type_id\":";
  json::put(out, block.ticket_type);
  out += ",\"version\":";
  json::put(out, block.now);
  if (block.plan.general_admission()) {
    out += ",\"general_admission\":true,\"capacity\":";
    json::put(out, block.total());
    out += ",\"available\":";
    json::put(out, block.available());
    out += price;
  }
  out += ",\"seats\":[";
  for (seat_no seat = 0; seat < block.seats.size(); ++seat) {
    if (seat > 0)
      out += ',';
    put_seat(out, block, seat, block.plan.name, price);
  }
  out += "]}";
  return out;
}

} // namespace

picture picture_of(const state& block, const uuid& self) {
  picture out;
  out.now = block.now;
  out.section_json = seats_json(block, self);
  out.section = block.plan.name;
  out.ticket_type = block.ticket_type;
  out.total = block.total();
  out.available = block.available();
  out.held = block.count_held;
  out.sold = block.count_sold;
  out.blocked = static_cast<std::uint32_t>(block.blocked.size());
  return out;
}

} // namespace usher::seat_block

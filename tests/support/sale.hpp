#pragma once

#include "actors/booking_session/booking_session.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "tests/support/scenario.hpp"

/// A small sale that many tests speak of: sections A and B with seats, FLOOR
/// without, at 50, 50 and 20 euros.
namespace usher::test {

constexpr account_id ada{nth(1)};
constexpr account_id bob{nth(2)};
constexpr event_id concert{nth(10)};
constexpr ticket_type_id seated{nth(20)};
constexpr ticket_type_id standing_place{nth(21)};
constexpr std::int64_t seat_price = 5000;
constexpr std::int64_t floor_price = 2000;

inline section seats_of(const std::string& name, std::uint32_t rows,
                        std::uint32_t per_row) {
  section out;
  out.name = name;
  for (std::uint32_t row = 1; row <= rows; ++row) {
    seat_row one;
    one.label = std::to_string(row);
    one.seats = per_row;
    out.rows.push_back(one);
  }
  return out;
}

inline section floor_of(const std::string& name, std::uint32_t capacity) {
  section out;
  out.name = name;
  out.capacity = capacity;
  return out;
}

inline entity_id block(const std::string& section) {
  return {entity_kind::seat_block,
          seat_block::block_of(concert, section).value};
}

inline event::sold_section sold_as(const section& plan, ticket_type_id type,
                                   std::int32_t rating = 0) {
  return {plan.name,
          seat_block::block_of(concert, plan.name),
          type,
          plan.size(),
          plan.general_admission(),
          rating};
}

inline event::settings rules_of_sale() {
  event::settings rules;
  rules.hold_seconds = 600;
  rules.checkout_seconds = 900;
  rules.max_per_user = 4;
  return rules;
}

inline std::shared_ptr<const event::terms> terms_of_sale() {
  auto out = std::make_shared<event::terms>();
  out->rules = rules_of_sale();
  out->currency = "EUR";
  out->sale_ends_at = t0 + 24h;
  out->sections = {sold_as(seats_of("A", 2, 4), seated, 2),
                   sold_as(seats_of("B", 2, 4), seated, 1),
                   sold_as(floor_of("FLOOR", 10), standing_place)};
  out->ticket_types = {{seated, "Seat", seat_price, {"A", "B"}},
                       {standing_place, "Floor", floor_price, {"FLOOR"}}};
  return out;
}

inline seat_block::granted granted_seats(const std::string& section,
                                         const std::vector<std::string>& ids) {
  seat_block::granted out{section,
                          seat_block::block_of(concert, section),
                          seated,
                          {seat_price, "EUR"},
                          {}};
  for (const auto& id : ids)
    out.seats.push_back({id, 1});
  return out;
}

inline seat_block::granted granted_places(std::uint32_t n) {
  return {"FLOOR",
          seat_block::block_of(concert, "FLOOR"),
          standing_place,
          {floor_price, "EUR"},
          {{"FLOOR", n}}};
}

inline booking_session::item a_seat(const std::string& section,
                                    const std::string& seat) {
  return {section + '-' + seat,
          section,
          seat_block::block_of(concert, section),
          seated,
          seat_price,
          1,
          false};
}

inline booking_session::item floor_places(std::uint32_t n) {
  return {"FLOOR",
          "FLOOR",
          seat_block::block_of(concert, "FLOOR"),
          standing_place,
          floor_price,
          n,
          true};
}

} // namespace usher::test

#pragma once

#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

/// Sessions that the tests of the rules begin with.
namespace usher::test {

constexpr uuid cart = nth(40);
constexpr session_id cart_id{cart};
constexpr payment_id nobodys_payment{nth(99)};

inline const entity_id the_event{entity_kind::event, concert.value};
inline const entity_id the_room{entity_kind::waiting_room,
                                waiting_room::key_of(concert)};
inline const entity_id the_allowance{entity_kind::allowance,
                                     allowance::key_of(concert, ada)};
inline const entity_id adas_slot{entity_kind::queue_slot,
                                 queue_slot::key_of(concert, ada)};

inline payment_id nth_payment(int attempt) {
  return booking_session::payment_of(cart, static_cast<std::uint32_t>(attempt));
}

inline booking_session::opened opened_by_ada() {
  booking_session::opened out;
  out.event = concert;
  out.buyer = ada;
  out.currency = "EUR";
  out.hold_seconds = 600;
  out.checkout_seconds = 900;
  out.max_per_user = 4;
  out.at = t0;
  out.expires_at = t0 + 10min;
  out.last_moment = t0 + 20min;
  return out;
}

inline const auto two_blocks = booking_session::added{
  {a_seat("B", "1-1"), a_seat("A", "1-1"), a_seat("A", "1-2")}};
constexpr std::int64_t price_of_two_blocks = 3 * seat_price;

inline booking_session::checkout_started
started(int attempt, std::int64_t amount, timestamp until, timestamp at) {
  return {nth_payment(attempt), "card", amount, until, concert, ada, "EUR", at};
}

inline booking_session::checkout_started first_checkout() {
  return started(1, price_of_two_blocks, t0 + 16min, t0 + 1min);
}

using session_facts = std::vector<booking_session::fact>;

inline scenario<booking_session::state> given(const session_facts& past) {
  return scenario<booking_session::state>{cart, past};
}

/// Ada pays for one seat in B and two in A, by 9:16.
inline scenario<booking_session::state> given_checkout() {
  return given({opened_by_ada(), two_blocks, first_checkout()});
}

inline booking_session::settle told(booking_session::outcome how,
                                    int attempt = 1) {
  booking_session::settle out;
  out.payment = nth_payment(attempt);
  out.how = how;
  return out;
}

} // namespace usher::test

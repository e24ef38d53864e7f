#include "actors/booking_session/booking_session.hpp"
#include "protocol/json_object.hpp"
#include "protocol/payment.hpp"

namespace usher::booking_session {

namespace {

money in_currency(std::int64_t amount, const state& session) {
  return {amount, session.terms.currency};
}

std::string_view payment_status(const state& session) {
  switch (session.status) {
    case status::checkout:
      return "pending";
    case status::completed:
      return "completed";
    case status::failed:
      return "failed";
    default: // whether money came is for the payment to say
      return {};
  }
}

void put_cart(json::object& to, const state& session) {
  to.put_objects("seats", session.items,
                 [&](json::object& line, const item& one) {
                   line.put("id", one.id).put("section", one.section);
                   line.put("ticket_type_id", one.ticket_type);
                   line.put("quantity", one.places);
                   line.put("price", in_currency(one.price, session));
                 });
  to.put("total", in_currency(total_of(session.items).value_or(0), session));
}

void put_tickets(json::object& to, const state& session) {
  to.put_objects("tickets", session.tickets,
                 [&](json::object& line, const ticket& one) {
                   line.put("id", one.id).put("number", one.number);
                   line.put("seat", one.seat).put("section", one.section);
                   line.put("price", in_currency(one.price, session));
                 });
}

void put_payment(json::object&& to, const state& session) {
  to.put("id", session.payment);
  to.put_text("status", payment_status(session));
  to.put("amount", in_currency(session.amount, session));
  to.put_text("url", payment::url_of(session.payment));
}

} // namespace

std::string render(const state& session, const uuid& self) {
  std::string out;
  out.reserve(384 + 160 * (session.items.size() + session.tickets.size()));
  out += "{\"session\":";
  {
    json::object to{out};
    to.put("id", self).put("token", session.terms.token);
    to.put("event_id", session.terms.event).put("status", session.status);
    put_cart(to, session);
    to.put_time("expires_at", session.expires_at);
    if (!session.tickets.empty())
      put_tickets(to, session);
  }
  if (session.amount > 0 && !payment_status(session).empty()) {
    out += ",\"payment\":";
    put_payment(json::object{out}, session);
  }
  out += '}';
  return out;
}

} // namespace usher::booking_session

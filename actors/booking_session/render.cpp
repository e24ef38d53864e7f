#include "actors/booking_session/booking_session.hpp"

namespace usher::booking_session {

namespace {

void put_member(std::string& out, std::string_view name) {
  out += ",\"";
  out += name;
  out += "\":";
}

void put_money(std::string& out, std::int64_t amount, const state& session) {
  out += "{\"amount\":";
  json::put(out, amount);
  out += ",\"currency\":\"";
  out += session.terms.currency;
  out += "\"}";
}

void put_item(std::string& out, const item& one, const state& session) {
  out += "{\"id\":";
  json::put_string(out, one.id);
  put_member(out, "section");
  json::put_string(out, one.section);
  put_member(out, "ticket_type_id");
  json::put(out, one.ticket_type);
  put_member(out, "quantity");
  json::put(out, one.places);
  put_member(out, "price");
  put_money(out, one.price, session);
  out += '}';
}

void put_ticket(std::string& out, const ticket& one, const state& session) {
  out += "{\"id\":";
  json::put(out, one.id);
  put_member(out, "number");
  json::put_string(out, one.number);
  put_member(out, "seat");
  json::put_string(out, one.seat);
  put_member(out, "section");
  json::put_string(out, one.section);
  put_member(out, "price");
  put_money(out, one.price, session);
  out += '}';
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

void put_payment(std::string& out, const state& session) {
  out += ",\"payment\":{\"id\":";
  json::put(out, session.payment);
  put_member(out, "status");
  json::put_string(out, payment_status(session));
  put_member(out, "amount");
  put_money(out, session.amount, session);
  put_member(out, "url");
  json::put_string(out,
                   "/v1/sandbox/payments/" + to_string(session.payment.value));
  out += '}';
}

} // namespace

std::string render(const state& session, const uuid& self) {
  std::string out;
  out.reserve(384 + 160 * (session.items.size() + session.tickets.size()));
  out += "{\"session\":{\"id\":";
  json::put(out, self);
  put_member(out, "token");
  json::put(out, session.terms.token);
  put_member(out, "event_id");
  json::put(out, session.terms.event);
  put_member(out, "status");
  json::put(out, session.status);
  put_member(out, "seats");
  json::put_list(out, session.items,
                 [&](const item& one) { put_item(out, one, session); });
  put_member(out, "total");
  put_money(out, total_of(session.items).value_or(0), session);
  put_member(out, "expires_at");
  json::put_string(out, to_rfc3339(session.expires_at));
  if (!session.tickets.empty()) {
    put_member(out, "tickets");
    json::put_list(out, session.tickets,
                   [&](const ticket& one) { put_ticket(out, one, session); });
  }
  out += '}';
  if (session.amount > 0 && !payment_status(session).empty())
    put_payment(out, session);
  out += '}';
  return out;
}

} // namespace usher::booking_session

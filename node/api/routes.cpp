#include "node/api/handlers.hpp"

namespace usher {

namespace {

using http::method;
using enum access;
using enum urgency;

route_plan get(std::string_view pattern, http::handler answer, access who,
               urgency how = serving) {
  return {method::get, pattern, answer, who, how};
}

route_plan post(std::string_view pattern, http::handler answer, access who,
                urgency how = serving, body_size body = body_size::small) {
  return {method::post, pattern, answer, who, how, body};
}

route_plan del(std::string_view pattern, http::handler answer, access who) {
  return {method::del, pattern, answer, who};
}

route_plan patch(std::string_view pattern, http::handler answer, access who,
                 body_size body) {
  return {method::patch, pattern, answer, who, serving, body};
}

/// News that a provider signs.
route_plan news(std::string_view pattern, http::handler answer) {
  auto out = post(pattern, answer, whoever);
  out.is_signed = true;
  return out;
}

/// A live feed; who does not ask for a WebSocket is refused.
route_plan feed(std::string_view pattern, http::handler refusal) {
  auto out = get(pattern, refusal, anyone, browsing);
  out.live = true;
  return out;
}

std::vector<route_plan> table() {
  using namespace api;
  return {
    post("/v1/auth/register", register_account, whoever),
    post("/v1/auth/login", log_in, whoever),
    post("/v1/auth/refresh", refresh_tokens, whoever),
    post("/v1/auth/logout", log_out, whoever),
    get("/v1/auth/verify-token", verify_token, user),
    get("/v1/users/me", show_me, user),

    post("/v1/organizations", create_organization, user),
    get("/v1/organizations", list_organizations, user, browsing),
    get("/v1/organizations/{id}", show_organization, user),
    post("/v1/organizations/{id}/members", add_member, user),
    del("/v1/organizations/{id}/members/{user}", remove_member, user),
    get("/v1/organizations/{id}/events", list_events_of, user, browsing),
    post("/v1/layouts", create_layout, user, serving, body_size::large),
    get("/v1/layouts", list_layouts, whoever, browsing),
    get("/v1/layouts/{id}", show_layout, whoever, browsing),
    post("/v1/events", create_event, user, serving, body_size::large),
    get("/v1/events", list_events, anyone, browsing),
    get("/v1/events/{id}", show_event, anyone, browsing),
    patch("/v1/events/{id}", revise_event, user, body_size::large),
    post("/v1/events/{id}/configure", configure_event, user),
    post("/v1/events/{id}/approve", approve_event, user),
    post("/v1/events/{id}/publish", publish_event, user),
    post("/v1/events/{id}/cancel", cancel_event, user),
    post("/v1/events/{id}/pause", pause_event, user),
    post("/v1/events/{id}/resume", resume_event, user),
    post("/v1/events/{id}/seats/block", block_seats, user),
    post("/v1/events/{id}/seats/unblock", unblock_seats, user),
    get("/v1/events/{id}/seats", show_seats, whoever, browsing),
    get("/v1/events/{id}/availability", show_availability, whoever, browsing),
    feed("/v1/events/{id}/live", refuse_plain_live),

    post("/v1/events/{id}/queue", join_queue, user, joining),
    get("/v1/events/{id}/queue", show_queue, user),
    del("/v1/events/{id}/queue", leave_queue, user),
    get("/v1/events/{id}/queue/room", watch_queue, user),
    post("/v1/events/{id}/queue/rate", change_queue_rate, user),
    post("/v1/events/{id}/queue/clear", clear_queue, user),

    post("/v1/events/{id}/sessions", open_session, user, holding),
    get("/v1/events/{id}/sessions", list_sessions, user),
    get("/v1/sessions/{id}", show_session, user),
    post("/v1/sessions/{id}/seats", hold_seats, user, holding),
    del("/v1/sessions/{id}/seats/{seat}", release_seat, user),
    post("/v1/sessions/{id}/extend", extend_session, user),
    post("/v1/sessions/{id}/cancel", cancel_session, user),
    post("/v1/sessions/{id}/checkout", check_out, user),

    post("/v1/sandbox/payments/{id}", play_sandbox, user),
    news("/v1/webhooks/sandbox", hear_sandbox),
    get("/v1/payments", list_payments, user, browsing),
    get("/v1/payments/{id}", show_payment, user),
    get("/v1/orders", list_orders, user, browsing),
    get("/v1/orders/{id}", show_order, user),
    get("/v1/tickets", list_tickets, user, browsing),
    get("/v1/tickets/{id}", show_ticket, user),
    get("/v1/ticket-keys", show_ticket_keys, whoever),

    get("/healthz", show_health, whoever, watching),
    get("/readyz", show_readiness, whoever, watching),
    get("/metrics", show_metrics, whoever, watching),
    get("/docs", show_docs, whoever),
    get("/openapi.json", show_contract, whoever),
  };
}

} // namespace

const std::vector<route_plan>& all_routes() {
  static const auto routes = [] {
    auto out = table();
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i].number = i;
    return out;
  }();
  return routes;
}

} // namespace usher

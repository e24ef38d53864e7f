#include "node/api/handlers.hpp"

namespace usher {

namespace {

using http::method;
using enum access;
using enum urgency;

constexpr auto no_body = body_size::none;
constexpr auto small_body = body_size::small;
constexpr auto layout_body = body_size::layout;

std::vector<route_plan> table() {
  using namespace api;
  return {
    {method::post, "/v1/auth/register", register_account, anyone, serving,
     small_body},
    {method::post, "/v1/auth/login", log_in, anyone, serving, small_body},
    {method::post, "/v1/auth/refresh", refresh_tokens, anyone, serving,
     small_body},
    {method::post, "/v1/auth/logout", log_out, anyone, serving, small_body},
    {method::get, "/v1/auth/verify-token", verify_token, user},
    {method::get, "/v1/users/me", show_me, user},

    {method::post, "/v1/organizations", create_organization, user, serving,
     small_body},
    {method::post, "/v1/layouts", create_layout, user, serving, layout_body},
    {method::get, "/v1/layouts", list_layouts, anyone, browsing},
    {method::get, "/v1/layouts/{id}", show_layout, anyone, browsing},
    {method::post, "/v1/events", create_event, user, serving, small_body},
    {method::get, "/v1/events", list_events, anyone, browsing},
    {method::get, "/v1/events/{id}", show_event, anyone, browsing},
    {method::post, "/v1/events/{id}/configure", configure_event, user, serving,
     small_body},
    {method::post, "/v1/events/{id}/approve", approve_event, user, serving,
     small_body},
    {method::post, "/v1/events/{id}/publish", publish_event, user, serving,
     small_body},
    {method::post, "/v1/events/{id}/cancel", cancel_event, user, serving,
     small_body},
    {method::get, "/v1/events/{id}/seats", show_seats, anyone, browsing},
    {method::get, "/v1/events/{id}/availability", show_availability, anyone,
     browsing},
    {method::get, "/v1/events/{id}/live", refuse_plain_live, anyone, browsing,
     no_body, true},

    {method::post, "/v1/events/{id}/queue", join_queue, user, joining,
     small_body},
    {method::get, "/v1/events/{id}/queue", show_queue, user, joining},
    {method::del, "/v1/events/{id}/queue", leave_queue, user},

    {method::post, "/v1/events/{id}/sessions", open_session, user, holding,
     small_body},
    {method::get, "/v1/sessions/{id}", show_session, user},
    {method::post, "/v1/sessions/{id}/seats", hold_seats, user, holding,
     small_body},
    {method::del, "/v1/sessions/{id}/seats/{seat}", release_seat, user},
    {method::post, "/v1/sessions/{id}/extend", extend_session, user, serving,
     small_body},
    {method::post, "/v1/sessions/{id}/cancel", cancel_session, user, serving,
     small_body},
    {method::post, "/v1/sessions/{id}/checkout", check_out, user, serving,
     small_body},

    {method::post, "/v1/sandbox/payments/{id}", play_sandbox, user, serving,
     small_body},
    {method::post, "/v1/webhooks/sandbox", hear_sandbox, anyone, serving,
     small_body},
    {method::get, "/v1/payments", list_payments, user, browsing},
    {method::get, "/v1/payments/{id}", show_payment, user},
    {method::get, "/v1/orders", list_orders, user, browsing},
    {method::get, "/v1/orders/{id}", show_order, user},
    {method::get, "/v1/tickets", list_tickets, user, browsing},
    {method::get, "/v1/tickets/{id}", show_ticket, user},

    {method::get, "/healthz", show_health, anyone, watching},
    {method::get, "/readyz", show_readiness, anyone, watching},
    {method::get, "/metrics", show_metrics, anyone, watching},
    {method::get, "/docs", show_docs},
    {method::get, "/openapi.json", show_contract},
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

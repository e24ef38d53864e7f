#include "node/inspect/shapes.hpp"

/// Who may be shown what. Hidden: who somebody is and how to reach them, what
/// lets anybody in, and free text about guests.
namespace usher::inspect {

namespace {

constexpr bool shown = true;
constexpr bool hidden = false;

constexpr text_field all[] = {
  {"account", "who.email", hidden},
  {"account", "who.user_name", hidden},
  {"account", "who.first_name", hidden},
  {"account", "who.last_name", hidden},
  {"account", "who.mobile_phone", hidden},
  {"account", "password_hash", hidden},
  {"account", "former_hash", hidden},
  {"account", "families.key", shown},
  {"account", "families.value.token_hash", hidden},
  {"account", "families.value.former_hash", hidden},
  {"account.registered/1", "who.email", hidden},
  {"account.registered/1", "who.user_name", hidden},
  {"account.registered/1", "who.first_name", hidden},
  {"account.registered/1", "who.last_name", hidden},
  {"account.registered/1", "who.mobile_phone", hidden},
  {"account.registered/1", "password_hash", hidden},
  {"account.signed_in/1", "family", shown},
  {"account.signed_in/1", "token_hash", hidden},
  {"account.rotated/1", "family", shown},
  {"account.rotated/1", "token_hash", hidden},
  {"account.signed_out/1", "family", shown},
  {"account.rehashed/1", "password_hash", hidden},
  {"account.password_changed/1", "password_hash", hidden},

  {"organization", "name", shown},
  {"organization.created/1", "name", shown},

  {"layout", "name", shown},
  {"layout", "sections[].name", shown},
  {"layout", "sections[].rows[].label", shown},
  {"layout.created/1", "name", shown},
  {"layout.created/1", "sections[].name", shown},
  {"layout.created/1", "sections[].rows[].label", shown},

  {"event", "what.title", shown},
  {"event", "what.venue", shown},
  {"event", "what.currency", shown},
  {"event", "what.timezone", shown},
  {"event", "what.description", shown},
  {"event", "what.address", shown},
  {"event", "what.artist_name", shown},
  {"event", "what.category", shown},
  {"event", "what.poster_image_url", shown},
  {"event", "what.ticket_types[].name", shown},
  {"event", "what.ticket_types[].sections[]", shown},
  {"event", "sections[].name", shown},
  {"event", "exhausted[]", shown},
  {"event", "stock_as_of.key", shown},
  {"event.created/1", "what.title", shown},
  {"event.created/1", "what.venue", shown},
  {"event.created/1", "what.currency", shown},
  {"event.created/1", "what.timezone", shown},
  {"event.created/1", "what.description", shown},
  {"event.created/1", "what.address", shown},
  {"event.created/1", "what.artist_name", shown},
  {"event.created/1", "what.category", shown},
  {"event.created/1", "what.poster_image_url", shown},
  {"event.created/1", "what.ticket_types[].name", shown},
  {"event.created/1", "what.ticket_types[].sections[]", shown},
  {"event.created/1", "sections[].name", shown},
  {"event.stock_changed/1", "section", shown},
  {"event.revised/1", "what.title", shown},
  {"event.revised/1", "what.venue", shown},
  {"event.revised/1", "what.currency", shown},
  {"event.revised/1", "what.timezone", shown},
  {"event.revised/1", "what.description", shown},
  {"event.revised/1", "what.address", shown},
  {"event.revised/1", "what.artist_name", shown},
  {"event.revised/1", "what.category", shown},
  {"event.revised/1", "what.poster_image_url", shown},
  {"event.revised/1", "what.ticket_types[].name", shown},
  {"event.revised/1", "what.ticket_types[].sections[]", shown},
  {"event.revised/1", "sections[].name", shown},

  {"seat_block", "plan.name", shown},
  {"seat_block", "plan.rows[].label", shown},
  {"seat_block", "price.currency", shown},
  {"seat_block.opened/1", "plan.name", shown},
  {"seat_block.opened/1", "plan.rows[].label", shown},
  {"seat_block.opened/1", "price.currency", shown},
  {"seat_block.blocked/1", "reason", hidden},

  {"booking_session", "terms.email", hidden},
  {"booking_session", "terms.token", hidden},
  {"booking_session", "terms.currency", shown},
  {"booking_session", "items[].id", shown},
  {"booking_session", "items[].section", shown},
  {"booking_session", "method", shown},
  {"booking_session", "request", shown},
  {"booking_session", "tickets[].number", shown},
  {"booking_session", "tickets[].seat", shown},
  {"booking_session", "tickets[].section", shown},
  {"booking_session.opened/1", "email", hidden},
  {"booking_session.opened/1", "token", hidden},
  {"booking_session.opened/1", "currency", shown},
  {"booking_session.added/1", "items[].id", shown},
  {"booking_session.added/1", "items[].section", shown},
  {"booking_session.removed/1", "seat", shown},
  {"booking_session.reduced/1", "seat", shown},
  {"booking_session.checkout_started/1", "method", shown},
  {"booking_session.checkout_started/1", "currency", shown},
  {"booking_session.checkout_started/1", "request", shown},
  {"booking_session.completed/1", "tickets[].number", shown},
  {"booking_session.completed/1", "tickets[].seat", shown},
  {"booking_session.completed/1", "tickets[].section", shown},
  {"booking_session.completed/1", "currency", shown},

  {"payment", "terms.method", shown},
  {"payment", "terms.amount.currency", shown},
  {"payment", "incident.callback", shown},
  {"payment", "incident.claimed.currency", shown},
  {"payment.created/1", "method", shown},
  {"payment.created/1", "amount.currency", shown},
  {"payment.completed/1", "callback", shown},
  {"payment.failed/1", "callback", shown},
  {"payment.amount_mismatch/1", "callback", shown},
  {"payment.amount_mismatch/1", "claimed.currency", shown},

  {"waiting_room", "terms.draw_secret", hidden},
  {"waiting_room.opened/1", "draw_secret", hidden},
  {"waiting_room.drawn/1", "revealed", shown},
};

} // namespace

std::span<const text_field> text_fields() {
  return all;
}

} // namespace usher::inspect

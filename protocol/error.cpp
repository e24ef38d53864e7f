#include "protocol/error.hpp"

#include <algorithm>
#include <array>

namespace usher {

namespace {

struct row {
  errc code;
  std::string_view name;
  unsigned status;
  std::string_view sentence;
};

// In the order of errc, one row each; the compiler checks that below.
constexpr std::array rows{
  row{errc::ok, "ok", 200, "All is well."},
  row{errc::bad_request, "bad_request", 400, "The request is malformed."},
  row{errc::invalid_json, "invalid_json", 400, "The body is not valid JSON."},
  row{errc::unknown_field, "unknown_field", 400,
      "The body has a field that this route does not know."},
  row{errc::wrong_type, "wrong_type", 400, "A field has the wrong type."},
  row{errc::missing_field, "missing_field", 400,
      "A required field is missing."},
  row{errc::bad_cursor, "bad_cursor", 400,
      "The page token is not one of ours."},
  row{errc::unauthenticated, "unauthenticated", 401, "Sign in first."},
  row{errc::invalid_credentials, "invalid_credentials", 401,
      "E-mail or password is wrong."},
  row{errc::invalid_token, "invalid_token", 401, "The token is not valid."},
  row{errc::token_expired, "token_expired", 401, "The token has expired."},
  row{errc::token_reused, "token_reused", 401,
      "This refresh token was used before; the whole family is signed out."},
  row{errc::bad_signature, "bad_signature", 401,
      "The signature does not match."},
  row{errc::forbidden, "forbidden", 403, "You may not do this."},
  row{errc::not_found, "not_found", 404, "There is no such thing."},
  row{errc::method_not_allowed, "method_not_allowed", 405,
      "This route does not know the method."},
  row{errc::request_timeout, "request_timeout", 408,
      "The request took too long to arrive."},
  row{errc::already_exists, "already_exists", 409, "It exists already."},
  row{errc::email_taken, "email_taken", 409,
      "An account with this e-mail exists already."},
  row{errc::username_taken, "username_taken", 409,
      "An account with this user name exists already."},
  row{errc::seat_unavailable, "seat_unavailable", 409,
      "At least one of the seats is not available."},
  row{errc::not_enough_seats, "not_enough_seats", 409,
      "There are not enough seats of this kind left."},
  row{errc::orphan_seat, "orphan_seat", 409,
      "The choice would leave a single seat between taken ones."},
  row{errc::not_held, "not_held", 409, "The session does not hold this seat."},
  row{errc::hold_expired, "hold_expired", 409, "The hold has expired."},
  row{errc::session_not_open, "session_not_open", 409,
      "The session is not open any more."},
  row{errc::session_expired, "session_expired", 409,
      "The session has expired."},
  row{errc::empty_session, "empty_session", 409, "The session holds no seats."},
  row{errc::cannot_extend, "cannot_extend", 409,
      "The session cannot be extended any further."},
  row{errc::limit_reached, "limit_reached", 409,
      "The limit of tickets per buyer for this event is reached."},
  row{errc::not_on_sale, "not_on_sale", 409, "The event is not on sale."},
  row{errc::event_cancelled, "event_cancelled", 409, "The event is cancelled."},
  row{errc::checkout_token_required, "checkout_token_required", 409,
      "This event has a waiting room: a checkout token is needed."},
  row{errc::checkout_token_invalid, "checkout_token_invalid", 409,
      "The checkout token is not valid for this buyer and event."},
  row{errc::checkout_in_progress, "checkout_in_progress", 409,
      "The checkout token is in use by another session."},
  row{errc::payment_pending, "payment_pending", 409,
      "A payment for this session is pending."},
  row{errc::payment_settled, "payment_settled", 409,
      "The payment is already settled."},
  row{errc::wrong_amount, "wrong_amount", 409,
      "The amount or currency does not match the payment."},
  row{errc::request_in_progress, "request_in_progress", 409,
      "A request with this Idempotency-Key is still running."},
  row{errc::not_in_queue, "not_in_queue", 404,
      "You have no place in this queue."},
  row{errc::queue_closed, "queue_closed", 409, "The waiting room is closed."},
  row{errc::no_waiting_room, "no_waiting_room", 409,
      "This event has no waiting room."},
  row{errc::body_too_large, "body_too_large", 413, "The body is too large."},
  row{errc::uri_too_long, "uri_too_long", 414, "The request line is too long."},
  row{errc::unsupported_media_type, "unsupported_media_type", 415,
      "The body must be application/json."},
  row{errc::invalid_value, "invalid_value", 422,
      "A value is out of its range."},
  row{errc::unknown_seat, "unknown_seat", 422, "There is no such seat."},
  row{errc::key_reused, "key_reused", 422,
      "This Idempotency-Key was used with another body."},
  row{errc::wrong_state, "wrong_state", 409,
      "The event is not in the state that this step needs."},
  row{errc::rate_limited, "rate_limited", 429, "Too many requests."},
  row{errc::head_too_large, "head_too_large", 431,
      "The head of the request is too large."},
  row{errc::internal, "internal", 500, "Something went wrong on our side."},
  row{errc::not_implemented, "not_implemented", 501,
      "The method is not known."},
  row{errc::unavailable, "unavailable", 503,
      "The service cannot answer now; try again."},
  row{errc::overloaded, "overloaded", 503,
      "The service is overloaded; try again."},
  row{errc::outcome_unknown, "outcome_unknown", 503,
      "Nobody knows yet whether this happened; ask again with the same key."},
  row{errc::quarantined, "quarantined", 503,
      "This part of the service is set aside after repeated faults."}};

constexpr bool has_a_row_for_each() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows.at(i).code != static_cast<errc>(i))
      return false;
  return rows.back().code == errc::quarantined;
}

static_assert(has_a_row_for_each());

const row& row_of(errc e) {
  return rows.at(static_cast<std::size_t>(e));
}

struct advice_row {
  advice what;
  std::string_view name;
  std::string_view sentence;
};

// In the order of advice, one row each; the compiler checks that below.
constexpr std::array all_advice{
  advice_row{advice::hold_again, "hold_again",
             "Hold the seats named here again, or give back their neighbours, "
             "too."},
  advice_row{advice::give_back_more, "give_back_more",
             "Give back the neighbours of the seats named here, too: this "
             "session takes no more seats."},
  advice_row{advice::give_back_or_cancel, "give_back_or_cancel",
             "Give back the neighbours of the seats named here, too; or "
             "cancel, and hold them all in a new session: this one takes no "
             "more seats."},
  advice_row{advice::use_websocket, "use_websocket",
             "This is a WebSocket: ask for the upgrade."},
  advice_row{advice::wait_for_upgrade, "wait_for_upgrade",
             "The nodes are being upgraded; try again when all are of the new "
             "version."},
};

constexpr bool has_a_row_for_each_advice() {
  for (std::size_t i = 0; i < all_advice.size(); ++i)
    if (all_advice.at(i).what != static_cast<advice>(i))
      return false;
  return all_advice.back().what == last_advice;
}

static_assert(has_a_row_for_each_advice());

} // namespace

std::string_view to_string(errc e) {
  return row_of(e).name;
}

std::optional<errc> parse_errc(std::string_view name) {
  const auto* found = std::ranges::find(rows, name, &row::name);
  return found == rows.end() ? std::nullopt : std::optional{found->code};
}

unsigned http_status(errc e) {
  return row_of(e).status;
}

std::string_view sentence(errc e) {
  return row_of(e).sentence;
}

std::string_view to_string(advice what) {
  return all_advice.at(static_cast<std::size_t>(what)).name;
}

std::string_view sentence(advice what) {
  return all_advice.at(static_cast<std::size_t>(what)).sentence;
}

std::string as_member(advice what) {
  std::string out = "\"advice\":\"";
  out += to_string(what);
  out += '"';
  return out;
}

} // namespace usher

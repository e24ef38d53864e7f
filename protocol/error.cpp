#include "protocol/error.hpp"

namespace usher {

std::string_view to_string(errc e) {
  switch (e) {
    case errc::ok:
      return "ok";
    case errc::bad_request:
      return "bad_request";
    case errc::invalid_json:
      return "invalid_json";
    case errc::unknown_field:
      return "unknown_field";
    case errc::wrong_type:
      return "wrong_type";
    case errc::missing_field:
      return "missing_field";
    case errc::bad_cursor:
      return "bad_cursor";
    case errc::unauthenticated:
      return "unauthenticated";
    case errc::invalid_credentials:
      return "invalid_credentials";
    case errc::invalid_token:
      return "invalid_token";
    case errc::token_expired:
      return "token_expired";
    case errc::token_reused:
      return "token_reused";
    case errc::bad_signature:
      return "bad_signature";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not_found";
    case errc::method_not_allowed:
      return "method_not_allowed";
    case errc::not_acceptable:
      return "not_acceptable";
    case errc::request_timeout:
      return "request_timeout";
    case errc::conflict:
      return "conflict";
    case errc::already_exists:
      return "already_exists";
    case errc::email_taken:
      return "email_taken";
    case errc::username_taken:
      return "username_taken";
    case errc::seat_unavailable:
      return "seat_unavailable";
    case errc::not_enough_seats:
      return "not_enough_seats";
    case errc::orphan_seat:
      return "orphan_seat";
    case errc::not_held:
      return "not_held";
    case errc::hold_expired:
      return "hold_expired";
    case errc::session_not_open:
      return "session_not_open";
    case errc::session_expired:
      return "session_expired";
    case errc::empty_session:
      return "empty_session";
    case errc::cannot_extend:
      return "cannot_extend";
    case errc::limit_reached:
      return "limit_reached";
    case errc::not_on_sale:
      return "not_on_sale";
    case errc::event_cancelled:
      return "event_cancelled";
    case errc::checkout_token_required:
      return "checkout_token_required";
    case errc::checkout_token_invalid:
      return "checkout_token_invalid";
    case errc::checkout_in_progress:
      return "checkout_in_progress";
    case errc::payment_pending:
      return "payment_pending";
    case errc::payment_settled:
      return "payment_settled";
    case errc::wrong_amount:
      return "wrong_amount";
    case errc::request_in_progress:
      return "request_in_progress";
    case errc::not_in_queue:
      return "not_in_queue";
    case errc::queue_closed:
      return "queue_closed";
    case errc::no_waiting_room:
      return "no_waiting_room";
    case errc::length_required:
      return "length_required";
    case errc::precondition_failed:
      return "precondition_failed";
    case errc::body_too_large:
      return "body_too_large";
    case errc::uri_too_long:
      return "uri_too_long";
    case errc::unsupported_media_type:
      return "unsupported_media_type";
    case errc::invalid_value:
      return "invalid_value";
    case errc::unknown_seat:
      return "unknown_seat";
    case errc::key_reused:
      return "key_reused";
    case errc::wrong_state:
      return "wrong_state";
    case errc::rate_limited:
      return "rate_limited";
    case errc::head_too_large:
      return "head_too_large";
    case errc::internal:
      return "internal";
    case errc::not_implemented:
      return "not_implemented";
    case errc::unavailable:
      return "unavailable";
    case errc::overloaded:
      return "overloaded";
    case errc::outcome_unknown:
      return "outcome_unknown";
    case errc::quarantined:
      return "quarantined";
  }
  return "ok";
}

unsigned http_status(errc e) {
  switch (e) {
    case errc::ok:
      return 200;
    case errc::bad_request:
    case errc::invalid_json:
    case errc::unknown_field:
    case errc::wrong_type:
    case errc::missing_field:
    case errc::bad_cursor:
      return 400;
    case errc::unauthenticated:
    case errc::invalid_credentials:
    case errc::invalid_token:
    case errc::token_expired:
    case errc::token_reused:
    case errc::bad_signature:
      return 401;
    case errc::forbidden:
      return 403;
    case errc::not_found:
    case errc::not_in_queue:
      return 404;
    case errc::method_not_allowed:
      return 405;
    case errc::not_acceptable:
      return 406;
    case errc::request_timeout:
      return 408;
    case errc::conflict:
    case errc::already_exists:
    case errc::email_taken:
    case errc::username_taken:
    case errc::seat_unavailable:
    case errc::not_enough_seats:
    case errc::orphan_seat:
    case errc::not_held:
    case errc::hold_expired:
    case errc::session_not_open:
    case errc::session_expired:
    case errc::empty_session:
    case errc::cannot_extend:
    case errc::limit_reached:
    case errc::not_on_sale:
    case errc::event_cancelled:
    case errc::checkout_token_required:
    case errc::checkout_token_invalid:
    case errc::checkout_in_progress:
    case errc::payment_pending:
    case errc::payment_settled:
    case errc::wrong_amount:
    case errc::request_in_progress:
    case errc::queue_closed:
    case errc::no_waiting_room:
    case errc::wrong_state:
      return 409;
    case errc::length_required:
      return 411;
    case errc::precondition_failed:
      return 412;
    case errc::body_too_large:
      return 413;
    case errc::uri_too_long:
      return 414;
    case errc::unsupported_media_type:
      return 415;
    case errc::invalid_value:
    case errc::unknown_seat:
    case errc::key_reused:
      return 422;
    case errc::rate_limited:
      return 429;
    case errc::head_too_large:
      return 431;
    case errc::internal:
      return 500;
    case errc::not_implemented:
      return 501;
    case errc::unavailable:
    case errc::overloaded:
    case errc::outcome_unknown:
    case errc::quarantined:
      return 503;
  }
  return 500;
}

std::string_view sentence(errc e) {
  switch (e) {
    case errc::ok:
      return "All is well.";
    case errc::bad_request:
      return "The request is malformed.";
    case errc::invalid_json:
      return "The body is not valid JSON.";
    case errc::unknown_field:
      return "The body has a field that this route does not know.";
    case errc::wrong_type:
      return "A field has the wrong type.";
    case errc::missing_field:
      return "A required field is missing.";
    case errc::bad_cursor:
      return "The page token is not one of ours.";
    case errc::unauthenticated:
      return "Sign in first.";
    case errc::invalid_credentials:
      return "E-mail or password is wrong.";
    case errc::invalid_token:
      return "The token is not valid.";
    case errc::token_expired:
      return "The token has expired.";
    case errc::token_reused:
      return "This refresh token was used before; the whole family is signed "
             "out.";
    case errc::bad_signature:
      return "The signature does not match.";
    case errc::forbidden:
      return "You may not do this.";
    case errc::not_found:
      return "There is no such thing.";
    case errc::method_not_allowed:
      return "This route does not know the method.";
    case errc::not_acceptable:
      return "None of the accepted representations exists.";
    case errc::request_timeout:
      return "The request took too long to arrive.";
    case errc::conflict:
      return "The current state does not allow this.";
    case errc::already_exists:
      return "It exists already.";
    case errc::email_taken:
      return "An account with this e-mail exists already.";
    case errc::username_taken:
      return "An account with this user name exists already.";
    case errc::seat_unavailable:
      return "At least one of the seats is not available.";
    case errc::not_enough_seats:
      return "There are not enough seats of this kind left.";
    case errc::orphan_seat:
      return "The choice would leave a single seat between taken ones.";
    case errc::not_held:
      return "The session does not hold this seat.";
    case errc::hold_expired:
      return "The hold has expired.";
    case errc::session_not_open:
      return "The session is not open any more.";
    case errc::session_expired:
      return "The session has expired.";
    case errc::empty_session:
      return "The session holds no seats.";
    case errc::cannot_extend:
      return "The session cannot be extended any further.";
    case errc::limit_reached:
      return "The limit of tickets per buyer for this event is reached.";
    case errc::not_on_sale:
      return "The event is not on sale.";
    case errc::event_cancelled:
      return "The event is cancelled.";
    case errc::checkout_token_required:
      return "This event has a waiting room: a checkout token is needed.";
    case errc::checkout_token_invalid:
      return "The checkout token is not valid for this buyer and event.";
    case errc::checkout_in_progress:
      return "The checkout token is in use by another session.";
    case errc::payment_pending:
      return "A payment for this session is pending.";
    case errc::payment_settled:
      return "The payment is already settled.";
    case errc::wrong_amount:
      return "The amount or currency does not match the payment.";
    case errc::request_in_progress:
      return "A request with this Idempotency-Key is still running.";
    case errc::not_in_queue:
      return "You have no place in this queue.";
    case errc::queue_closed:
      return "The waiting room is closed.";
    case errc::no_waiting_room:
      return "This event has no waiting room.";
    case errc::length_required:
      return "A Content-Length is required.";
    case errc::precondition_failed:
      return "The thing has changed in the meantime.";
    case errc::body_too_large:
      return "The body is too large.";
    case errc::uri_too_long:
      return "The request line is too long.";
    case errc::unsupported_media_type:
      return "The body must be application/json.";
    case errc::invalid_value:
      return "A value is out of its range.";
    case errc::unknown_seat:
      return "There is no such seat.";
    case errc::key_reused:
      return "This Idempotency-Key was used with another body.";
    case errc::wrong_state:
      return "The event is not in the state that this step needs.";
    case errc::rate_limited:
      return "Too many requests.";
    case errc::head_too_large:
      return "The head of the request is too large.";
    case errc::internal:
      return "Something went wrong on our side.";
    case errc::not_implemented:
      return "The method is not known.";
    case errc::unavailable:
      return "The service cannot answer now; try again.";
    case errc::overloaded:
      return "The service is overloaded; try again.";
    case errc::outcome_unknown:
      return "Nobody knows yet whether this happened; ask again with the same "
             "key.";
    case errc::quarantined:
      return "This part of the service is set aside after repeated faults.";
  }
  return "All is well.";
}

} // namespace usher

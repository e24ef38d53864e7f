#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// Every way a request can be refused or fail: the one closed list. The names
/// are the stable `code` of problem+json; `ok` is never sent.
enum class errc : std::uint8_t {
  ok = 0,
  bad_request,
  invalid_json,
  unknown_field,
  wrong_type,
  missing_field,
  bad_cursor,
  unauthenticated,
  invalid_credentials,
  invalid_token,
  token_expired,
  token_reused,
  bad_signature,
  forbidden,
  not_found,
  method_not_allowed,
  request_timeout,
  already_exists,
  email_taken,
  username_taken,
  seat_unavailable,
  not_enough_seats,
  orphan_seat,
  not_held,
  hold_expired,
  session_not_open,
  session_expired,
  empty_session,
  cannot_extend,
  limit_reached,
  not_on_sale,
  event_cancelled,
  checkout_token_required,
  checkout_token_invalid,
  checkout_in_progress,
  payment_pending,
  payment_settled,
  wrong_amount,
  request_in_progress,
  not_in_queue,
  queue_closed,
  no_waiting_room,
  body_too_large,
  uri_too_long,
  unsupported_media_type,
  invalid_value,
  unknown_seat,
  key_reused,
  wrong_state,
  rate_limited,
  head_too_large,
  internal,
  not_implemented,
  unavailable,
  overloaded,
  outcome_unknown,
  quarantined, // the last: see the table in error.cpp
};

/// The stable code of problem+json.
std::string_view to_string(errc);

/// The code of that name, if there is one.
std::optional<errc> parse_errc(std::string_view name);

/// The HTTP status that answers for it.
unsigned http_status(errc);

/// One English sentence for people.
std::string_view sentence(errc);

/// What can be done about a refusal, where its code does not say: a closed
/// list, too. The names are the stable `advice` of problem+json.
enum class advice : std::uint8_t {
  hold_again,
  give_back_more,
  give_back_or_cancel,
  use_websocket,
  wait_for_upgrade,
};

constexpr auto last_advice = advice::wait_for_upgrade;

std::string_view to_string(advice);

/// In English, for people.
std::string_view sentence(advice);

/// The member of a problem that names it: `"advice":"hold_again"`. Who decides
/// does not know what language the caller reads; the front says it in that.
std::string as_member(advice);

template <class T>
using result = boost::system::result<T, errc>;

} // namespace usher

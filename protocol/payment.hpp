#pragma once

#include "protocol/answer.hpp"
#include "protocol/booking_session.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

/// One attempt to take money for one order.
namespace usher::payment {

enum class status : std::uint8_t {
  none,
  pending,
  completed,
  failed,
  expired,
  refunding,
  refunded,
};

BOOST_DESCRIBE_ENUM(status, none, pending, completed, failed, expired,
                    refunding, refunded)

// -- commands

/// Journal the intent; the provider hears of it after that.
struct create {
  static constexpr std::string_view command_name = "payment.create/1";
  session_id session;
  event_id event;
  account_id payer;
  money amount;
  std::string method;
  timestamp until;
};

BOOST_DESCRIBE_STRUCT(create, (),
                      (session, event, payer, amount, method, until))

/// What the provider says happened.
enum class report : std::uint8_t { succeeded, failed, expired };

BOOST_DESCRIBE_ENUM(report, succeeded, failed, expired)

/// A signed callback of the provider, or its answer to our question.
struct notify {
  static constexpr std::string_view command_name = "payment.notify/1";
  std::string callback; ///< the provider's id of it
  report what{};
  money amount;
  answer_slot got; ///< of the session
  bool told = false;
};

BOOST_DESCRIBE_STRUCT(notify, (), (callback, what, amount))

/// The provider's answer to a refund.
struct refund_done {
  static constexpr std::string_view command_name = "payment.refund_done/1";
  bool accepted = false;
};

BOOST_DESCRIBE_STRUCT(refund_done, (), (accepted))

struct describe {
  static constexpr std::string_view command_name = "payment.describe/1";
  static constexpr bool is_query = true;
  account_id caller;
};

BOOST_DESCRIBE_STRUCT(describe, (), (caller))

/// How does it stand? For the session's reconciliation.
struct inquire {
  static constexpr std::string_view command_name = "payment.inquire/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(inquire, (), ())

using command =
  std::variant<create, notify, refund_done, describe, inquire, wake>;

// -- answers

/// Where the buyer pays.
inline std::string url_of(payment_id id) {
  return "/v1/sandbox/payments/" + to_string(id.value);
}

struct standing {
  payment_id id;
  status now{};
  money amount;
  session_id session;
  timestamp until;                 ///< the end of its window
  std::string url;                 ///< where the buyer pays
  std::optional<account_id> payer; ///< nodes before this field do not say
};

BOOST_DESCRIBE_STRUCT(standing, (),
                      (id, now, amount, session, until, url, payer))

// -- facts

struct created {
  static constexpr std::string_view fact_name = "payment.created/1";
  static constexpr bool is_listed = true;
  session_id session;
  event_id event;
  account_id payer;
  money amount;
  std::string method;
  timestamp until;
  timestamp at;
  bool operator==(const created&) const = default;
};

BOOST_DESCRIBE_STRUCT(created, (),
                      (session, event, payer, amount, method, until, at))

struct completed {
  static constexpr std::string_view fact_name = "payment.completed/1";
  static constexpr bool is_listed = true;
  std::string callback;
  timestamp at;
  bool operator==(const completed&) const = default;
};

BOOST_DESCRIBE_STRUCT(completed, (), (callback, at))

struct failed {
  static constexpr std::string_view fact_name = "payment.failed/1";
  static constexpr bool is_listed = true;
  std::string callback;
  bool operator==(const failed&) const = default;
};

BOOST_DESCRIBE_STRUCT(failed, (), (callback))

struct expired {
  static constexpr std::string_view fact_name = "payment.expired/1";
  static constexpr bool is_listed = true;
  bool operator==(const expired&) const = default;
};

BOOST_DESCRIBE_STRUCT(expired, (), ())

/// A callback named another amount or currency: refused, and an incident.
struct amount_mismatch {
  static constexpr std::string_view fact_name = "payment.amount_mismatch/1";
  std::string callback;
  money claimed;
  bool operator==(const amount_mismatch&) const = default;
};

BOOST_DESCRIBE_STRUCT(amount_mismatch, (), (callback, claimed))

/// The money goes back: journaled before the provider is asked.
struct refund_started {
  static constexpr std::string_view fact_name = "payment.refund_started/1";
  static constexpr bool is_listed = true;
  bool operator==(const refund_started&) const = default;
};

BOOST_DESCRIBE_STRUCT(refund_started, (), ())

struct refunded {
  static constexpr std::string_view fact_name = "payment.refunded/1";
  static constexpr bool is_listed = true;
  bool operator==(const refunded&) const = default;
};

BOOST_DESCRIBE_STRUCT(refunded, (), ())

/// The order has heard of the money and keeps it.
struct settled {
  static constexpr std::string_view fact_name = "payment.settled/1";
  bool operator==(const settled&) const = default;
};

BOOST_DESCRIBE_STRUCT(settled, (), ())

/// The provider is asked once more after the end, and what it says is not
/// waited for: that is done at the last time only, for a while.
struct looked_again {
  static constexpr std::string_view fact_name = "payment.looked_again/1";
  std::uint32_t times = 0; ///< so far
  bool operator==(const looked_again&) const = default;
};

BOOST_DESCRIBE_STRUCT(looked_again, (), (times))

using fact = std::variant<created, completed, failed, expired, amount_mismatch,
                          refund_started, refunded, settled, looked_again>;

} // namespace usher::payment

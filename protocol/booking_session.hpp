#pragma once

#include "protocol/answer.hpp"
#include "protocol/event.hpp"
#include "protocol/ids.hpp"
#include "protocol/json_object.hpp"
#include "protocol/seat_block.hpp"

#include <compare>
#include <variant>

/// One buyer's way from the cart through checkout to the completed order.
namespace usher::booking_session {

/// One line of the cart: a seat, or places of general admission.
struct item {
  std::string id; ///< seat id, or the section's name in general admission
  std::string section;
  block_id block;
  ticket_type_id ticket_type;
  std::int64_t price = 0; ///< of one place, as it was when it was held
  std::uint32_t places = 1;
  bool general_admission = false;
  bool operator==(const item&) const = default;
};

BOOST_DESCRIBE_STRUCT(item, (),
                      (id, section, block, ticket_type, price, places,
                       general_admission))

/// What is true of nearly all items goes without saying: one numbered seat.
inline void put(std::string& out, const item& x) {
  json::object to{out};
  to.put("id", x.id).put("section", x.section).put("block", x.block);
  to.put("ticket_type", x.ticket_type).put("price", x.price);
  if (x.places != 1)
    to.put("places", x.places);
  if (x.general_admission)
    to.put("general_admission", true);
}

enum class status : std::uint8_t {
  none,
  open,
  checkout,
  failed, ///< the payment failed; checkout may be tried again
  completed,
  expired,
  cancelled,
};

BOOST_DESCRIBE_ENUM(status, none, open, checkout, failed, completed, expired,
                    cancelled)

/// A ticket as it was issued.
struct ticket {
  ticket_id id;
  std::string number; ///< for people: TK-XXXX-XXXX-XXXX
  std::string seat;
  std::string section;
  ticket_type_id ticket_type;
  std::int64_t price = 0;
  bool operator==(const ticket&) const = default;
};

BOOST_DESCRIBE_STRUCT(ticket, (),
                      (id, number, seat, section, ticket_type, price))

/// What a buyer asks for in one go.
struct wish {
  std::vector<std::string> seats;   ///< seat ids
  std::uint32_t best_available = 0; ///< how many
  std::string section;              ///< for best_available; empty = any
  std::vector<std::pair<ticket_type_id, std::uint32_t>> places;
};

BOOST_DESCRIBE_STRUCT(wish, (), (seats, best_available, section, places))

/// What the party must put up with in a section, as far as it is known. To
/// leave a single seat is less than to sit apart.
struct concession {
  seat_block::compromise needs{};
  bool orphan = false; ///< may be left
  auto operator<=>(const concession&) const = default;
};

/// A section that may serve.
struct candidate {
  std::string section;
  concession known;
  bool general_admission = false;
  bool fewer = false; ///< what it has will do: others have the rest
};

/// One visit to one block, or to the first of several that can serve.
struct visit {
  std::vector<candidate> sections; ///< in the order of preference
  std::vector<std::string> seats;  ///< within the block: `<row>-<number>`
  std::uint32_t places = 0;        ///< instead of named seats
};

// -- commands

struct open {
  static constexpr std::string_view command_name = "booking_session.open/1";
  account_id caller;
  event_id event;
  std::string email;
  std::uint64_t queue_number = 0; ///< of a checkout token; 0 = none
  std::uint8_t asked = 0;
  std::shared_ptr<const event::terms> terms;
  bool shared = false; ///< as the allowance said
  answer_slot got;
  duration max_hold = std::chrono::minutes{30}; ///< extensions and all
};

BOOST_DESCRIBE_STRUCT(open, (), (caller, event, email, queue_number, max_hold))

/// Take what is wished for, all or nothing.
struct hold {
  static constexpr std::string_view command_name = "booking_session.hold/1";
  account_id caller;
  wish wanted;
  // what the saga knows so far
  bool started = false;
  bool granted = false; ///< the allowance agreed
  std::vector<visit> todo;
  std::vector<item> taken;
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(hold, (), (caller, wanted))

struct remove {
  static constexpr std::string_view command_name = "booking_session.remove/1";
  account_id caller;
  std::string seat;
};

BOOST_DESCRIBE_STRUCT(remove, (), (caller, seat))

/// Give back so many places of a line of general admission; all of them is as
/// good as `remove`.
struct reduce {
  static constexpr std::string_view command_name = "booking_session.reduce/1";
  account_id caller;
  std::string seat; ///< the section's name
  std::uint32_t places = 0;
};

BOOST_DESCRIBE_STRUCT(reduce, (), (caller, seat, places))

struct extend {
  static constexpr std::string_view command_name = "booking_session.extend/1";
  account_id caller;
  bool started = false;
  timestamp until;
  std::size_t done = 0; ///< blocks that agreed
  answer_slot got;
  duration step = std::chrono::minutes{5};
};

BOOST_DESCRIBE_STRUCT(extend, (), (caller, step))

struct cancel {
  static constexpr std::string_view command_name = "booking_session.cancel/1";
  account_id caller;
};

BOOST_DESCRIBE_STRUCT(cancel, (), (caller))

struct checkout {
  static constexpr std::string_view command_name = "booking_session.checkout/1";
  account_id caller;
  std::string method;
  bool started = false;
  bool paying = false; ///< the payment was asked
  timestamp until;
  std::size_t done = 0;
  answer_slot got;
  bool takes_money = true;          ///< somebody is there to take the payment
  std::optional<uuid> request = {}; ///< names it, if it may be repeated
};

BOOST_DESCRIBE_STRUCT(checkout, (), (caller, method, takes_money, request))

struct describe {
  static constexpr std::string_view command_name = "booking_session.describe/1";
  static constexpr bool is_query = true;
  account_id caller;
};

BOOST_DESCRIBE_STRUCT(describe, (), (caller))

/// The payment's outcome, told by the payment; repeated until answered.
enum class outcome : std::uint8_t { paid, failed, expired };

BOOST_DESCRIBE_ENUM(outcome, paid, failed, expired)

struct settle {
  static constexpr std::string_view command_name = "booking_session.settle/1";
  payment_id payment;
  outcome how{};
  enum class stage : std::uint8_t {
    fresh,
    claiming,
    securing,
    retaking,
    selling
  };
  stage at{};
  std::size_t done = 0; ///< blocks dealt with in this stage
  bool late = false;    ///< the hold had lapsed: the seats are taken anew
  bool counts = false;  ///< the allowance had let go of it, and agreed again
  bool free = false;    ///< there is nothing to pay: the buyer waits
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(settle, (), (payment, how))

/// A turn in an event's waiting room.
struct turn {
  event_id event;
  std::uint64_t number = 0; ///< as it was dealt
};

BOOST_DESCRIBE_STRUCT(turn, (), (event, number))

/// The allowance must hear of every further seat from now on. Answers `used`.
/// With a turn it is the room that asks: a session that does not use it, or no
/// longer, checks out.
struct share {
  static constexpr std::string_view command_name = "booking_session.share/1";
  std::optional<turn> in_doubt;
};

BOOST_DESCRIBE_STRUCT(share, (), (in_doubt))

/// How many tickets the session holds or has bought.
struct usage {
  static constexpr std::string_view command_name = "booking_session.usage/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(usage, (), ())

/// Asks the payment how it stands (reconciliation), and goes on from there.
struct reconcile {
  static constexpr std::string_view command_name =
    "booking_session.reconcile/1";
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(reconcile, (), ())

/// Asks the blocks that may have sold for an order that came to nothing, until
/// each has taken it back: the letters that told them may be lost.
struct undo {
  static constexpr std::string_view command_name = "booking_session.undo/1";
  std::size_t done = 0; ///< blocks that have
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(undo, (), ())

/// The event is cancelled: what is not bought by now comes to nothing, and the
/// payment that is awaited expires. Told by the blocks until nothing is held.
struct wind_up {
  static constexpr std::string_view command_name = "booking_session.wind_up/1";
};

BOOST_DESCRIBE_STRUCT(wind_up, (), ())

using command =
  std::variant<open, hold, remove, extend, cancel, checkout, describe, settle,
               share, usage, reconcile, undo, wind_up, reduce, wake>;

// -- answers

struct used {
  std::uint32_t tickets = 0;
  bool over = false; ///< the session has ended; what it used is bought
};

BOOST_DESCRIBE_STRUCT(used, (), (tickets, over))

/// What became of the money: `refund` if no seat could be given for it.
struct settled {
  bool refund = false;
};

BOOST_DESCRIBE_STRUCT(settled, (), (refund))

// -- facts

struct opened {
  static constexpr std::string_view fact_name = "booking_session.opened/1";
  event_id event;
  account_id buyer;
  std::string email;
  uuid token;
  std::string currency;
  std::uint32_t hold_seconds = 0;
  std::uint32_t checkout_seconds = 0;
  std::uint32_t max_per_user = 0;
  bool shared = false; ///< the buyer has other sessions for this event
  std::uint64_t queue_number = 0;
  timestamp at;
  timestamp expires_at;
  timestamp last_moment; ///< no extension goes beyond it
  bool operator==(const opened&) const = default;
};

BOOST_DESCRIBE_STRUCT(opened, (),
                      (event, buyer, email, token, currency, hold_seconds,
                       checkout_seconds, max_per_user, shared, queue_number, at,
                       expires_at, last_moment))

struct added {
  static constexpr std::string_view fact_name = "booking_session.added/1";
  std::vector<item> items;
  std::optional<bool> first = {}; ///< that the session ever held; else absent
  bool operator==(const added&) const = default;
};

BOOST_DESCRIBE_STRUCT(added, (), (items, first))

struct removed {
  static constexpr std::string_view fact_name = "booking_session.removed/1";
  std::string seat;
  bool operator==(const removed&) const = default;
};

BOOST_DESCRIBE_STRUCT(removed, (), (seat))

/// So many places of a line of general admission were given back; some are
/// left.
struct reduced {
  static constexpr std::string_view fact_name = "booking_session.reduced/1";
  std::string seat;
  std::uint32_t places = 0;
  bool operator==(const reduced&) const = default;
};

BOOST_DESCRIBE_STRUCT(reduced, (), (seat, places))

struct extended {
  static constexpr std::string_view fact_name = "booking_session.extended/1";
  timestamp until;
  bool operator==(const extended&) const = default;
};

BOOST_DESCRIBE_STRUCT(extended, (), (until))

struct checkout_started {
  static constexpr std::string_view fact_name =
    "booking_session.checkout_started/1";
  static constexpr bool is_listed = true;
  payment_id payment;
  std::string method;
  std::int64_t amount = 0;
  timestamp until;
  event_id event; ///< from here on: said again, for the lists
  account_id buyer;
  std::string currency;
  timestamp at;
  std::optional<uuid> request = {}; ///< that began it, if it may be repeated
  bool operator==(const checkout_started&) const = default;
};

BOOST_DESCRIBE_STRUCT(checkout_started, (),
                      (payment, method, amount, until, event, buyer, currency,
                       at, request))

struct payment_failed {
  static constexpr std::string_view fact_name =
    "booking_session.payment_failed/1";
  static constexpr bool is_listed = true;
  payment_id payment;
  outcome how{};
  bool operator==(const payment_failed&) const = default;
};

BOOST_DESCRIBE_STRUCT(payment_failed, (), (payment, how))

struct completed {
  static constexpr std::string_view fact_name = "booking_session.completed/1";
  static constexpr bool is_listed = true;
  payment_id payment;
  std::vector<ticket> tickets;
  bool late = false;
  timestamp at;
  event_id event; ///< from here on: said again, for the lists
  account_id buyer;
  std::string currency;
  bool operator==(const completed&) const = default;
};

BOOST_DESCRIBE_STRUCT(completed, (),
                      (payment, tickets, late, at, event, buyer, currency))

struct expired {
  static constexpr std::string_view fact_name = "booking_session.expired/1";
  static constexpr bool is_listed = true;
  bool operator==(const expired&) const = default;
};

BOOST_DESCRIBE_STRUCT(expired, (), ())

struct cancelled {
  static constexpr std::string_view fact_name = "booking_session.cancelled/1";
  static constexpr bool is_listed = true;
  bool operator==(const cancelled&) const = default;
};

BOOST_DESCRIBE_STRUCT(cancelled, (), ())

/// From now on the allowance counts each seat of this session.
struct shared {
  static constexpr std::string_view fact_name = "booking_session.shared/1";
  bool operator==(const shared&) const = default;
};

BOOST_DESCRIBE_STRUCT(shared, (), ())

/// A payment came too late for its seats: the money goes back.
struct refund_due {
  static constexpr std::string_view fact_name = "booking_session.refund_due/1";
  static constexpr bool is_listed = true;
  payment_id payment;
  bool operator==(const refund_due&) const = default;
};

BOOST_DESCRIBE_STRUCT(refund_due, (), (payment))

/// No block has sold anything any more for an order that came to nothing.
struct undone {
  static constexpr std::string_view fact_name = "booking_session.undone/1";
  bool operator==(const undone&) const = default;
};

BOOST_DESCRIBE_STRUCT(undone, (), ())

using fact = std::variant<opened, added, removed, extended, checkout_started,
                          payment_failed, completed, expired, cancelled, shared,
                          refund_due, undone, reduced>;

} // namespace usher::booking_session

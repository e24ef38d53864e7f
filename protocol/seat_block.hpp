#pragma once

#include "protocol/answer.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/layout.hpp"
#include "protocol/wake.hpp"

#include <optional>
#include <variant>

/// What can be said to a seat block, and what it says back. A seat block is the
/// unit of sale: one section of a venue for one event, with one owner.
namespace usher::seat_block {

/// A seat's place in its block: rows one after the other, each from its
/// physical left. Stored in facts.
using seat_no = std::uint32_t;

/// The key of the block that sells `section` of an event.
inline block_id block_of(event_id event, std::string_view section) {
  return {derive_uuid(event.value, "block:" + std::string{section})};
}

// -- commands: what somebody wants

/// Put the block on sale.
struct open {
  static constexpr std::string_view command_name = "seat_block.open/1";
  event_id event;
  section plan;
  ticket_type_id ticket_type;
  money price;
  bool no_orphans = false; ///< hand-picked seats may not leave single ones
};

BOOST_DESCRIBE_STRUCT(open, (), (event, plan, ticket_type, price, no_orphans))

/// Reserve every listed seat for a session, or none of them. Seats are named
/// `<row label>-<number>`. Whoever had them before, and takes them `again`, may
/// leave a single one. When a session gives seats back, a new `round` of it
/// begins. Its letter may be overtaken by what it holds in that round, and
/// means nothing then: what the session neither asks for nor `has` here goes
/// back.
struct hold {
  static constexpr std::string_view command_name = "seat_block.hold/1";
  session_id session;
  std::vector<std::string> seats;
  timestamp until;
  std::optional<bool> again = {}; ///< left out where not
  std::optional<std::vector<std::string>> has = {};
  std::optional<std::uint32_t> round = {}; ///< left out in the first
};

BOOST_DESCRIBE_STRUCT(hold, (), (session, seats, until, again, has, round))

/// What a party puts up with to get its seats, the least first.
enum class compromise : std::uint8_t {
  none,       ///< side by side, and no accessible seat
  apart,      ///< in pieces, but no accessible seat
  accessible, ///< accessible seats, as the others do not suffice
};

BOOST_DESCRIBE_ENUM(compromise, none, apart, accessible)

/// Reserve the best `count` seats that can be had. If that takes more than
/// `at_most`, none is reserved, and the answer says what it takes; without a
/// limit, whatever it takes. The same if those side by side would leave a
/// single seat and the limit is `no_orphan`. A session that says what it `has`
/// here may get what it holds besides: the answer to that was lost.
struct hold_best {
  static constexpr std::string_view command_name = "seat_block.hold_best/1";
  session_id session;
  std::uint32_t count = 0;
  timestamp until;
  std::optional<compromise> at_most = std::nullopt;
  std::optional<bool> no_orphan = {}; ///< left out where not
  std::optional<std::vector<std::string>> has = {};
  std::optional<std::uint32_t> round = {}; ///< see hold
};

BOOST_DESCRIBE_STRUCT(hold_best, (),
                      (session, count, until, at_most, no_orphan, has, round))

/// Reserve `count` more places of general admission than the session `has`. If
/// it does not say, than it holds; if it does, what it holds besides, because
/// an answer was lost, is part of them. If `fewer` will do, and there are not
/// so many, what there is.
struct hold_places {
  static constexpr std::string_view command_name = "seat_block.hold_places/1";
  session_id session;
  std::uint32_t count = 0;
  timestamp until;
  std::optional<std::uint32_t> has = {};
  std::optional<std::uint32_t> round = {}; ///< see hold
  std::optional<bool> fewer = {};          ///< left out where not
};

BOOST_DESCRIBE_STRUCT(hold_places, (),
                      (session, count, until, has, round, fewer))

/// Move the end of these seats, or so many places, later or earlier. Refused
/// with hold_expired unless the session holds all of them; what else it holds
/// here goes back: an interrupted hold may have left it. What is left of a cart
/// that gave seats back is `judged` as if it was picked by hand now.
struct extend {
  static constexpr std::string_view command_name = "seat_block.extend/1";
  session_id session;
  std::vector<std::string> seats;
  std::uint32_t places = 0;
  timestamp until;
  std::optional<bool> judged = {};         ///< left out where not
  std::optional<std::uint32_t> round = {}; ///< see hold
};

BOOST_DESCRIBE_STRUCT(extend, (),
                      (session, seats, places, until, judged, round))

/// Give back some seats of a session, or `places` of general admission; with
/// neither named, all it holds. Never refused. It begins a `round`: what was
/// held in that, or later, stays.
struct release {
  static constexpr std::string_view command_name = "seat_block.release/1";
  session_id session;
  std::vector<std::string> seats;
  std::uint32_t places = 0;
  std::uint32_t round = 0; ///< 0 = whatever came before, or comes
};

BOOST_DESCRIBE_STRUCT(release, (), (session, seats, places, round))

/// Sell the session what it holds: exactly `count` seats or places. A repeat
/// finds them sold and changes nothing. A session numbers its sales, lest one
/// that was overtaken sells what is taken back by now.
struct confirm {
  static constexpr std::string_view command_name = "seat_block.confirm/1";
  session_id session;
  std::uint32_t count = 0;
  std::uint32_t sale = 0; ///< 0 = of a node that does not number them
};

BOOST_DESCRIBE_STRUCT(confirm, (), (session, count, sale))

/// Undo a sale: what the session bought here can be sold again. A session that
/// goes on holds it instead, to `keep_until`. Only the sales up to `sale` are
/// meant, and a later one stands; 0 = all of them.
struct take_back {
  static constexpr std::string_view command_name = "seat_block.take_back/1";
  session_id session;
  std::uint32_t sale = 0;
  std::optional<timestamp> keep_until = {};
};

BOOST_DESCRIBE_STRUCT(take_back, (), (session, sale, keep_until))

/// Take seats out of sale, with a reason.
struct block_seats {
  static constexpr std::string_view command_name = "seat_block.block_seats/1";
  std::vector<std::string> seats;
  std::string reason;
};

BOOST_DESCRIBE_STRUCT(block_seats, (), (seats, reason))

struct unblock_seats {
  static constexpr std::string_view command_name = "seat_block.unblock_seats/1";
  std::vector<std::string> seats;
};

BOOST_DESCRIBE_STRUCT(unblock_seats, (), (seats))

/// Stop selling for good; what is sold stays sold.
struct close {
  static constexpr std::string_view command_name = "seat_block.close/1";
};

BOOST_DESCRIBE_STRUCT(close, (), ())

/// Ask for the seats as JSON, if they changed since `newer_than`.
struct view {
  static constexpr std::string_view command_name = "seat_block.view/1";
  static constexpr bool is_query = true;
  version newer_than = 0;
};

BOOST_DESCRIBE_STRUCT(view, (), (newer_than))

/// Make sure that the event has heard whether there is a seat left to sell.
struct tell_event {
  static constexpr std::string_view command_name = "seat_block.tell_event/1";
  bool exhausted = false;
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(tell_event, (), ())

using command = std::variant<open, hold, hold_best, hold_places, extend,
                             release, confirm, take_back, block_seats,
                             unblock_seats, close, view, tell_event, wake>;

// -- answers

/// One seat or one kind of place that a session now holds.
struct granted_seat {
  std::string id; ///< `<section>-<row>-<number>`, or the section's name
  std::uint32_t places = 1;
  bool operator==(const granted_seat&) const = default;
};

BOOST_DESCRIBE_STRUCT(granted_seat, (), (id, places))

struct granted {
  std::string section;
  block_id block;
  ticket_type_id ticket_type;
  money price; ///< of one seat
  std::vector<granted_seat> seats;
  std::optional<compromise> needs = std::nullopt; ///< for any seat at all
};

BOOST_DESCRIBE_STRUCT(granted, (),
                      (section, block, ticket_type, price, seats, needs))

/// The seats as they stand, ready to be sent.
struct picture {
  version now = 0;
  std::string section_json; ///< empty if nothing changed
  std::string section;
  ticket_type_id ticket_type;
  std::uint32_t total = 0;
  std::uint32_t available = 0;
  std::uint32_t held = 0;
  std::uint32_t sold = 0;
  std::uint32_t blocked = 0;
};

BOOST_DESCRIBE_STRUCT(picture, (),
                      (now, section, ticket_type, total, available, held, sold,
                       blocked))

// -- facts: what happened

struct opened {
  static constexpr std::string_view fact_name = "seat_block.opened/1";
  event_id event;
  section plan;
  ticket_type_id ticket_type;
  money price;
  bool no_orphans = false;
  bool operator==(const opened&) const = default;
};

BOOST_DESCRIBE_STRUCT(opened, (), (event, plan, ticket_type, price, no_orphans))

/// In general admission `seats` is empty and `places` counts.
struct held {
  static constexpr std::string_view fact_name = "seat_block.held/1";
  session_id session;
  std::vector<seat_no> seats;
  std::uint32_t places = 0;
  timestamp until;
  std::optional<std::uint32_t> undone = {}; ///< sales up to this one
  std::optional<std::uint32_t> round = {};  ///< of the session
  bool operator==(const held&) const = default;
};

BOOST_DESCRIBE_STRUCT(held, (), (session, seats, places, until, undone, round))

struct extended {
  static constexpr std::string_view fact_name = "seat_block.extended/1";
  session_id session;
  timestamp until;
  std::optional<std::uint32_t> undone = {}; ///< sales up to this one
  std::optional<std::uint32_t> round = {};  ///< of the session
  bool operator==(const extended&) const = default;
};

BOOST_DESCRIBE_STRUCT(extended, (), (session, until, undone, round))

struct released {
  static constexpr std::string_view fact_name = "seat_block.released/1";
  session_id session;
  std::vector<seat_no> seats;
  std::uint32_t places = 0;
  bool operator==(const released&) const = default;
};

BOOST_DESCRIBE_STRUCT(released, (), (session, seats, places))

/// A hold ended by time: all of it.
struct lapsed {
  static constexpr std::string_view fact_name = "seat_block.lapsed/1";
  session_id session;
  std::vector<seat_no> seats;
  std::uint32_t places = 0;
  bool operator==(const lapsed&) const = default;
};

BOOST_DESCRIBE_STRUCT(lapsed, (), (session, seats, places))

/// The session bought what it held.
struct sold {
  static constexpr std::string_view fact_name = "seat_block.sold/1";
  session_id session;
  std::vector<seat_no> seats;
  std::uint32_t places = 0;
  std::uint32_t sale = 0; ///< which of the session's
  bool operator==(const sold&) const = default;
};

BOOST_DESCRIBE_STRUCT(sold, (), (session, seats, places, sale))

/// The sale to the session was undone.
struct returned {
  static constexpr std::string_view fact_name = "seat_block.returned/1";
  session_id session;
  std::vector<seat_no> seats;
  std::uint32_t places = 0;
  bool operator==(const returned&) const = default;
};

BOOST_DESCRIBE_STRUCT(returned, (), (session, seats, places))

struct blocked {
  static constexpr std::string_view fact_name = "seat_block.blocked/1";
  std::vector<seat_no> seats;
  std::string reason;
  bool operator==(const blocked&) const = default;
};

BOOST_DESCRIBE_STRUCT(blocked, (), (seats, reason))

struct unblocked {
  static constexpr std::string_view fact_name = "seat_block.unblocked/1";
  std::vector<seat_no> seats;
  bool operator==(const unblocked&) const = default;
};

BOOST_DESCRIBE_STRUCT(unblocked, (), (seats))

struct closed {
  static constexpr std::string_view fact_name = "seat_block.closed/1";
  bool operator==(const closed&) const = default;
};

BOOST_DESCRIBE_STRUCT(closed, (), ())

/// The event has heard whether there is a seat left to sell.
struct event_told {
  static constexpr std::string_view fact_name = "seat_block.event_told/1";
  bool exhausted = false;
  bool operator==(const event_told&) const = default;
};

BOOST_DESCRIBE_STRUCT(event_told, (), (exhausted))

using fact = std::variant<opened, held, extended, released, lapsed, sold,
                          returned, blocked, unblocked, closed, event_told>;

} // namespace usher::seat_block

#pragma once

#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

/// The room before an event's checkout. It deals out numbers, and admits as
/// many holders of numbers as there are free checkout slots. It knows counts
/// and the few who are admitted, never the many who wait.
namespace usher::waiting_room {

inline uuid key_of(event_id event) {
  return derive_uuid(event.value, "waiting_room");
}

/// How fast people are let in.
struct rate {
  std::uint32_t max_active = 0; ///< checkouts at once
  std::uint32_t batch = 0;      ///< admitted at a time
  std::uint32_t token_seconds = 0;
  bool operator==(const rate&) const = default;
};

BOOST_DESCRIBE_STRUCT(rate, (), (max_active, batch, token_seconds))

// -- commands

/// Set up when the event is published; said again to stop the calls for a
/// while, and to let them go on. (An older node takes no note of that.) A room
/// that is open keeps its rate, which may have been changed meanwhile.
struct open {
  static constexpr std::string_view command_name = "waiting_room.open/1";
  event_id event;
  std::uint32_t max_active = 0;
  std::uint32_t batch = 0;
  std::uint32_t token_seconds = 0;
  timestamp sale_starts_at;
  std::optional<bool> held; ///< nobody is called; nothing said: as it was
  std::optional<uuid> draw_secret = {}; ///< heard by a room that opens now
  std::optional<std::uint32_t> show_up_seconds = {};
};

BOOST_DESCRIBE_STRUCT(open, (),
                      (event, max_active, batch, token_seconds, sale_starts_at,
                       held, draw_secret, show_up_seconds))

/// Deal the next number; or the last one of this user again, if nobody has
/// gone before them by it: they left before the draw, or the room never heard
/// that they left. A number whose answer never reached the slot is dealt to it
/// again, if that was lately.
struct take_number {
  static constexpr std::string_view command_name = "waiting_room.take_number/1";
  std::optional<std::uint64_t> had;        ///< the user's last number
  std::optional<uuid> slot = {};           ///< who asks
  std::optional<std::uint64_t> heard = {}; ///< the last that reached the slot
};

BOOST_DESCRIBE_STRUCT(take_number, (), (had, slot, heard))

/// Where does a number stand?
struct look {
  static constexpr std::string_view command_name = "waiting_room.look/1";
  static constexpr bool is_query = true;
  std::uint64_t number = 0;
};

BOOST_DESCRIBE_STRUCT(look, (), (number))

/// Whoever has this number asks for their turn, and so they are there: from now
/// on it is theirs for the whole of its time. Answers with the place.
struct show_up {
  static constexpr std::string_view command_name = "waiting_room.show_up/1";
  std::uint64_t number = 0;
};

BOOST_DESCRIBE_STRUCT(show_up, (), (number))

/// A waiting or admitted user gives up. One who has checked in keeps the turn
/// until the session ends.
struct leave {
  static constexpr std::string_view command_name = "waiting_room.leave/1";
  std::uint64_t number = 0;
};

BOOST_DESCRIBE_STRUCT(leave, (), (number))

/// An admitted user opens a session; one at a time.
struct check_in {
  static constexpr std::string_view command_name = "waiting_room.check_in/1";
  std::uint64_t number = 0;
  session_id session;
  timestamp until; ///< the session cannot outlive it
};

BOOST_DESCRIBE_STRUCT(check_in, (), (number, session, until))

/// A session has ended, however it did, and the number is used up; or it never
/// opened, and the number is good for another.
struct check_out {
  static constexpr std::string_view command_name = "waiting_room.check_out/1";
  std::uint64_t number = 0;
  session_id session;
  std::optional<bool> unopened;
};

BOOST_DESCRIBE_STRUCT(check_out, (), (number, session, unopened))

struct close {
  static constexpr std::string_view command_name = "waiting_room.close/1";
};

BOOST_DESCRIBE_STRUCT(close, (), ())

/// An organizer lets people in faster, or slower; what is not said stays as it
/// is. Nobody who was called loses anything by it. Answers with the room.
struct change_rate {
  static constexpr std::string_view command_name = "waiting_room.change_rate/1";
  std::optional<std::uint32_t> max_active;
  std::optional<std::uint32_t> batch;
  std::optional<std::uint32_t> token_seconds;
};

BOOST_DESCRIBE_STRUCT(change_rate, (), (max_active, batch, token_seconds))

/// An organizer sends away whoever waits; they may come again, for a new
/// number. Who was called stays. Answers with the room.
struct clear {
  static constexpr std::string_view command_name = "waiting_room.clear/1";
};

BOOST_DESCRIBE_STRUCT(clear, (), ())

/// The room as JSON: how many, and how fast; nothing about one of them.
struct watch {
  static constexpr std::string_view command_name = "waiting_room.watch/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(watch, (), ())

using command = std::variant<open, take_number, look, show_up, leave, check_in,
                             check_out, close, change_rate, clear, watch, wake>;

// -- answers

struct dealt {
  std::uint64_t number = 0;
};

BOOST_DESCRIBE_STRUCT(dealt, (), (number))

struct place {
  enum class kind : std::uint8_t { waiting, admitted, over };
  BOOST_DESCRIBE_NESTED_ENUM(kind, waiting, admitted, over)
  kind how{};
  std::uint64_t ahead = 0; ///< of this number
  std::uint64_t served_per_minute = 0;
  timestamp admitted_until;          ///< for the admitted
  std::optional<timestamp> opens_at; ///< before the sale: when calls begin
  /// Called, and nobody has seen them yet: see `show_up`. The turn is over soon
  /// if they do not come.
  std::optional<bool> is_awaited = {};
  /// In which who waits must show up, once called. (Older rooms do not say.)
  std::optional<std::uint32_t> show_up_seconds = {};
};

BOOST_DESCRIBE_STRUCT(place, (),
                      (how, ahead, served_per_minute, admitted_until, opens_at,
                       is_awaited, show_up_seconds))

// -- facts

struct opened {
  static constexpr std::string_view fact_name = "waiting_room.opened/1";
  event_id event;
  std::uint32_t max_active = 0;
  std::uint32_t batch = 0;
  std::uint32_t token_seconds = 0;
  timestamp sale_starts_at;
  /// What the draw will be made of: written down before anybody joins, and
  /// nobody's to see until then. (Older rooms made it of their event's id.)
  std::optional<uuid> draw_secret = {};
  /// In which a buyer who was called must show up. (Older rooms wait for the
  /// whole of the turn.)
  std::optional<std::uint32_t> show_up_seconds = {};
  bool operator==(const opened&) const = default;
};

BOOST_DESCRIBE_STRUCT(opened, (),
                      (event, max_active, batch, token_seconds, sale_starts_at,
                       draw_secret, show_up_seconds))

struct dealt_number {
  static constexpr std::string_view fact_name = "waiting_room.dealt/1";
  std::uint64_t number = 0;
  std::optional<std::uint64_t> mark = {}; ///< a hash of whose slot it is
  bool operator==(const dealt_number&) const = default;
};

BOOST_DESCRIBE_STRUCT(dealt_number, (), (number, mark))

/// The number was given up before the draw; its turn will be over.
struct left_early {
  static constexpr std::string_view fact_name = "waiting_room.left_early/1";
  std::uint64_t number = 0;
  bool operator==(const left_early&) const = default;
};

BOOST_DESCRIBE_STRUCT(left_early, (), (number))

/// Whoever left early was back before the draw, and has the number again.
struct came_back {
  static constexpr std::string_view fact_name = "waiting_room.came_back/1";
  std::uint64_t number = 0;
  bool operator==(const came_back&) const = default;
};

BOOST_DESCRIBE_STRUCT(came_back, (), (number))

/// The sale opened: who came before is served in the order that `seed` draws.
/// It follows from the room's secret, which anybody may see now.
struct drawn {
  static constexpr std::string_view fact_name = "waiting_room.drawn/1";
  std::uint64_t seed = 0;
  std::uint64_t count = 0; ///< numbers up to it take part, if not cleared
  std::optional<uuid> revealed = {};
  bool operator==(const drawn&) const = default;
};

BOOST_DESCRIBE_STRUCT(drawn, (), (seed, count, revealed))

/// Turns up to `upto` may check out, until `until`; but who has not shown up by
/// `show_up_by` loses the turn.
struct admitted {
  static constexpr std::string_view fact_name = "waiting_room.admitted/1";
  std::uint64_t upto = 0;
  timestamp at;
  timestamp until;
  std::optional<timestamp> show_up_by = {}; ///< if that is before `until`
  bool operator==(const admitted&) const = default;
};

BOOST_DESCRIBE_STRUCT(admitted, (), (upto, at, until, show_up_by))

struct checked_in {
  static constexpr std::string_view fact_name = "waiting_room.checked_in/1";
  std::uint64_t number = 0; ///< its turn, as in `done`
  session_id session;
  timestamp until;
  std::optional<std::uint64_t> dealt; ///< the number that has this turn
  std::optional<timestamp> at;
  bool operator==(const checked_in&) const = default;
};

BOOST_DESCRIBE_STRUCT(checked_in, (), (number, session, until, dealt, at))

/// The sessions of these turns were asked whether they still use them.
struct doubted {
  static constexpr std::string_view fact_name = "waiting_room.doubted/1";
  std::vector<std::uint64_t> turns;
  timestamp at;
  bool operator==(const doubted&) const = default;
};

BOOST_DESCRIBE_STRUCT(doubted, (), (turns, at))

/// The turn may be used for as long as it was called, as nodes of older
/// versions understand, too: the session that checked in never opened; or
/// whoever was called has shown up.
struct turned_back {
  static constexpr std::string_view fact_name = "waiting_room.turned_back/1";
  std::uint64_t turn = 0;
  std::optional<bool> has_shown_up = {};
  bool operator==(const turned_back&) const = default;
};

BOOST_DESCRIBE_STRUCT(turned_back, (), (turn, has_shown_up))

/// The number is over: left, used, or not come in time.
struct done {
  static constexpr std::string_view fact_name = "waiting_room.done/1";
  std::vector<std::uint64_t> numbers;
  bool operator==(const done&) const = default;
};

BOOST_DESCRIBE_STRUCT(done, (), (numbers))

struct closed {
  static constexpr std::string_view fact_name = "waiting_room.closed/1";
  bool operator==(const closed&) const = default;
};

BOOST_DESCRIBE_STRUCT(closed, (), ())

/// Nobody is called from now on, and for those called who have not checked in
/// time stands still; or it goes on.
struct calls_held {
  static constexpr std::string_view fact_name = "waiting_room.calls_held/1";
  bool is_held = false; ///< false: it goes on
  timestamp at;
  bool operator==(const calls_held&) const = default;
};

BOOST_DESCRIBE_STRUCT(calls_held, (), (is_held, at))

/// From now on people are let in at this rate. For whom was called before, all
/// is as it was.
struct rate_changed {
  static constexpr std::string_view fact_name = "waiting_room.rate_changed/1";
  rate to;
  bool operator==(const rate_changed&) const = default;
};

BOOST_DESCRIBE_STRUCT(rate_changed, (), (to))

/// All turns up to `upto` that were not called are over; before the draw, all
/// numbers up to it, which then take no part in it.
struct cleared {
  static constexpr std::string_view fact_name = "waiting_room.cleared/1";
  std::uint64_t upto = 0;
  bool operator==(const cleared&) const = default;
};

BOOST_DESCRIBE_STRUCT(cleared, (), (upto))

using fact = std::variant<opened, dealt_number, drawn, admitted, checked_in,
                          done, closed, left_early, came_back, calls_held,
                          doubted, turned_back, rate_changed, cleared>;

} // namespace usher::waiting_room

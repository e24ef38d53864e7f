#pragma once

#include "protocol/answer.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

/// One user's place in one event's waiting room. It exists by its record and is
/// awake only while somebody talks to it.
namespace usher::queue_slot {

inline uuid key_of(event_id event, account_id user) {
  return derive_uuid(event.value, "queue_slot:" + to_string(user.value));
}

// -- commands

/// Joining again returns the same place, until it is over; before the draw also
/// after leaving.
struct join {
  static constexpr std::string_view command_name = "queue_slot.join/1";
  event_id event;
  account_id user;
  answer_slot got; ///< of the room
  std::uint8_t asked = 0;
};

BOOST_DESCRIBE_STRUCT(join, (), (event, user))

struct status {
  static constexpr std::string_view command_name = "queue_slot.status/1";
  answer_slot got;
  std::uint8_t asked = 0;
};

BOOST_DESCRIBE_STRUCT(status, (), ())

struct leave {
  static constexpr std::string_view command_name = "queue_slot.leave/1";
};

BOOST_DESCRIBE_STRUCT(leave, (), ())

/// The user has bought: the place is used up.
struct complete {
  static constexpr std::string_view command_name = "queue_slot.complete/1";
  std::optional<std::uint64_t> number; ///< only this one; else any
};

BOOST_DESCRIBE_STRUCT(complete, (), (number))

using command = std::variant<join, status, leave, complete, wake>;

// -- answers

enum class state_name : std::uint8_t {
  waiting,
  admitted,
  completed,
  expired,
  left,
};

BOOST_DESCRIBE_ENUM(state_name, waiting, admitted, completed, expired, left)

struct standing {
  state_name status{};
  std::uint64_t number = 0;
  std::uint64_t ahead = 0;
  std::uint64_t estimate_seconds = 0;
  std::uint64_t poll_after_seconds = 0;
  timestamp admitted_until;
  timestamp joined_at;
};

BOOST_DESCRIBE_STRUCT(standing, (),
                      (status, number, ahead, estimate_seconds,
                       poll_after_seconds, admitted_until, joined_at))

// -- facts

struct joined {
  static constexpr std::string_view fact_name = "queue_slot.joined/1";
  event_id event;
  account_id user;
  std::uint64_t number = 0;
  timestamp at;
  bool operator==(const joined&) const = default;
};

BOOST_DESCRIBE_STRUCT(joined, (), (event, user, number, at))

struct left {
  static constexpr std::string_view fact_name = "queue_slot.left/1";
  bool operator==(const left&) const = default;
};

BOOST_DESCRIBE_STRUCT(left, (), ())

struct completed {
  static constexpr std::string_view fact_name = "queue_slot.completed/1";
  bool operator==(const completed&) const = default;
};

BOOST_DESCRIBE_STRUCT(completed, (), ())

/// The user has heard that it is their turn; noted once for each place.
struct called {
  static constexpr std::string_view fact_name = "queue_slot.called/1";
  std::uint64_t number = 0;
  timestamp joined_at;
  timestamp at;
  bool operator==(const called&) const = default;
};

BOOST_DESCRIBE_STRUCT(called, (), (number, joined_at, at))

using fact = std::variant<joined, left, completed, called>;

} // namespace usher::queue_slot

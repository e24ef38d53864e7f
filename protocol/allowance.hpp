#pragma once

#include "protocol/answer.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

/// How many tickets of one event one buyer may have, over all sessions. While a
/// buyer has one live session, that session counts for itself and nobody is
/// asked; from the second on, every hold asks here first.
namespace usher::allowance {

inline uuid key_of(event_id event, account_id buyer) {
  return derive_uuid(event.value, "allowance:" + to_string(buyer.value));
}

// -- commands

/// A new session. If another one has been alone so far, it is told to share.
struct enter {
  static constexpr std::string_view command_name = "allowance.enter/1";
  session_id session;
  std::uint32_t limit = 0;
  timestamp until; ///< the session cannot outlive it
  std::optional<session_id> asked;
  answer_slot got; ///< of the session that was asked last
};

BOOST_DESCRIBE_STRUCT(enter, (), (session, limit, until))

/// May this session have `total` tickets in all? A refusal tells how many more
/// it may have than it `has`, if it says so.
struct claim {
  static constexpr std::string_view command_name = "allowance.claim/1";
  session_id session;
  std::uint32_t total = 0;
  std::optional<session_id> asked;
  answer_slot got;
  std::optional<std::uint32_t> has = {};
};

BOOST_DESCRIBE_STRUCT(claim, (), (session, total, has))

/// The session has ended, with `bought` tickets.
struct leave {
  static constexpr std::string_view command_name = "allowance.leave/1";
  session_id session;
  std::uint32_t bought = 0;
};

BOOST_DESCRIBE_STRUCT(leave, (), (session, bought))

/// A session that has left was paid late: may it have `total` after all?
struct come_back {
  static constexpr std::string_view command_name = "allowance.come_back/1";
  session_id session;
  std::uint32_t total = 0;
  std::uint32_t limit = 0;
  timestamp until; ///< it leaves again by then
  std::optional<session_id> asked;
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(come_back, (), (session, total, limit, until))

/// Which sessions are here? One that is over may be among them.
struct list {
  static constexpr std::string_view command_name = "allowance.list/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(list, (), ())

using command = std::variant<enter, claim, leave, come_back, list, wake>;

// -- answers

/// What a problem says beside limit_reached: how many tickets one buyer may
/// have, and how many more the session may take, if that is known.
inline std::string limit_members(std::uint32_t limit,
                                 std::optional<std::uint32_t> left) {
  std::string out = "\"limit\":" + std::to_string(limit);
  if (left)
    out += ",\"left\":" + std::to_string(*left);
  return out;
}

struct entered_as {
  bool shared = false; ///< claim every seat
  std::uint32_t left = 0;
};

BOOST_DESCRIBE_STRUCT(entered_as, (), (shared, left))

struct guest_list {
  std::vector<session_id> sessions;
};

BOOST_DESCRIBE_STRUCT(guest_list, (), (sessions))

// -- facts

struct entered {
  static constexpr std::string_view fact_name = "allowance.entered/1";
  session_id session;
  std::uint32_t limit = 0;
  timestamp until;
  bool operator==(const entered&) const = default;
};

BOOST_DESCRIBE_STRUCT(entered, (), (session, limit, until))

/// What a session may have from now on.
struct counted {
  static constexpr std::string_view fact_name = "allowance.counted/1";
  session_id session;
  std::uint32_t total = 0;
  bool operator==(const counted&) const = default;
};

BOOST_DESCRIBE_STRUCT(counted, (), (session, total))

struct left {
  static constexpr std::string_view fact_name = "allowance.left/1";
  session_id session;
  std::uint32_t bought = 0;
  bool operator==(const left&) const = default;
};

BOOST_DESCRIBE_STRUCT(left, (), (session, bought))

using fact = std::variant<entered, counted, left>;

} // namespace usher::allowance

#pragma once

#include "actors/entity/entity.hpp"
#include "actors/waiting_room/runs.hpp"
#include "protocol/waiting_room.hpp"

#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

/// The rules of a waiting room. Pure: no actor, no clock, no I/O.
///
/// Everybody who comes is dealt a number, and every number has a turn. After
/// the opening the turn is the number. Before it, turns are drawn: a keyed
/// permutation of 1..count gives each number its turn, so that a million
/// numbers need no table. Turns up to `served` have been called; of those, only
/// the ones that are still active are remembered.
namespace usher::waiting_room {

/// Somebody whose turn has come, and who is not done.
struct active {
  timestamp until;          ///< a short time only, until they show up
  session_id session;       ///< nil until they check in
  timestamp called_until;   ///< good for, if no session opens
  std::uint64_t number = 0; ///< as it was dealt; from the check-in on
  timestamp doubt_at;       ///< when the session is asked how it is
  bool operator==(const active&) const = default;
};

BOOST_DESCRIBE_STRUCT(active, (),
                      (until, session, called_until, number, doubt_at))

/// Turns by the moment when something must be done about them.
using endings = std::set<std::pair<timestamp, std::uint64_t>>;

/// People called since a moment.
struct lap {
  timestamp began;
  std::uint64_t called = 0;
  bool operator==(const lap&) const = default;
};

BOOST_DESCRIBE_STRUCT(lap, (), (began, called))

/// How the turns ended that are over. (Snapshots of older versions do not say:
/// then those since.)
struct tally {
  std::uint64_t served = 0; ///< their checkout has ended, however it did
  std::uint64_t missed = 0; ///< called, and gone without a checkout
  std::uint64_t left = 0;   ///< gave up while they waited
  std::uint64_t cleared = 0;
  bool operator==(const tally&) const = default;
};

BOOST_DESCRIBE_STRUCT(tally, (), (served, missed, left, cleared))

struct state {
  static constexpr entity_kind kind = entity_kind::waiting_room;
  using command = waiting_room::command;
  using fact = waiting_room::fact;

  // what is remembered
  opened terms; ///< with the rate of now
  bool is_open = false;
  bool is_closed = false;
  std::uint64_t dealt = 0; ///< the last number
  /// To whom the last of them were dealt, as marks of slots: that of `number`
  /// is at `number` modulo the size of the ring; 0 = not known.
  std::vector<std::uint64_t> marks;
  std::uint64_t seed = 0;  ///< of the draw
  std::uint64_t drawn = 0; ///< numbers up to here took part in it
  bool is_drawn = false;
  std::uint64_t served = 0; ///< the last turn that was called
  timestamp last_call;
  lap now_lap; ///< of a few minutes; begins anew whenever a queue does
  lap last_lap;
  std::map<std::uint64_t, active> active_turns;
  /// Turns beyond `served`. Between two runs of them somebody waits: so they
  /// grow with the people, not with how often one leaves and joins again.
  runs gone;
  std::vector<std::uint64_t> given_up;   ///< the same in older snapshots
  std::vector<std::uint64_t> left_early; ///< numbers, until the draw; sorted
  bool is_held = false;                  ///< nobody is called
  timestamp held_since;
  /// Numbers up to here were sent away before the draw. They are turns, too,
  /// and gone: the draw is of those behind them.
  std::uint64_t cleared_early = 0;
  tally over;

  // what follows from it
  endings ends_of_called;   ///< of those who have not checked in
  endings ends_of_sessions; ///< or when they are asked how they are
  std::unordered_map<std::uint64_t, std::uint64_t> last_of; ///< by mark
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (terms, is_open, is_closed, dealt, marks, seed, drawn,
                       is_drawn, served, last_call, now_lap, last_lap,
                       active_turns, gone, given_up, left_early, is_held,
                       held_since, cleared_early, over))

/// Works out again what follows from the remembered part.
void revive(state&);
decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);

/// The opening, the next call, the end of the first no-show, or doubt whether a
/// session still lives.
std::optional<timestamp> wake_at(const state&);

/// {"room":{..}}: how many, and how fast, at `now`; nothing about one of them.
std::string render(const state&, const uuid& self, timestamp now);

/// The first member that is out of its limits; empty if all make sense.
std::string_view misfit(const rate&);

/// The place of `number` (1..count) in the order that `seed` draws: a
/// permutation of 1..count. A four-round Feistel network on the smallest even
/// number of bits that holds `count`; results beyond it walk on.
std::uint64_t draw(std::uint64_t number, std::uint64_t count,
                   std::uint64_t seed);

} // namespace usher::waiting_room

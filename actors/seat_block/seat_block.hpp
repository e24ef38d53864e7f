#pragma once

#include "actors/entity/entity.hpp"
#include "actors/seat_block/floor_plan.hpp"
#include "protocol/seat_block.hpp"

#include <map>
#include <memory>
#include <set>

/// The rules of a seat block. Pure: no actor, no clock, no I/O.
namespace usher::seat_block {

/// What one session has in the block.
struct reservation {
  std::vector<seat_no> seats;
  std::uint32_t places = 0; ///< general admission
  timestamp until;          ///< of a hold
  std::uint32_t sale = 0;   ///< that sold it; of a hold, the last one undone
  std::uint32_t round = 0;  ///< of the session, when it last held some
  bool operator==(const reservation&) const = default;

  std::uint32_t size() const {
    return static_cast<std::uint32_t>(seats.size()) + places;
  }
};

BOOST_DESCRIBE_STRUCT(reservation, (), (seats, places, until, sale, round))

enum class seat_status : std::uint8_t { available, held, sold, blocked };

/// Every seat is in exactly one of four piles: available, held, sold, blocked.
struct state {
  static constexpr entity_kind kind = entity_kind::seat_block;
  using command = seat_block::command;
  using fact = seat_block::fact;

  // what is remembered
  event_id event;
  section plan;
  ticket_type_id ticket_type;
  money price;
  bool no_orphans = false;
  bool is_open = false;
  bool is_closed = false;
  std::map<session_id, reservation> held;
  std::map<session_id, reservation> sold;
  std::set<seat_no> blocked;
  version now = 0;             ///< counts facts; the version of a picture
  bool told_exhausted = false; ///< what the event has heard last

  // what follows from it
  std::shared_ptr<const floor_plan> floor;
  std::vector<seat_status> seats;
  std::vector<session_id> holder;                     // of held seats
  std::set<std::pair<timestamp, session_id>> endings; // of holds
  std::uint32_t count_held = 0;
  std::uint32_t count_sold = 0;

  std::uint32_t total() const { return plan.size(); }

  std::uint32_t available() const {
    return total() - count_held - count_sold
           - static_cast<std::uint32_t>(blocked.size());
  }
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (event, plan, ticket_type, price, no_orphans, is_open,
                       is_closed, held, sold, blocked, now, told_exhausted))

/// Works out again what follows from the remembered part.
void revive(state&);

/// Returns the facts that grant the command, or the reason to refuse it.
decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);

/// Takes note of a fact. Never refuses: what happened, happened.
void evolve(state&, const fact&);

/// When the next hold lapses, if any seat is held. Only housekeeping: an
/// overdue hold is free for whoever asks. At once, while the event has not
/// heard how the stock stands.
std::optional<timestamp> wake_at(const state&);

/// The seats as JSON for GET /v1/events/{id}/seats.
picture picture_of(const state&, const uuid& self);

// -- shared by the files of these rules

/// No seat is left to sell: all are sold or set aside.
bool is_exhausted(const state&);

/// Whether the event has to hear of the stock.
bool must_tell_event(const state&);

/// Tells it, and asks until it has heard.
decision<state> speak_to_event(const state&, std::vector<fact> happened);

decision<state> decide_confirm(const state&, const confirm&, timestamp now);
decision<state> decide_take_back(const state&, const take_back&, timestamp now);

/// The block is closed, and sessions hold something in it that is for nobody.
inline bool must_send_away(const state& block) {
  return block.is_closed && !block.held.empty();
}

/// Tells some of these sessions to give up; the next ones, and whoever has not
/// heard, are told when the alarm rings again: see wake_at.
void send_away(const state&, timestamp now, decision<state>& out);

} // namespace usher::seat_block

#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/event.hpp"
#include "protocol/wrong_field.hpp"

#include <map>
#include <set>

/// The rules of an event. Pure: no actor, no clock, no I/O.
namespace usher::event {

struct state {
  static constexpr entity_kind kind = entity_kind::event;
  using command = event::command;
  using fact = event::fact;

  account_id owner;
  profile what;
  std::vector<sold_section> sections;
  event::phase phase{};
  bool sale_started = false;
  std::set<std::string> exhausted; ///< sections without a seat left to sell
  std::map<std::string, version> stock_as_of; ///< the last news of a section
  timestamp created_at;
  bool is_wound_up = false; ///< all have heard of the cancellation
  bool is_paused = false;
  room_calls told_room{}; ///< what the room has heard last
  bool never_published = false;

  // what follows from it, shared by all who open sessions
  std::shared_ptr<const event::terms> terms;
};

BOOST_DESCRIBE_STRUCT(state, (),
                      (owner, what, sections, phase, sale_started, exhausted,
                       stock_as_of, created_at, is_wound_up, is_paused,
                       told_room, never_published))

void revive(state&);
decision<state> decide(const state&, const uuid& self, const command&,
                       timestamp now);
void evolve(state&, const fact&);

/// The opening of the sale, then its end. At once, while not everybody has
/// heard that it is cancelled, or the room how the sale stands.
std::optional<timestamp> wake_at(const state&);

/// As buyers see it: draft, configured, approved, upcoming, on_sale, sold_out,
/// ended, cancelled.
std::string_view status_of(const state&, timestamp now);

/// No section has a seat left to sell.
bool is_sold_out(const state&);

/// What the room is to do, as things are.
room_calls calls_of(const state&);

/// {"event":{..}}, with the status it has at `now`.
std::string render(const state&, const uuid& self, timestamp now);

/// The first field of a request for it that makes no sense by itself: a date,
/// number or name.
std::optional<wrong_field> misfit(const profile&);

} // namespace usher::event

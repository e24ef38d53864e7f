#include "actors/event/event.hpp"
#include "protocol/match.hpp"

namespace usher::event {

room_calls calls_of(const state& event) {
  if (!event.what.rules.waiting_room.enabled)
    return event.told_room;
  if (event.phase == phase::ended)
    return room_calls::over;
  if (event.phase != phase::published)
    return event.told_room; // not open yet, or closed with everything else
  return event.is_paused || is_sold_out(event) ? room_calls::held
                                               : room_calls::going;
}

void revive(state& event) {
  if (event.phase < phase::published)
    event.never_published = true; // older snapshots do not say so
  event.terms = std::make_shared<const terms>(
    terms{event.what.rules, event.what.currency, event.what.sale_ends_at,
          event.sections, event.what.ticket_types});
}

void evolve(state& event, const fact& what) {
  match(
    what, //
    [&](const created& e) {
      event.owner = e.owner;
      event.what = e.what;
      event.sections = e.sections;
      event.phase = phase::draft;
      event.created_at = e.at;
      revive(event);
    },
    [&](const revised& e) {
      event.what = e.what;
      event.sections = e.sections;
      revive(event);
    },
    [&](const configured&) { event.phase = phase::configured; },
    [&](const approved&) { event.phase = phase::approved; },
    [&](const published&) {
      event.phase = phase::published;
      event.never_published = false;
    },
    [&](const event::sale_started&) { event.sale_started = true; },
    [&](const stock_changed& e) {
      if (e.as_of > 0)
        event.stock_as_of[e.section] = e.as_of;
      if (e.exhausted)
        event.exhausted.insert(e.section);
      else
        event.exhausted.erase(e.section);
    },
    [&](const ended&) { event.phase = phase::ended; },
    [&](const cancelled&) { event.phase = phase::cancelled; },
    [&](const event::wound_up&) { event.is_wound_up = true; },
    [&](const paused& e) { event.is_paused = e.is_paused; },
    [&](const room_told& e) { event.told_room = e.calls; });
}

std::optional<timestamp> wake_at(const state& event) {
  if (event.phase == phase::cancelled && !event.is_wound_up)
    return event.created_at;
  if (calls_of(event) != event.told_room)
    return event.created_at;
  if (event.phase != phase::published)
    return std::nullopt;
  return event.sale_started ? event.what.sale_ends_at
                            : event.what.sale_starts_at;
}

} // namespace usher::event

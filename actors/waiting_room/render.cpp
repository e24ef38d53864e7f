#include "actors/waiting_room/standing.hpp"
#include "protocol/json_object.hpp"

#include <algorithm>

namespace usher::waiting_room {

std::uint64_t pace(const state& room, timestamp now) {
  constexpr std::uint64_t minute = 60'000;
  const auto& terms = room.terms;
  const auto called = room.last_lap.called + room.now_lap.called;
  std::uint64_t out = 0;
  if (called > 0) {
    const auto& first = room.last_lap.called > 0 ? room.last_lap : room.now_lap;
    const auto span = now - first.began + tick;
    out = called * minute / static_cast<std::uint64_t>(span.count());
  } else if (free_slots(room) > 0) {
    out = std::uint64_t{std::min(terms.batch, terms.max_active)} * minute
          / static_cast<std::uint64_t>(tick.count());
  } else {
    out = std::uint64_t{terms.max_active} * 60
          / std::max<std::uint64_t>(1, terms.token_seconds);
  }
  return std::max<std::uint64_t>(1, out);
}

namespace {

/// As an event has its room do, and before the sale.
std::string_view calls_of(const state& room, timestamp now) {
  if (room.is_closed)
    return "over";
  if (room.is_held)
    return "held";
  return is_before_draw(room, now) ? "not_begun" : "going";
}

} // namespace

std::string render(const state& room, const uuid&, timestamp now) {
  const auto calls = calls_of(room, now);
  const std::uint64_t in = room.ends_of_sessions.size();
  std::string out = "{\"room\":";
  {
    json::object to{out};
    to.put("event_id", room.terms.event).put_text("calls", calls);
    to.put("waiting", people_waiting(room));
    to.put("admitted", room.active_turns.size() - in).put("checked_in", in);
    to.put("served", room.over.served).put("missed", room.over.missed);
    to.put("left", room.over.left + room.left_early.size());
    to.put("cleared", room.over.cleared).put("dealt", room.dealt);
    to.put("calls_per_minute", calls == "going" ? pace(room, now) : 0);
    to.put("rate", rate_of(room));
  }
  out += '}';
  return out;
}

} // namespace usher::waiting_room

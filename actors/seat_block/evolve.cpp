#include "actors/seat_block/seat_block.hpp"
#include "protocol/ensure.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::seat_block {

namespace {

void mark(state& block, const std::vector<seat_no>& seats, seat_status as) {
  for (auto seat : seats)
    block.seats.at(seat) = as;
}

void begin_hold(state& block, const held& e) {
  auto& mine = block.held[e.session];
  if (mine.size() > 0)
    block.endings.erase({mine.until, e.session});
  mine.until = e.until;
  mine.sale = e.undone.value_or(mine.sale);
  mine.round = std::max(mine.round, e.round.value_or(0));
  mine.places += e.places;
  mine.seats.insert(mine.seats.end(), e.seats.begin(), e.seats.end());
  block.endings.emplace(e.until, e.session);
  mark(block, e.seats, seat_status::held);
  for (auto seat : e.seats)
    block.holder.at(seat) = e.session;
  block.count_held += e.places + static_cast<std::uint32_t>(e.seats.size());
}

/// Takes the hold of a session out of the books; its seats are in no pile.
reservation end_hold(state& block, session_id session) {
  auto found = block.held.find(session);
  ensure(found != block.held.end()); // or decide() would have refused
  auto mine = std::move(found->second);
  block.endings.erase({mine.until, session});
  block.held.erase(found);
  block.count_held -= mine.size();
  return mine;
}

void give_back(state& block, const released& e) {
  auto mine = end_hold(block, e.session);
  for (auto seat : e.seats)
    std::erase(mine.seats, seat);
  mine.places -= e.places;
  mark(block, e.seats, seat_status::available);
  if (mine.size() == 0)
    return;
  block.count_held += mine.size();
  block.endings.emplace(mine.until, e.session);
  block.held.emplace(e.session, std::move(mine));
}

void sell(state& block, const sold& e) {
  auto& bought = block.sold[e.session];
  if (block.held.contains(e.session))
    bought.round = end_hold(block, e.session).round;
  mark(block, e.seats, seat_status::sold);
  bought.sale = e.sale;
  bought.places += e.places;
  bought.seats.insert(bought.seats.end(), e.seats.begin(), e.seats.end());
  block.count_sold += e.places + static_cast<std::uint32_t>(e.seats.size());
}

void begin(state& block, const opened& e) {
  block.event = e.event;
  block.plan = e.plan;
  block.ticket_type = e.ticket_type;
  block.price = e.price;
  block.no_orphans = e.no_orphans;
  block.is_open = true;
  revive(block);
}

} // namespace

void revive(state& block) {
  block.floor = floor_plan::of(block.plan);
  block.seats.assign(block.floor->seats(), seat_status::available);
  block.holder.assign(block.floor->seats(), session_id{});
  block.endings.clear();
  block.count_held = block.count_sold = 0;
  for (const auto& [session, mine] : block.held) {
    mark(block, mine.seats, seat_status::held);
    for (auto seat : mine.seats)
      block.holder.at(seat) = session;
    block.endings.emplace(mine.until, session);
    block.count_held += mine.size();
  }
  for (const auto& [session, bought] : block.sold) {
    mark(block, bought.seats, seat_status::sold);
    block.count_sold += bought.size();
  }
  for (auto seat : block.blocked)
    block.seats.at(seat) = seat_status::blocked;
}

void evolve(state& block, const fact& what) {
  ++block.now;
  match(
    what, //
    [&](const opened& e) { begin(block, e); },
    [&](const held& e) { begin_hold(block, e); },
    [&](const extended& e) {
      auto mine = end_hold(block, e.session);
      mine.until = e.until;
      mine.sale = e.undone.value_or(mine.sale);
      mine.round = std::max(mine.round, e.round.value_or(0));
      block.count_held += mine.size();
      block.endings.emplace(e.until, e.session);
      block.held.emplace(e.session, std::move(mine));
    },
    [&](const released& e) { give_back(block, e); },
    [&](const lapsed& e) {
      mark(block, end_hold(block, e.session).seats, seat_status::available);
    },
    [&](const sold& e) { sell(block, e); },
    [&](const returned& e) {
      auto bought = block.sold.extract(e.session);
      ensure(!bought.empty());
      mark(block, bought.mapped().seats, seat_status::available);
      block.count_sold -= bought.mapped().size();
    },
    [&](const blocked& e) {
      mark(block, e.seats, seat_status::blocked);
      block.blocked.insert(e.seats.begin(), e.seats.end());
    },
    [&](const unblocked& e) {
      mark(block, e.seats, seat_status::available);
      for (auto seat : e.seats)
        block.blocked.erase(seat);
    },
    [&](const closed&) { block.is_closed = true; },
    [&](const event_told& e) { block.told_exhausted = e.exhausted; });
}

std::optional<timestamp> wake_at(const state& block) {
  if (must_tell_event(block) || must_send_away(block))
    return timestamp{};
  if (block.endings.empty())
    return std::nullopt;
  return block.endings.begin()->first;
}

} // namespace usher::seat_block

#include "actors/seat_block/best_available.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "protocol/json_object.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::seat_block {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// What a session asks of seats by name, sorted out.
struct sorted {
  std::vector<seat_no> mine;    // held by the asker already
  std::vector<seat_no> fresh;   // can be had
  std::set<session_id> overdue; // whose holds must lapse for that
};

bool is_overdue(const state& block, session_id who, timestamp now) {
  return block.held.at(who).until <= now;
}

/// Free, or held by somebody whose time is over.
bool can_be_had(const state& block, seat_no seat, timestamp now) {
  switch (block.seats[seat]) {
    case seat_status::available:
      return true;
    case seat_status::held:
      return is_overdue(block, block.holder[seat], now);
    default:
      return false;
  }
}

void sort_out(const state& block, seat_no seat, session_id who, timestamp now,
              sorted& into) {
  if (block.seats[seat] == seat_status::held) {
    const auto holder = block.holder[seat];
    if (is_overdue(block, holder, now))
      into.overdue.insert(holder);
    else if (holder == who)
      return into.mine.push_back(seat);
  }
  into.fresh.push_back(seat);
}

std::vector<std::uint8_t> free_seats_of(const state& block, timestamp now) {
  std::vector<std::uint8_t> out(block.seats.size());
  for (seat_no seat = 0; seat < out.size(); ++seat)
    out[seat] = can_be_had(block, seat, now) ? 1 : 0;
  return out;
}

facts lapse(const state& block, const std::set<session_id>& overdue) {
  facts out;
  for (auto session : overdue) {
    const auto& mine = block.held.at(session);
    out.emplace_back(lapsed{session, mine.seats, mine.places});
  }
  return out;
}

std::set<session_id> all_overdue(const state& block, timestamp now) {
  std::set<session_id> out;
  for (const auto& [until, session] : block.endings) {
    if (until > now)
      break;
    out.insert(session);
  }
  return out;
}

std::string seat_id(const state& block, seat_no seat) {
  std::string id = block.plan.name + '-';
  block.floor->append_label(id, seat);
  return id;
}

/// The member `"seats":[..]` of a problem, which names the seats in the way.
std::string naming(const std::vector<std::string>& ids) {
  std::string out = "\"seats\":";
  json::put(out, ids);
  return out;
}

said grant(const state& block, const uuid& self, facts happened,
           const std::vector<seat_no>& seats, std::uint32_t places) {
  granted mine{block.plan.name, {self}, block.ticket_type, block.price, {}};
  for (auto seat : seats)
    mine.seats.push_back({seat_id(block, seat), 1});
  if (places > 0)
    mine.seats.push_back({block.plan.name, places});
  return said{std::move(happened)}.replying(std::move(mine));
}

/// The seats are there, for a party that puts up with more.
said grant_none(const state& block, const uuid& self, compromise needed) {
  return said{}.replying(granted{
    block.plan.name, {self}, block.ticket_type, block.price, {}, needed});
}

/// Why nobody can hold anything here; ok if one can.
errc shut_because(const state& block) {
  if (block.is_closed)
    return errc::event_cancelled;
  return block.is_open ? errc::ok : errc::unknown_seat;
}

said offer(const state& block, const open& cmd) {
  if (!block.is_open)
    return facts{
      opened{cmd.event, cmd.plan, cmd.ticket_type, cmd.price, cmd.no_orphans}};
  if (block.event == cmd.event && block.plan == cmd.plan)
    return facts{};
  return errc::already_exists;
}

/// The session has given seats back since it last held some here. The letter
/// may be still under way, and is not obeyed any more.
bool begins_round(const reservation& mine, const auto& cmd) {
  return cmd.round.value_or(0) > mine.round;
}

/// Of these seats, those that have none of the names.
std::vector<seat_no> besides(const state& block, std::vector<seat_no> seats,
                             const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (auto seat = block.floor->find(name))
      std::erase(seats, *seat);
  return seats;
}

/// The asker ends no sooner here than what it is given now, and is of its
/// round.
void renew(const reservation& mine, const auto& cmd, facts& happened) {
  if (mine.until < cmd.until || begins_round(mine, cmd))
    happened.emplace_back(
      extended{cmd.session, std::max(mine.until, cmd.until), {}, cmd.round});
}

/// What goes back as a round begins: what the session neither has nor asks for.
void leave_behind(const state& block, const reservation& mine, const auto& cmd,
                  const std::vector<seat_no>& asked, facts& happened) {
  if (!cmd.has || !begins_round(mine, cmd))
    return;
  released rest{cmd.session, besides(block, mine.seats, *cmd.has), 0};
  for (auto seat : asked)
    std::erase(rest.seats, seat);
  if (!rest.seats.empty())
    happened.emplace_back(std::move(rest));
}

said take(const state& block, const uuid& self, const auto& cmd,
          const std::vector<seat_no>& asked, sorted found) {
  auto happened = lapse(block, found.overdue);
  const auto mine = block.held.find(cmd.session);
  const bool goes_on =
    mine != block.held.end() && !found.overdue.contains(cmd.session);
  if (!found.fresh.empty())
    happened.emplace_back(
      held{cmd.session, std::move(found.fresh), 0, cmd.until, {}, cmd.round});
  else if (!found.mine.empty())
    renew(mine->second, cmd, happened);
  if (goes_on)
    leave_behind(block, mine->second, cmd, asked, happened);
  return grant(block, self, std::move(happened), asked, 0);
}

said hold_seats(const state& block, const uuid& self, const hold& cmd,
                timestamp now) {
  if (const auto why = shut_because(block); why != errc::ok)
    return why;
  std::vector<seat_no> asked;
  std::vector<std::string> unknown;
  std::vector<std::string> taken;
  sorted found;
  for (const auto& name : cmd.seats) {
    auto seat = block.floor->find(name);
    if (!seat) {
      unknown.push_back(block.plan.name + '-' + name);
      continue;
    }
    if (std::ranges::find(asked, *seat) != asked.end())
      continue;
    asked.push_back(*seat);
    const bool mine = block.seats[*seat] == seat_status::held
                      && block.holder[*seat] == cmd.session;
    if (!mine && !can_be_had(block, *seat, now))
      taken.push_back(seat_id(block, *seat));
    else
      sort_out(block, *seat, cmd.session, now, found);
  }
  if (!unknown.empty())
    return {errc::unknown_seat, naming(unknown)};
  if (!taken.empty())
    return {errc::seat_unavailable, naming(taken)};
  if (block.no_orphans && !cmd.again.value_or(false) && !found.fresh.empty())
    if (auto orphan =
          leaves_orphan(*block.floor, free_seats_of(block, now), found.fresh))
      return {errc::orphan_seat, naming({seat_id(block, *orphan)})};
  return take(block, self, cmd, asked, std::move(found));
}

/// What a session holds for now, if anything.
const reservation* live_hold(const state& block, session_id who,
                             timestamp now) {
  auto mine = block.held.find(who);
  return mine == block.held.end() || mine->second.until <= now ? nullptr
                                                               : &mine->second;
}

/// Seats that the session got and did not hear of.
std::vector<seat_no> unheard(const state& block, const hold_best& cmd,
                             timestamp now) {
  const auto* mine = live_hold(block, cmd.session, now);
  if (!cmd.has || !mine)
    return {};
  return besides(block, mine->seats, *cmd.has);
}

/// As many of the places it asks for as it got and did not hear of.
std::uint32_t unheard(const state& block, const hold_places& cmd,
                      timestamp now) {
  const auto* mine = live_hold(block, cmd.session, now);
  if (!cmd.has || !mine || mine->places <= *cmd.has)
    return 0;
  return std::min(cmd.count, mine->places - *cmd.has);
}

said hold_the_best(const state& block, const uuid& self, const hold_best& cmd,
                   timestamp now) {
  if (const auto why = shut_because(block); why != errc::ok)
    return why;
  if (cmd.count == 0 || cmd.count > most_at_once)
    return errc::invalid_value;
  auto free = free_seats_of(block, now);
  for (auto seat : unheard(block, cmd, now))
    free[seat] = 1;
  if (cmd.at_most) {
    const auto needed = least_compromise(*block.floor, free, cmd.count);
    const bool spoils = needed == compromise::none
                        && cmd.no_orphan.value_or(false)
                        && must_leave_orphan(*block.floor, free, cmd.count);
    if (needed > *cmd.at_most || spoils)
      return grant_none(block, self, *needed);
  }
  auto seats = best_available(*block.floor, free, cmd.count);
  if (seats.empty())
    return errc::not_enough_seats;
  sorted found;
  for (auto seat : seats)
    sort_out(block, seat, cmd.session, now, found);
  return take(block, self, cmd, seats, std::move(found));
}

/// The session holds what it may have of what it asks for, or too many.
void hold_on(const reservation& mine, const hold_places& cmd, facts& happened) {
  renew(mine, cmd, happened);
  const auto meant = *cmd.has + cmd.count;
  if (mine.places > meant && begins_round(mine, cmd))
    happened.emplace_back(released{cmd.session, {}, mine.places - meant});
}

said hold_some_places(const state& block, const uuid& self,
                      const hold_places& cmd, timestamp now) {
  if (const auto why = shut_because(block); why != errc::ok)
    return why;
  if (!block.plan.general_admission() || cmd.count == 0)
    return errc::invalid_value;
  const auto known = unheard(block, cmd, now);
  auto fresh = cmd.count - known;
  std::set<session_id> overdue;
  if (block.available() < fresh)
    overdue = all_overdue(block, now);
  auto left = block.available();
  for (auto session : overdue)
    left += block.held.at(session).places;
  if (cmd.fewer.value_or(false))
    fresh = std::min(fresh, left);
  if (left < fresh || fresh + known == 0)
    return errc::not_enough_seats;
  if (block.held.contains(cmd.session) && is_overdue(block, cmd.session, now))
    overdue.insert(cmd.session); // or its end would be put off silently
  auto happened = lapse(block, overdue);
  if (fresh > 0)
    happened.emplace_back(
      held{cmd.session, {}, fresh, cmd.until, {}, cmd.round});
  else
    hold_on(block.held.at(cmd.session), cmd, happened);
  return grant(block, self, std::move(happened), {}, fresh + known);
}

/// What a session holds beyond these seats and places; nothing if it does not
/// hold all of them.
std::optional<released> beyond(const state& block, const reservation& mine,
                               const extend& cmd) {
  released rest{cmd.session, mine.seats, mine.places};
  for (const auto& name : cmd.seats) {
    auto seat = block.floor->find(name);
    if (!seat || std::erase(rest.seats, *seat) == 0)
      return std::nullopt;
  }
  if (cmd.places > mine.places)
    return std::nullopt;
  rest.places -= cmd.places;
  return rest;
}

/// A seat that the asker would leave alone if these of its seats, and no
/// others, were taken now.
std::optional<seat_no> would_leave_orphan(const state& block,
                                          const reservation& mine,
                                          const extend& cmd, timestamp now) {
  auto free = free_seats_of(block, now);
  for (auto seat : mine.seats)
    free[seat] = 1;
  std::vector<seat_no> chosen;
  for (const auto& name : cmd.seats)
    if (auto seat = block.floor->find(name);
        seat && std::ranges::find(chosen, *seat) == chosen.end())
      chosen.push_back(*seat);
  return leaves_orphan(*block.floor, free, chosen);
}

said put_off(const state& block, const extend& cmd, timestamp now) {
  const auto count = cmd.seats.size() + cmd.places;
  if (auto bought = block.sold.find(cmd.session); bought != block.sold.end())
    return bought->second.size() == count ? said{facts{}}
                                          : said{errc::hold_expired};
  if (block.is_closed)
    return errc::event_cancelled;
  auto mine = block.held.find(cmd.session);
  if (mine == block.held.end() || mine->second.until <= now || count == 0)
    return errc::hold_expired;
  auto rest = beyond(block, mine->second, cmd);
  if (!rest)
    return errc::hold_expired;
  if (block.no_orphans && cmd.judged.value_or(false))
    if (auto orphan = would_leave_orphan(block, mine->second, cmd, now))
      return {errc::orphan_seat, naming({seat_id(block, *orphan)})};
  facts happened;
  if (!rest->seats.empty() || rest->places > 0)
    happened.emplace_back(std::move(*rest));
  if (mine->second.until != cmd.until || begins_round(mine->second, cmd))
    happened.emplace_back(extended{cmd.session, cmd.until, {}, cmd.round});
  return happened;
}

said give_back(const state& block, const release& cmd) {
  auto found = block.held.find(cmd.session);
  if (found == block.held.end())
    return facts{};
  const auto& mine = found->second;
  const bool is_overtaken = cmd.round > 0 && mine.round >= cmd.round;
  if (is_overtaken)
    return facts{};
  if (cmd.seats.empty() && cmd.places == 0)
    return facts{released{cmd.session, mine.seats, mine.places}};
  released back{cmd.session, {}, std::min(cmd.places, mine.places)};
  for (const auto& name : cmd.seats)
    if (auto seat = block.floor->find(name))
      if (std::ranges::find(mine.seats, *seat) != mine.seats.end()
          && std::ranges::find(back.seats, *seat) == back.seats.end())
        back.seats.push_back(*seat);
  if (back.seats.empty() && back.places == 0)
    return facts{};
  return facts{std::move(back)};
}

/// What became of the seats, as it is shown to who asked for it.
document shown_as(const state& block, const std::vector<std::string>& names,
                  std::string_view status) {
  std::vector<std::string> ids;
  for (const auto& name : names)
    ids.push_back(block.plan.name + '-' + name);
  document out{200, {}};
  json::object{out.json}.put("seats", ids).put_text("status", status);
  return out;
}

said set_aside(const state& block, const block_seats& cmd, timestamp now) {
  if (!block.is_open)
    return errc::not_found;
  std::set<session_id> overdue;
  blocked aside{{}, cmd.reason};
  for (const auto& name : cmd.seats) {
    auto seat = block.floor->find(name);
    if (!seat)
      return {errc::unknown_seat, naming({block.plan.name + '-' + name})};
    if (block.seats[*seat] == seat_status::blocked)
      continue;
    if (!can_be_had(block, *seat, now))
      return {errc::seat_unavailable, naming({seat_id(block, *seat)})};
    if (block.seats[*seat] == seat_status::held)
      overdue.insert(block.holder[*seat]);
    if (std::ranges::find(aside.seats, *seat) == aside.seats.end())
      aside.seats.push_back(*seat);
  }
  facts happened;
  if (!aside.seats.empty()) {
    happened = lapse(block, overdue);
    happened.emplace_back(std::move(aside));
  }
  return said{std::move(happened)}.replying(
    shown_as(block, cmd.seats, "blocked"));
}

said put_back(const state& block, const unblock_seats& cmd) {
  if (!block.is_open)
    return errc::not_found;
  unblocked back;
  for (const auto& name : cmd.seats) {
    auto seat = block.floor->find(name);
    if (!seat)
      return {errc::unknown_seat, naming({block.plan.name + '-' + name})};
    if (block.blocked.contains(*seat)
        && std::ranges::find(back.seats, *seat) == back.seats.end())
      back.seats.push_back(*seat);
  }
  facts happened;
  if (!back.seats.empty())
    happened.emplace_back(std::move(back));
  return said{std::move(happened)}.replying(
    shown_as(block, cmd.seats, "unblocked"));
}

said note_event(const state& block, const tell_event& cmd) {
  if (!cmd.got->granted() || cmd.exhausted == block.told_exhausted)
    return {};
  return facts{event_told{cmd.exhausted}};
}

said wake_up(const state& block, timestamp now) {
  auto happened = lapse(block, all_overdue(block, now));
  if (must_tell_event(block))
    return speak_to_event(block, std::move(happened));
  said out{std::move(happened)};
  if (must_send_away(block))
    send_away(block, now, out);
  return out;
}

said show(const state& block, const uuid& self, const view& cmd) {
  if (!block.is_open)
    return errc::not_found;
  if (cmd.newer_than != block.now)
    return said{}.replying(picture_of(block, self));
  picture same;
  same.now = block.now;
  return said{}.replying(std::move(same));
}

} // namespace

decision<state> decide(const state& block, const uuid& self, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const open& c) { return offer(block, c); },
    [&](const hold& c) { return hold_seats(block, self, c, now); },
    [&](const hold_best& c) { return hold_the_best(block, self, c, now); },
    [&](const hold_places& c) { return hold_some_places(block, self, c, now); },
    [&](const extend& c) { return put_off(block, c, now); },
    [&](const release& c) { return give_back(block, c); },
    [&](const confirm& c) { return decide_confirm(block, c, now); },
    [&](const take_back& c) { return decide_take_back(block, c, now); },
    [&](const block_seats& c) { return set_aside(block, c, now); },
    [&](const unblock_seats& c) { return put_back(block, c); },
    [&](const close&) {
      return block.is_closed || !block.is_open ? said{facts{}}
                                               : said{facts{closed{}}};
    },
    [&](const view& c) { return show(block, self, c); },
    [&](const tell_event& c) { return note_event(block, c); },
    [&](const wake&) { return wake_up(block, now); });
}

} // namespace usher::seat_block

#include "actors/allowance/allowance.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

namespace usher::allowance {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// Whether the session that was asked last could not be asked.
template <class Command>
bool is_unheard(const Command& cmd) {
  return cmd.asked && (!cmd.got || !cmd.got->granted());
}

/// What the session that was asked last had to say, if it is news.
template <class Command>
facts news_of(const state& allowance, const Command& cmd) {
  if (!cmd.asked || is_unheard(cmd))
    return {};
  const auto& used = std::get<booking_session::used>(cmd.got->reply);
  if (used.over)
    return {left{*cmd.asked, used.tickets}};
  auto known = allowance.guests.find(*cmd.asked);
  if (known != allowance.guests.end() && known->second.counted
      && known->second.total == used.tickets)
    return {};
  return {counted{*cmd.asked, used.tickets}};
}

/// Another session that must be asked before anything can be promised: one
/// that nobody counts yet, or one that must be over by now. Each is asked once,
/// in the order of their ids: one that lives longer than it should is counted.
template <class Command>
std::optional<session_id> next_to_ask(const state& allowance,
                                      const Command& cmd, timestamp now) {
  auto next = cmd.asked ? allowance.guests.upper_bound(*cmd.asked)
                        : allowance.guests.begin();
  for (; next != allowance.guests.end(); ++next)
    if (const auto& [session, guest] = *next;
        session != cmd.session && (!guest.counted || guest.until <= now))
      return session;
  return std::nullopt;
}

/// The allowance with the news; nothing is copied where there are none.
const state& with_news(const state& allowance, const facts& happened,
                       state& scratch) {
  if (happened.empty())
    return allowance;
  scratch = allowance;
  for (const auto& what : happened)
    evolve(scratch, what);
  return scratch;
}

std::uint32_t taken_by_others(const state& allowance, session_id self) {
  std::uint32_t sum = 0;
  for (const auto& [session, tickets] : allowance.bought)
    sum += tickets;
  for (const auto& [session, guest] : allowance.guests)
    if (session != self)
      sum += guest.total;
  return sum;
}

template <class Command>
said ask(facts happened, session_id whom, Command then) {
  then.asked = whom;
  then.got.reset();
  return said{std::move(happened)}.asking(
    {entity_kind::booking_session, whom.value},
    booking_session::command{booking_session::share{}}, std::move(then));
}

said let_in(const state& before, const enter& cmd, timestamp now) {
  auto happened = news_of(before, cmd);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  if (is_unheard(cmd))
    return errc::unavailable; // it could not be asked
  if (auto whom = next_to_ask(allowance, cmd, now))
    return ask(std::move(happened), *whom, cmd);
  if (!allowance.guests.contains(cmd.session))
    happened.emplace_back(entered{cmd.session, cmd.limit, cmd.until});
  const auto others = taken_by_others(allowance, cmd.session);
  const bool alone = others == 0
                     && (allowance.guests.empty()
                         || (allowance.guests.size() == 1
                             && allowance.guests.contains(cmd.session)));
  return said{std::move(happened)}.replying(
    entered_as{!alone, cmd.limit > others ? cmd.limit - others : 0});
}

/// How many more it may have than it has, if it says what it has.
std::string why_not(const claim& cmd, std::uint32_t limit,
                    std::uint32_t others) {
  if (!cmd.has)
    return limit_members(limit, std::nullopt);
  const auto taken = others + *cmd.has;
  return limit_members(limit, limit > taken ? limit - taken : 0);
}

said count(const state& before, const claim& cmd, timestamp now) {
  auto happened = news_of(before, cmd);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  auto self = allowance.guests.find(cmd.session);
  if (self == allowance.guests.end())
    return errc::not_found;
  const bool less = self->second.counted && cmd.total <= self->second.total;
  if (!less) {
    if (is_unheard(cmd))
      return errc::unavailable;
    if (auto whom = next_to_ask(allowance, cmd, now))
      return ask(std::move(happened), *whom, cmd);
    const auto others = taken_by_others(allowance, cmd.session);
    if (others + cmd.total > allowance.limit)
      return said{std::move(happened)}.refusing(
        errc::limit_reached, why_not(cmd, allowance.limit, others));
  }
  if (!self->second.counted || self->second.total != cmd.total)
    happened.emplace_back(counted{cmd.session, cmd.total});
  return happened;
}

said take_again(const state& before, const come_back& cmd, timestamp now) {
  auto happened = news_of(before, cmd);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  if (is_unheard(cmd))
    return errc::unavailable;
  if (auto whom = next_to_ask(allowance, cmd, now))
    return ask(std::move(happened), *whom, cmd);
  if (taken_by_others(allowance, cmd.session) + cmd.total > cmd.limit)
    return said{std::move(happened)}.refusing(errc::limit_reached);
  if (!allowance.guests.contains(cmd.session))
    happened.emplace_back(entered{cmd.session, cmd.limit, cmd.until});
  happened.emplace_back(counted{cmd.session, cmd.total});
  return happened;
}

/// A session may say it twice: by its letter, and when it was asked.
said let_go(const state& allowance, const leave& cmd) {
  auto known = allowance.bought.find(cmd.session);
  const auto bought = known == allowance.bought.end() ? 0 : known->second;
  if (!allowance.guests.contains(cmd.session)
      && (cmd.bought == 0 || bought == cmd.bought))
    return {};
  return facts{left{cmd.session, cmd.bought}};
}

said tell_guests(const state& allowance) {
  guest_list out;
  for (const auto& [session, guest] : allowance.guests)
    out.sessions.push_back(session);
  return said{}.replying(std::move(out));
}

} // namespace

decision<state> decide(const state& allowance, const uuid&, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const enter& c) { return let_in(allowance, c, now); },
    [&](const claim& c) { return count(allowance, c, now); },
    [&](const leave& c) { return let_go(allowance, c); },
    [&](const come_back& c) { return take_again(allowance, c, now); },
    [&](const list&) { return tell_guests(allowance); },
    [&](const wake&) { return said{}; });
}

/// A session that comes to others is counted from its first seat on; one that
/// comes first is not, until somebody else comes.
void evolve(state& allowance, const fact& what) {
  match(
    what, //
    [&](const entered& e) {
      const bool alone = allowance.guests.empty() && allowance.bought.empty();
      allowance.limit = e.limit;
      allowance.guests[e.session] = {!alone, 0, e.until};
    },
    [&](const counted& e) {
      auto& guest = allowance.guests[e.session];
      guest.counted = true;
      guest.total = e.total;
    },
    [&](const left& e) {
      allowance.guests.erase(e.session);
      if (e.bought > 0)
        allowance.bought[e.session] = e.bought;
    });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt; // nothing here depends on the clock alone
}

} // namespace usher::allowance

#include "actors/allowance/allowance.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

namespace usher::allowance {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// What the session that was asked last had to say.
facts news_of(const std::optional<session_id>& asked, const answer_slot& got) {
  if (!asked || !got || !got->granted())
    return {};
  const auto& used = std::get<booking_session::used>(got->reply);
  if (used.over)
    return {left{*asked, used.tickets}};
  return {counted{*asked, used.tickets}};
}

/// Another session that must be asked before anything can be promised: one
/// that nobody counts yet, or one that must be over by now.
std::optional<session_id> next_to_ask(const state& allowance, session_id self,
                                      timestamp now) {
  for (const auto& [session, guest] : allowance.guests)
    if (session != self && (!guest.counted || guest.until <= now))
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
  auto happened = news_of(cmd.asked, cmd.got);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  if (cmd.asked && happened.empty())
    return errc::unavailable; // it could not be asked
  if (auto whom = next_to_ask(allowance, cmd.session, now))
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

said count(const state& before, const claim& cmd, timestamp now) {
  auto happened = news_of(cmd.asked, cmd.got);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  auto self = allowance.guests.find(cmd.session);
  if (self == allowance.guests.end())
    return errc::not_found;
  const bool less = self->second.counted && cmd.total <= self->second.total;
  if (!less) {
    if (cmd.asked && happened.empty())
      return errc::unavailable;
    if (auto whom = next_to_ask(allowance, cmd.session, now))
      return ask(std::move(happened), *whom, cmd);
    if (taken_by_others(allowance, cmd.session) + cmd.total > allowance.limit)
      return said{std::move(happened)}.refusing(errc::limit_reached);
  }
  if (!self->second.counted || self->second.total != cmd.total)
    happened.emplace_back(counted{cmd.session, cmd.total});
  return happened;
}

said take_again(const state& before, const come_back& cmd, timestamp now) {
  auto happened = news_of(cmd.asked, cmd.got);
  state scratch;
  const auto& allowance = with_news(before, happened, scratch);
  if (cmd.asked && happened.empty())
    return errc::unavailable;
  if (auto whom = next_to_ask(allowance, cmd.session, now))
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

} // namespace

decision<state> decide(const state& allowance, const uuid&, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const enter& c) { return let_in(allowance, c, now); },
    [&](const claim& c) { return count(allowance, c, now); },
    [&](const leave& c) { return let_go(allowance, c); },
    [&](const come_back& c) { return take_again(allowance, c, now); },
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

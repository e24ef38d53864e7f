#include "actors/booking_session/booking_session.hpp"
#include "protocol/command.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::booking_session {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// Whether the caller may change the cart now; ok if so.
errc may_change(const state& session, account_id caller, timestamp now) {
  if (session.status == status::none || session.terms.buyer != caller)
    return errc::not_found;
  if (session.status == status::expired)
    return errc::session_expired;
  if (session.status != status::open && session.status != status::failed)
    return errc::session_not_open;
  return session.expires_at <= now ? errc::session_expired : errc::ok;
}

/// Takes what is in `leaves` out of the cart, as `how` says.
said give_up(const state& session, const item& leaves, fact how,
             const uuid& self) {
  auto back = by_block({leaves}).front();
  const entity_id block{entity_kind::seat_block, back.block.value};
  auto out = said{facts{std::move(how)}}.showing(200);
  if (session.status == status::failed) // money that came late began to buy it
    out.letters.push_back({block, seat_block::command{seat_block::take_back{
                                    {self},
                                    last_undone(session, out.facts),
                                    session.expires_at + grace}}});
  out.letters.push_back({block, seat_block::command{seat_block::release{
                                  {self},
                                  std::move(back.seats),
                                  back.places,
                                  next_round(session, out.facts)}}});
  if (session.shared)
    out.letters.push_back(
      {{entity_kind::allowance,
        allowance::key_of(session.terms.event, session.terms.buyer)},
       allowance::command{allowance::claim{
         {self}, tickets_in(session.items) - leaves.places, {}, {}}}});
  return out;
}

said take_out(const state& session, const remove& cmd, const uuid& self,
              timestamp now) {
  if (auto why = may_change(session, cmd.caller, now); why != errc::ok)
    return why;
  auto found = std::ranges::find(session.items, cmd.seat, &item::id);
  return found == session.items.end()
           ? said{errc::not_held}
           : give_up(session, *found, removed{cmd.seat}, self);
}

said take_some(const state& session, const reduce& cmd, const uuid& self,
               timestamp now) {
  if (auto why = may_change(session, cmd.caller, now); why != errc::ok)
    return why;
  auto found = std::ranges::find(session.items, cmd.seat, &item::id);
  if (found == session.items.end() || found->places < cmd.places)
    return errc::not_held;
  if (cmd.places == 0)
    return errc::invalid_value;
  if (found->places == cmd.places)
    return give_up(session, *found, removed{cmd.seat}, self);
  auto leaves = *found;
  leaves.places = cmd.places;
  return give_up(session, leaves, reduced{cmd.seat, cmd.places}, self);
}

said put_off(const state& session, const extend& cmd, const uuid& self,
             timestamp now) {
  if (!cmd.started) {
    if (auto why = may_change(session, cmd.caller, now); why != errc::ok)
      return why;
    if (session.expires_at >= session.terms.last_moment)
      return errc::cannot_extend;
  } else if (!cmd.got->granted()) {
    return {cmd.got->refused, cmd.got->more};
  }
  auto next = cmd;
  next.done += cmd.started ? 1 : 0;
  next.started = true;
  next.until =
    std::min(session.expires_at + cmd.step, session.terms.last_moment);
  auto shares = by_block(session.items);
  if (next.done == shares.size())
    return said{facts{extended{next.until}}}.showing(200);
  const auto& share = shares[next.done];
  return said{}.asking(
    {entity_kind::seat_block, share.block.value},
    seat_block::command{seat_block::extend{
      {self}, share.seats, share.places, next.until, {}, round_of(session)}},
    next);
}

void release_all(const state& session, const uuid& self, said& out) {
  const auto round = next_round(session, out.facts);
  for (const auto& share : by_block(session.items))
    out.letters.push_back(
      {{entity_kind::seat_block, share.block.value},
       seat_block::command{seat_block::release{{self}, {}, 0, round}}});
}

said abandon(const state& session, const uuid& self) {
  said out = facts{cancelled{}};
  if (session.attempts > 0) // a block may have sold already
    give_back(session, self, out);
  else
    release_all(session, self, out);
  say_farewell(session, self, 0, out);
  return out;
}

said call_off(const state& session, const cancel& cmd, const uuid& self) {
  if (session.status == status::none || session.terms.buyer != cmd.caller)
    return errc::not_found;
  switch (session.status) {
    case status::cancelled:
      return said{}.showing(200);
    case status::open:
    case status::checkout:
    case status::failed:
      return abandon(session, self).showing(200);
    default:
      return errc::session_not_open;
  }
}

said show(const state& session, const describe& cmd) {
  if (session.status == status::none || session.terms.buyer != cmd.caller)
    return errc::not_found;
  return said{}.showing(200);
}

bool is_over(const state& session) {
  return session.status == status::completed
         || session.status == status::expired
         || session.status == status::cancelled
         || session.status == status::none;
}

/// Nobody is to pay any more. Money that is on its way, or comes as the letter
/// is lost, finds a session that is over, and goes back.
said end_with_event(const state& session, const uuid& self) {
  if (is_over(session))
    return {};
  auto out = abandon(session, self);
  if (session.status == status::checkout && session.amount > 0) {
    payment::notify news;
    news.callback = "event_cancelled";
    news.what = payment::report::expired;
    out.letters.push_back({{entity_kind::payment, session.payment.value},
                           payment::command{std::move(news)}});
  }
  return out;
}

/// The buyer's place in the queue has served.
void use_up_turn(const opened& terms, said& out) {
  out.letters.push_back(
    {{entity_kind::queue_slot, queue_slot::key_of(terms.event, terms.buyer)},
     queue_slot::command{queue_slot::complete{terms.queue_number}}});
}

/// What it said when it ended may have been lost, or it never opened.
said account_for(const state& session, const uuid& self, const turn& what) {
  if (!is_over(session))
    return {};
  waiting_room::check_out told{what.number, {self}, {}};
  if (session.status == status::none)
    told.unopened = true;
  auto out = said{}.telling(
    {entity_kind::waiting_room, waiting_room::key_of(what.event)},
    waiting_room::command{told});
  if (session.status == status::completed)
    use_up_turn(session.terms, out);
  return out;
}

said tell_usage(const state& session, bool from_now_on) {
  const bool over = is_over(session);
  used out{tickets_in(session.items), over};
  if (over)
    out.tickets = static_cast<std::uint32_t>(session.tickets.size());
  facts happened;
  if (from_now_on && !over && !session.shared)
    happened.emplace_back(booking_session::shared{});
  return said{std::move(happened)}.replying(out);
}

said make_undone(const state& session, const uuid& self, const undo& cmd) {
  if (!is_over(session) || (cmd.got && !cmd.got->granted()))
    return {}; // the alarm begins again
  auto next = cmd;
  next.done += cmd.got ? 1 : 0;
  if (next.done >= session.owed.size())
    return session.owed.empty() ? said{} : said{facts{undone{}}};
  const auto block =
    *std::next(session.owed.begin(), static_cast<std::ptrdiff_t>(next.done));
  return said{}.asking({entity_kind::seat_block, block.value},
                       seat_block::command{seat_block::take_back{
                         {self}, last_undone(session, {})}},
                       next);
}

said wake_up(const state& session, const uuid& self, timestamp now) {
  auto due = wake_at(session);
  if (!due || *due > now)
    return {};
  if (is_over(session))
    return make_undone(session, self, {});
  if (session.status == status::checkout && session.amount == 0)
    return buy_for_nothing(session, self, now); // a crash interrupted it
  if (session.status == status::checkout)
    return said{}.asking({entity_kind::payment, session.payment.value},
                         payment::command{payment::inquire{}}, reconcile{});
  return expire(session, self);
}

} // namespace

std::uint32_t last_undone(state session, const std::vector<fact>& happened) {
  for (const auto& what : happened)
    evolve(session, what);
  return session.sale > 0 ? session.sale - 1 : 0;
}

std::optional<std::uint32_t> round_of(const state& session) {
  return session.round > 0 ? std::optional{session.round} : std::nullopt;
}

std::uint32_t next_round(state session, const std::vector<fact>& happened) {
  for (const auto& what : happened)
    evolve(session, what);
  return session.status == status::cancelled ? 0 : session.round;
}

void give_back(const state& session, const uuid& self, decision<state>& out) {
  const auto sale = last_undone(session, out.facts);
  const auto round = next_round(session, out.facts);
  auto shares = by_block(session.items);
  for (auto share = shares.rbegin(); share != shares.rend(); ++share) {
    const entity_id block{entity_kind::seat_block, share->block.value};
    out.letters.push_back(
      {block, seat_block::command{seat_block::take_back{{self}, sale}}});
    out.letters.push_back(
      {block, seat_block::command{seat_block::release{{self}, {}, 0, round}}});
  }
}

/// Money that is on its way may still complete what is half sold; once some
/// went back, what is left of its sale has to go back too.
decision<state> expire(const state& session, const uuid& self,
                       std::vector<fact> happened) {
  happened.emplace_back(expired{});
  said out{std::move(happened)};
  if (session.refunds.empty() && session.owed.empty())
    release_all(session, self, out);
  else
    give_back(session, self, out);
  say_farewell(session, self, 0, out);
  return out;
}

void leave_allowance(const state& session, const uuid& self,
                     std::uint32_t bought, decision<state>& out) {
  out.letters.push_back(
    {{entity_kind::allowance,
      allowance::key_of(session.terms.event, session.terms.buyer)},
     allowance::command{allowance::leave{{self}, bought}}});
}

void say_farewell(const state& session, const uuid& self, std::uint32_t bought,
                  decision<state>& out) {
  const auto& terms = session.terms;
  if (session.shared)
    leave_allowance(session, self, bought, out);
  if (terms.queue_number == 0)
    return;
  out.letters.push_back(
    {{entity_kind::waiting_room, waiting_room::key_of(terms.event)},
     waiting_room::command{
       waiting_room::check_out{terms.queue_number, {self}, {}}}});
  if (bought > 0)
    use_up_turn(terms, out);
}

decision<state> decide(const state& session, const uuid& self,
                       const command& cmd, timestamp now) {
  return match(
    cmd, //
    [&](const open& c) { return decide_open(session, self, c, now); },
    [&](const hold& c) { return decide_hold(session, self, c, now); },
    [&](const remove& c) { return take_out(session, c, self, now); },
    [&](const reduce& c) { return take_some(session, c, self, now); },
    [&](const extend& c) { return put_off(session, c, self, now); },
    [&](const cancel& c) { return call_off(session, c, self); },
    [&](const checkout& c) { return decide_checkout(session, self, c, now); },
    [&](const describe& c) { return show(session, c); },
    [&](const settle& c) { return decide_settle(session, self, c, now); },
    [&](const share& c) {
      return c.in_doubt ? account_for(session, self, *c.in_doubt)
                        : tell_usage(session, true);
    },
    [&](const usage&) { return tell_usage(session, false); },
    [&](const reconcile& c) { return decide_reconcile(session, self, c, now); },
    [&](const undo& c) { return make_undone(session, self, c); },
    [&](const wind_up&) { return end_with_event(session, self); },
    [&](const wake&) { return wake_up(session, self, now); });
}

} // namespace usher::booking_session

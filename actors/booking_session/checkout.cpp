#include "actors/booking_session/booking_session.hpp"
#include "protocol/command.hpp"

namespace usher::booking_session {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

errc may_check_out(const state& session, account_id caller, timestamp now) {
  if (session.status == status::none || session.terms.buyer != caller)
    return errc::not_found;
  if (session.status == status::checkout)
    return errc::payment_pending;
  if (session.status == status::expired)
    return errc::session_expired;
  if (session.status != status::open && session.status != status::failed)
    return errc::session_not_open;
  if (session.expires_at <= now)
    return errc::session_expired;
  if (session.items.empty())
    return errc::empty_session;
  return total_of(session.items) ? errc::ok : errc::invalid_value;
}

/// A first try opens the payment window; a retry gets what is left of it.
timestamp window_of(const state& session, timestamp now) {
  if (session.status == status::failed)
    return session.expires_at;
  return now + std::chrono::seconds{session.terms.checkout_seconds};
}

payment::create intent_of(const state& session, const uuid& self) {
  payment::create out;
  out.session = {self};
  out.event = session.terms.event;
  out.payer = session.terms.buyer;
  out.amount = {session.amount, session.terms.currency};
  out.method = session.method;
  out.until = session.expires_at;
  return out;
}

/// A payment is open already. It may have been lost in a crash before it was
/// made: making it again changes nothing otherwise.
said already_paying(const state& session, const uuid& self) {
  return said{errc::payment_pending}.telling(
    {entity_kind::payment, session.payment.value},
    payment::command{intent_of(session, self)});
}

/// What the buyer can do about a seat that would be left alone. It depends on
/// whether the session still takes seats in, and on whether there can be
/// another: with this one ends a turn in a queue.
advice way_out(const state& session) {
  if (session.status == status::open)
    return advice::hold_again;
  return session.terms.queue_number != 0 ? advice::give_back_more
                                         : advice::give_back_or_cancel;
}

/// A seat was given back, and would be left alone.
said refused_by_block(const state& session, const answer& why) {
  if (why.refused != errc::orphan_seat)
    return {why.refused, why.more};
  auto more = why.more;
  more += more.empty() ? "" : ",";
  more += as_member(way_out(session));
  return {why.refused, std::move(more)};
}

/// The request that began the last attempt is said again: its answer was lost
/// in a crash. What is free may have been refused, and is in no cart any more.
bool is_repeat(const state& session, const checkout& cmd) {
  const bool was_refused =
    session.status == status::failed && session.amount == 0;
  return cmd.request && cmd.request == session.request
         && session.terms.buyer == cmd.caller && !was_refused;
}

/// The order stands already, and its payment may have been lost: making it
/// again changes nothing otherwise.
said order_again(const state& session, const uuid& self, checkout next,
                 timestamp now) {
  if (session.status != status::checkout)
    return said{}.showing(200);
  if (session.amount == 0)
    return buy_for_nothing(session, self, now);
  next.started = next.paying = true;
  return said{}.asking({entity_kind::payment, session.payment.value},
                       payment::command{intent_of(session, self)},
                       std::move(next));
}

/// The order stands: its intent is journaled, then the payment is made.
said order(const state& session, const uuid& self, checkout next,
           timestamp now) {
  const auto amount = *total_of(session.items);
  const auto id = payment_of(self, session.attempts + 1);
  next.paying = true;
  checkout_started begun{id,
                         next.method,
                         amount,
                         next.until,
                         session.terms.event,
                         session.terms.buyer,
                         session.terms.currency,
                         now,
                         next.request};
  auto ordered = session;
  evolve(ordered, begun);
  if (amount == 0) {
    auto out = buy_for_nothing(ordered, self, now);
    out.facts.insert(out.facts.begin(), std::move(begun));
    return out;
  }
  auto wanted = intent_of(ordered, self);
  auto out = said{facts{std::move(begun)}}.asking(
    {entity_kind::payment, id.value}, payment::command{std::move(wanted)},
    std::move(next));
  // What it writes is durable after our fact, which counts the attempt: its id
  // is never taken again.
  out.ask->newborn = true;
  return out;
}

} // namespace

payment_id payment_of(const uuid& self, std::uint32_t attempt) {
  const auto home = shard_of({entity_kind::booking_session, self});
  auto id = derive_uuid(self, "payment:" + std::to_string(attempt));
  while (shard_of({entity_kind::payment, id}) != home)
    if (++id.bytes[15] == 0)
      ++id.bytes[14];
  return {id};
}

decision<state> decide_checkout(const state& session, const uuid& self,
                                const checkout& cmd, timestamp now) {
  if (!cmd.started) {
    if (is_repeat(session, cmd))
      return order_again(session, self, cmd, now);
    const auto why = may_check_out(session, cmd.caller, now);
    if (why == errc::payment_pending)
      return session.amount == 0 ? buy_for_nothing(session, self, now)
                                 : already_paying(session, self);
    if (why != errc::ok)
      return why;
    const bool is_free = total_of(session.items) == 0;
    if (!is_free && (cmd.method.empty() || !cmd.takes_money))
      return {cmd.method.empty() ? errc::missing_field : errc::invalid_value,
              "\"field\":\"payment_method\""};
  } else if (!cmd.got->granted()) {
    return refused_by_block(session, *cmd.got);
  }
  if (cmd.paying)
    return said{}.showing(200);
  auto next = cmd;
  next.done += cmd.started ? 1 : 0;
  if (!cmd.started)
    next.until = window_of(session, now);
  next.started = true;
  auto shares = by_block(session.items);
  if (next.done == shares.size())
    return order(session, self, std::move(next), now);
  const auto& share = shares[next.done];
  seat_block::extend wanted{
    {self}, share.seats, share.places, next.until + grace};
  if (session.thinned.contains(share.block))
    wanted.judged = true;
  wanted.round = round_of(session);
  return said{}.asking({entity_kind::seat_block, share.block.value},
                       seat_block::command{std::move(wanted)}, next);
}

} // namespace usher::booking_session

#include "actors/booking_session/booking_session.hpp"
#include "protocol/command.hpp"

#include <algorithm>

namespace usher::booking_session {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;
using stage = settle::stage;

/// Twelve characters for people: no letter looks like a digit (Crockford).
std::string ticket_number(const uuid& ticket) {
  constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  auto bits = hash_of(ticket);
  std::string out = "TK";
  for (int i = 0; i < 12; ++i) {
    if (i % 4 == 0)
      out += '-';
    out += digits[bits & 31];
    bits >>= 5;
  }
  return out;
}

std::vector<ticket> tickets_for(const state& session, const uuid& self) {
  std::vector<ticket> out;
  for (const auto& one : session.items)
    for (std::uint32_t i = 0; i < one.places; ++i) {
      const ticket_id id{
        derive_uuid(self, "ticket:" + std::to_string(out.size()))};
      out.push_back({id, ticket_number(id.value), one.id, one.section,
                     one.ticket_type, one.price});
    }
  return out;
}

said complete(const state& session, const uuid& self, const settle& cmd,
              timestamp now) {
  auto tickets = tickets_for(session, self);
  const auto bought = static_cast<std::uint32_t>(tickets.size());
  const auto& terms = session.terms;
  said out = facts{completed{cmd.payment, std::move(tickets), cmd.late, now,
                             terms.event, terms.buyer, terms.currency}};
  if (cmd.free)
    out.show = 200;
  else
    out.replying(settled{false});
  say_farewell(session, self, bought, out);
  if (cmd.counts && !session.shared)
    leave_allowance(session, self, bought, out);
  return out;
}

/// What goes back is in no cart any more.
void take_all_out(const state& session, facts& happened) {
  for (const auto& one : session.items)
    happened.emplace_back(removed{one.id});
}

/// Nor does the allowance count it.
void count_nothing(const state& session, const uuid& self, said& out) {
  if (session.shared)
    out.letters.push_back(
      {{entity_kind::allowance,
        allowance::key_of(session.terms.event, session.terms.buyer)},
       allowance::command{allowance::claim{{self}, 0, {}, {}}}});
}

/// Nothing was paid, so there is nothing to refund: the order fails.
said call_off(const state& session, const uuid& self, const settle& cmd) {
  facts happened{payment_failed{cmd.payment, outcome::failed}};
  take_all_out(session, happened);
  said out{std::move(happened)};
  give_back(session, self, out);
  count_nothing(session, self, out);
  return std::move(out).refusing(cmd.got->refused, cmd.got->more);
}

/// It is this payment that the session waits for.
bool is_awaited(const state& session, const settle& cmd) {
  return session.status == status::checkout && session.payment == cmd.payment;
}

/// Whether what the session has in its blocks was meant for this payment, or is
/// for nobody any more. Otherwise a later attempt may wait for its money there.
bool must_give_back(const state& session, const settle& cmd) {
  const bool is_over =
    session.status == status::cancelled || session.status == status::expired;
  return is_over || is_awaited(session, cmd) || cmd.at > stage::claiming;
}

/// The money came, and no seats can be given for it. The buyer need not wait
/// for the end of the window to leave.
said refund(const state& session, const uuid& self, const settle& cmd) {
  facts happened;
  if (is_awaited(session, cmd))
    happened.emplace_back(payment_failed{cmd.payment, outcome::failed});
  if (!session.refunds.contains(cmd.payment))
    happened.emplace_back(refund_due{cmd.payment});
  const bool goes_back = must_give_back(session, cmd);
  const bool has_failed =
    is_awaited(session, cmd) || session.status == status::failed;
  const bool empties = goes_back && has_failed && !session.items.empty();
  if (empties)
    take_all_out(session, happened);
  said out{std::move(happened)};
  if (goes_back)
    give_back(session, self, out);
  if (empties)
    count_nothing(session, self, out);
  if (cmd.counts)
    leave_allowance(session, self, 0, out);
  out.replying(settled{true});
  return out;
}

/// What is late must not shorten a hold that has longer to run.
seat_block::command order_of(const state& session, const uuid& self,
                             const share_of_block& share, const settle& cmd,
                             timestamp now) {
  const session_id me{self};
  const auto until = now + grace;
  switch (cmd.at) {
    case stage::securing:
      return seat_block::extend{
        me,           share.seats,
        share.places, std::max(now, session.expires_at) + grace,
        {},           round_of(session)};
    case stage::retaking:
      if (share.places > 0)
        return seat_block::hold_places{
          me, share.places, until, {}, round_of(session)};
      return seat_block::hold{me,   share.seats, until,
                              true, {},          round_of(session)};
    default:
      return seat_block::confirm{me, share.size(), session.sale};
  }
}

said ask_block(const state& session, const uuid& self, settle next,
               timestamp now) {
  const auto shares = by_block(session.items);
  const auto& share = shares.at(next.done);
  auto order = order_of(session, self, share, next, now);
  return said{}.asking({entity_kind::seat_block, share.block.value},
                       std::move(order), std::move(next));
}

/// The session had left the allowance: others may have used it since.
said ask_allowance(const state& session, const uuid& self, settle next,
                   timestamp now) {
  next.at = stage::claiming;
  allowance::come_back question;
  question.session = {self};
  question.total = tickets_in(session.items);
  question.limit = session.terms.max_per_user;
  question.until = now + 10 * grace;
  return said{}.asking(
    {entity_kind::allowance,
     allowance::key_of(session.terms.event, session.terms.buyer)},
    allowance::command{question}, std::move(next));
}

/// Seats whose hold may have lapsed are secured block by block, all of them
/// before the first is sold: held still, or free and held anew.
said go_on(const state& session, const uuid& self, settle next, timestamp now) {
  const auto blocks = by_block(session.items).size();
  const bool granted = next.got->granted();
  if (!granted && http_status(next.got->refused) >= 500)
    return {errc::outcome_unknown, {}}; // a fault says nothing about the seats
  if (granted && next.at == stage::claiming) {
    next.counts = true;
    next.at = stage::securing;
    return ask_block(session, self, std::move(next), now);
  }
  if (!granted && next.at == stage::securing) {
    next.at = stage::retaking;
    return ask_block(session, self, std::move(next), now);
  }
  if (!granted)
    return next.free ? call_off(session, self, next)
                     : refund(session, self, next);
  if (next.at == stage::retaking) { // held anew: now exactly these
    next.at = stage::securing;
    return ask_block(session, self, std::move(next), now);
  }
  ++next.done;
  if (next.done < blocks)
    return ask_block(session, self, std::move(next), now);
  if (next.at == stage::selling)
    return complete(session, self, next, now);
  next.at = stage::selling;
  next.done = 0;
  return ask_block(session, self, std::move(next), now);
}

/// The cart may have changed since an earlier attempt asked for its price.
bool is_price_of(const state& session, const settle& cmd) {
  auto bill = session.bills.find(cmd.payment);
  return bill != session.bills.end() && !session.items.empty()
         && bill->second == total_of(session.items);
}

said money_came(const state& session, const uuid& self, const settle& cmd,
                timestamp now) {
  if (session.status == status::completed)
    return session.payment == cmd.payment ? said{}.replying(settled{false})
                                          : refund(session, self, cmd);
  if (session.refunds.contains(cmd.payment)
      || session.status == status::cancelled || !is_price_of(session, cmd))
    return refund(session, self, cmd);
  auto next = cmd;
  const bool in_time = is_awaited(session, cmd) && now <= session.expires_at;
  next.late = !in_time;
  if (session.status == status::expired)
    return ask_allowance(session, self, std::move(next), now);
  next.at = in_time ? stage::selling : stage::securing;
  return ask_block(session, self, std::move(next), now);
}

said money_did_not_come(const state& session, const settle& cmd) {
  if (!is_awaited(session, cmd))
    return said{}.replying(settled{false});
  return said{facts{payment_failed{cmd.payment, cmd.how}}}.replying(
    settled{false});
}

} // namespace

decision<state> buy_for_nothing(const state& session, const uuid& self,
                                timestamp now) {
  settle order;
  order.payment = session.payment;
  order.free = true;
  return money_came(session, self, order, now);
}

decision<state> decide_settle(const state& session, const uuid& self,
                              const settle& cmd, timestamp now) {
  if (session.status == status::none)
    return errc::not_found;
  if (cmd.at != stage::fresh)
    return go_on(session, self, cmd, now);
  return cmd.how == outcome::paid ? money_came(session, self, cmd, now)
                                  : money_did_not_come(session, cmd);
}

decision<state> decide_reconcile(const state& session, const uuid& self,
                                 const reconcile& cmd, timestamp now) {
  // A payment that is not there was lost in a crash, and nobody can pay it.
  const bool is_lost = cmd.got->refused == errc::not_found;
  if (session.status != status::checkout || (!cmd.got->granted() && !is_lost))
    return {};
  const auto found =
    is_lost ? payment::standing{} : std::get<payment::standing>(cmd.got->reply);
  switch (found.now) {
    case payment::status::pending:
      return {};
    case payment::status::completed: {
      settle next;
      next.payment = session.payment;
      return money_came(session, self, next, now);
    }
    default:
      return expire(session, self,
                    {payment_failed{session.payment, outcome::expired}});
  }
}

} // namespace usher::booking_session

#include "actors/payment/payment.hpp"

#include "protocol/command.hpp"
#include "protocol/json_object.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::payment {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

standing standing_of(const state& payment, const uuid& self) {
  return {{self},
          payment.status,
          payment.terms.amount,
          payment.terms.session,
          payment.terms.until,
          url_of({self}),
          payment.terms.payer};
}

said begin(const state& payment, const uuid& self, const create& cmd,
           timestamp now) {
  if (payment.status != status::none)
    return said{}.replying(standing_of(payment, self));
  created fact{cmd.session, cmd.event, cmd.payer, cmd.amount,
               cmd.method,  cmd.until, now};
  state next = payment;
  evolve(next, fact);
  return said{facts{std::move(fact)}}.replying(standing_of(next, self));
}

booking_session::outcome told_as(report what) {
  switch (what) {
    case report::succeeded:
      return booking_session::outcome::paid;
    case report::failed:
      return booking_session::outcome::failed;
    case report::expired:
      return booking_session::outcome::expired;
  }
  return booking_session::outcome::expired;
}

/// The provider hears "done" only after the order knows: until then it will
/// say it again, and so nothing is lost in between.
said tell_session(const state& payment, const uuid& self, facts happened,
                  notify next) {
  next.told = true;
  booking_session::settle news;
  news.payment = {self};
  news.how = told_as(next.what);
  return said{std::move(happened)}.asking(
    {entity_kind::booking_session, payment.terms.session.value},
    booking_session::command{std::move(news)}, std::move(next));
}

said after_session(const state& payment, const uuid& self, const notify& cmd) {
  if (!cmd.got->granted())
    return {errc::outcome_unknown, {}};
  const auto& heard = std::get<booking_session::settled>(cmd.got->reply);
  if (payment.status != status::completed || payment.is_settled)
    return {};
  if (!heard.refund)
    return facts{settled{}};
  return said{facts{refund_started{}}}.running(
    refund_call{{self}, payment.terms.amount});
}

bool came_to_nothing(const state& payment) {
  return payment.status == status::failed || payment.status == status::expired;
}

/// The provider has answered the looks that were due by now: see late_looks.
void note_look(const state& payment, timestamp now, facts& happened) {
  if (!came_to_nothing(payment))
    return;
  const auto due = static_cast<std::uint32_t>(
    std::ranges::count_if(late_looks, [&](duration after) {
      return payment.terms.until + after <= now;
    }));
  if (due > payment.looked_again)
    happened.emplace_back(looked_again{due});
}

/// A wrong amount is recorded and pays for nothing: when the window is over,
/// the payment ends as if nobody had come. What is said twice, and what we find
/// again and again by asking, is recorded once.
said note_mismatch(const state& payment, const uuid& self, const notify& cmd,
                   timestamp now) {
  facts happened;
  amount_mismatch incident{cmd.callback, cmd.amount};
  const bool is_found_again =
    cmd.callback == "inquiry" && payment.incidents > 0;
  if (payment.incident != incident && !is_found_again)
    happened.emplace_back(std::move(incident));
  note_look(payment, now, happened);
  if (payment.status != status::pending || now < payment.terms.until)
    return said{std::move(happened)}.refusing(errc::wrong_amount);
  happened.emplace_back(expired{});
  auto next = cmd;
  next.what = report::expired;
  return tell_session(payment, self, std::move(happened), std::move(next));
}

bool has_ended_as(const state& payment, report what) {
  return (payment.status == status::failed && what == report::failed)
         || (payment.status == status::expired && what == report::expired);
}

said hear(const state& payment, const uuid& self, const notify& cmd,
          timestamp now) {
  if (payment.status == status::none)
    return errc::not_found;
  if (cmd.told)
    return after_session(payment, self, cmd);
  if (cmd.what == report::succeeded && cmd.amount != payment.terms.amount)
    return note_mismatch(payment, self, cmd, now);
  switch (payment.status) {
    case status::refunding:
    case status::refunded:
      return {}; // it is settled, and settled it stays
    case status::completed:
      return cmd.what == report::succeeded && !payment.is_settled
               ? tell_session(payment, self, {}, cmd)
               : said{};
    default:
      break;
  }
  facts happened;
  if (cmd.what == report::succeeded) {
    happened.emplace_back(completed{cmd.callback, now});
    return tell_session(payment, self, std::move(happened), cmd);
  }
  note_look(payment, now, happened);
  if (payment.status != status::pending)
    return has_ended_as(payment, cmd.what) // it may not have heard
             ? tell_session(payment, self, std::move(happened), cmd)
             : said{std::move(happened)};
  if (cmd.what == report::failed)
    happened.emplace_back(failed{cmd.callback});
  else
    happened.emplace_back(expired{});
  return tell_session(payment, self, std::move(happened), cmd);
}

said end_refund(const state& payment, const refund_done& cmd) {
  if (payment.status != status::refunding || !cmd.accepted)
    return {};
  return facts{refunded{}};
}

said wake_up(const state& payment, const uuid& self, timestamp now) {
  auto due = wake_at(payment);
  if (!due || *due > now)
    return {};
  if (payment.status == status::refunding)
    return said{}.running(refund_call{{self}, payment.terms.amount});
  if (payment.status == status::completed) // the order may not know of it yet
    return tell_session(payment, self, {}, notify{});
  facts looked;
  if (came_to_nothing(payment)) {
    // the last look also covers for the one before, so only it is repeated
    const auto next = payment.looked_again + 1;
    if (next < late_looks.size()
        || now >= payment.terms.until + late_looks.back() + last_patience)
      looked.emplace_back(looked_again{next});
  }
  return said{std::move(looked)}.running(inquiry_call{{self}});
}

} // namespace

decision<state> decide(const state& payment, const uuid& self,
                       const command& cmd, timestamp now) {
  return match(
    cmd, //
    [&](const create& c) { return begin(payment, self, c, now); },
    [&](const notify& c) { return hear(payment, self, c, now); },
    [&](const refund_done& c) { return end_refund(payment, c); },
    [&](const describe& c) {
      if (payment.status == status::none || payment.terms.payer != c.caller)
        return said{errc::not_found};
      return said{}.showing(200);
    },
    [&](const inquire&) {
      if (payment.status == status::none)
        return said{errc::not_found};
      return said{}.replying(standing_of(payment, self));
    },
    [&](const wake&) { return wake_up(payment, self, now); });
}

void evolve(state& payment, const fact& what) {
  match(
    what, //
    [&](const created& e) {
      payment.terms = e;
      payment.status = status::pending;
    },
    [&](const completed& e) {
      payment.status = status::completed;
      payment.completed_at = e.at;
    },
    [&](const failed&) { payment.status = status::failed; },
    [&](const expired&) { payment.status = status::expired; },
    [&](const amount_mismatch& e) {
      ++payment.incidents;
      payment.incident = e;
    },
    [&](const refund_started&) { payment.status = status::refunding; },
    [&](const refunded&) { payment.status = status::refunded; },
    [&](const settled&) { payment.is_settled = true; },
    [&](const looked_again& e) { payment.looked_again = e.times; });
}

std::optional<timestamp> wake_at(const state& payment) {
  switch (payment.status) {
    case status::pending:
      return payment.terms.until;
    case status::completed: // in time, this is the alarm that is set already
      if (payment.is_settled)
        return std::nullopt;
      return std::max(payment.terms.until, payment.completed_at + patience);
    case status::refunding:
      return payment.completed_at + patience;
    case status::failed:
    case status::expired:
      if (payment.looked_again >= late_looks.size())
        return std::nullopt;
      return payment.terms.until + late_looks[payment.looked_again];
    default:
      return std::nullopt;
  }
}

std::string render(const state& payment, const uuid& self) {
  const auto& terms = payment.terms;
  std::string out = "{\"payment\":";
  {
    json::object to{out};
    to.put("id", self).put("status", payment.status);
    to.put("session_id", terms.session).put("event_id", terms.event);
    to.put("amount", terms.amount).put("payment_method", terms.method);
    to.put_text("url", url_of({self}));
    to.put_time("created_at", terms.at).put_time("expires_at", terms.until);
  }
  out += '}';
  return out;
}

} // namespace usher::payment

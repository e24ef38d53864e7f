#include "actors/booking_session/booking_session.hpp"
#include "protocol/command.hpp"

#include <algorithm>

namespace usher::booking_session {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// Whom to ask before a session opens, one after the other. The room is last:
/// it binds the turn to the session, for as long as that could take.
enum step : std::uint8_t { ask_event, ask_allowance, ask_room };

std::chrono::seconds seconds(std::uint32_t n) {
  return std::chrono::seconds{n};
}

/// However it goes, the session is over by then.
timestamp last_possible_moment(const open& cmd, timestamp now) {
  return now + cmd.max_hold + seconds(cmd.terms->rules.checkout_seconds) * 2
         + grace;
}

said to_allowance(const uuid& self, open next, timestamp now) {
  next.asked = ask_allowance;
  allowance::enter question;
  question.session = {self};
  question.limit = next.terms->rules.max_per_user;
  question.until = last_possible_moment(next, now);
  return said{}.asking(
    {entity_kind::allowance, allowance::key_of(next.event, next.caller)},
    allowance::command{question}, next);
}

said to_room(const uuid& self, open next, timestamp now) {
  next.asked = ask_room;
  auto question = waiting_room::check_in{
    next.queue_number, {self}, last_possible_moment(next, now)};
  return said{}.asking(
    {entity_kind::waiting_room, waiting_room::key_of(next.event)},
    waiting_room::command{question}, next);
}

said begin(const uuid& self, const open& cmd, timestamp now) {
  const auto& rules = cmd.terms->rules;
  opened fact;
  fact.event = cmd.event;
  fact.buyer = cmd.caller;
  fact.email = cmd.email;
  fact.token = derive_uuid(self, "token:" + to_string(cmd.caller.value));
  fact.currency = cmd.terms->currency;
  fact.hold_seconds = rules.hold_seconds;
  fact.checkout_seconds = rules.checkout_seconds;
  fact.max_per_user = rules.max_per_user;
  fact.shared = cmd.shared;
  fact.queue_number = cmd.queue_number;
  fact.at = now;
  fact.last_moment = now + cmd.max_hold;
  fact.expires_at =
    std::min(now + duration{seconds(rules.hold_seconds)}, fact.last_moment);
  return said{facts{std::move(fact)}}.showing(201);
}

/// The allowance has let the session in already, and is told that it was for
/// nothing; so is a room that may have, though its answer did not come. If that
/// is lost, they ask the session some day, and hear the same.
said turn_away(const uuid& self, const open& cmd) {
  said out{cmd.got->refused, cmd.got->more};
  out.letters.push_back(
    {{entity_kind::allowance, allowance::key_of(cmd.event, cmd.caller)},
     allowance::command{allowance::leave{{self}, 0}}});
  if (http_status(cmd.got->refused) >= 500)
    out.letters.push_back(
      {{entity_kind::waiting_room, waiting_room::key_of(cmd.event)},
       waiting_room::command{
         waiting_room::check_out{cmd.queue_number, {self}, true}}});
  return out;
}

} // namespace

decision<state> decide_open(const state& session, const uuid& self,
                            const open& cmd, timestamp now) {
  if (session.status != status::none)
    return errc::already_exists;
  if (cmd.asked == ask_event && !cmd.got)
    return said{}.asking({entity_kind::event, cmd.event.value},
                         event::command{event::admit{}}, cmd);
  if (!cmd.got->granted())
    return cmd.asked == ask_room ? turn_away(self, cmd)
                                 : said{cmd.got->refused, cmd.got->more};
  auto next = cmd;
  switch (cmd.asked) {
    case ask_event:
      next.terms =
        std::get<std::shared_ptr<const event::terms>>(cmd.got->reply);
      if (!next.terms->rules.waiting_room.enabled)
        next.queue_number = 0;
      else if (next.queue_number == 0)
        return errc::checkout_token_required;
      return to_allowance(self, std::move(next), now);
    case ask_allowance:
      next.shared = std::get<allowance::entered_as>(cmd.got->reply).shared;
      return next.queue_number == 0 ? begin(self, next, now)
                                    : to_room(self, std::move(next), now);
    default:
      return begin(self, cmd, now);
  }
}

} // namespace usher::booking_session

#include "node/api/handlers.hpp"
#include "protocol/json_object.hpp"

namespace usher::api {

namespace {

/// Spread over a fifth of the interval and a second, so that those who joined
/// together do not ask together. Who must be quick gets none.
std::uint64_t with_jitter(std::uint64_t seconds, const uuid& who) {
  return seconds < 2 ? seconds : seconds + hash_of(who) % (seconds / 5 + 2);
}

std::string checkout_token(const exchange& x, event_id event,
                           const queue_slot::standing& place) {
  http::checkout_claims claims;
  claims.subject = x.who();
  claims.event = event;
  claims.number = place.number;
  claims.token =
    derive_uuid(x.who().value, "checkout:" + std::to_string(place.number));
  claims.issued = x.desk.node.clock.now();
  claims.expires = place.admitted_until;
  return x.desk.node.keys->sign(claims);
}

reply place_reply(const exchange& x, event_id event,
                  const queue_slot::standing& place) {
  const bool waiting = place.status == queue_slot::state_name::waiting;
  reply out;
  {
    json::object to{out.body};
    to.put("status", place.status).put("number", place.number);
    to.put("position", waiting ? place.ahead + 1 : 0).put("ahead", place.ahead);
    to.put("estimate_seconds", place.estimate_seconds);
    to.put("poll_after_seconds",
           waiting ? with_jitter(place.poll_after_seconds, x.who().value) : 0);
    if (place.status == queue_slot::state_name::admitted)
      to.put_text("checkout_token", checkout_token(x, event, place));
  }
  return out;
}

/// Why nobody can come to this event's room; ok if anybody can.
errc why_not_join(const event::description& about) {
  if (!event::is_public(about))
    return errc::not_found;
  if (about.now == event::phase::cancelled)
    return errc::event_cancelled;
  if (about.status == "ended")
    return errc::queue_closed;
  return about.what.rules.waiting_room.enabled ? errc::ok
                                               : errc::no_waiting_room;
}

awaitable<reply> to_slot(exchange& x, event_id event,
                         queue_slot::command what) {
  const auto key = queue_slot::key_of(event, x.who());
  auto said = co_await x.ask({entity_kind::queue_slot, key}, std::move(what));
  if (!said.granted())
    co_return problem_reply(x, said.refused);
  const auto& place = std::get<queue_slot::standing>(said.reply);
  if (place.status == queue_slot::state_name::waiting)
    x.desk.node.in_queues.note(key, x.desk.node.clock.now());
  else
    x.desk.node.in_queues.forget(key);
  co_return place_reply(x, event, place);
}

} // namespace

/// Joining twice is one place by nature: no key has to be remembered for it.
awaitable<reply> join_queue(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  if (auto key = key_of(x); !key)
    co_return refuse_field(x, key.error(), "Idempotency-Key");
  auto about = co_await x.ask({entity_kind::event, *id},
                              event::command{event::describe{}});
  if (!about.granted())
    co_return reply_of(x, std::move(about));
  const auto why = why_not_join(
    *std::get<std::shared_ptr<const event::description>>(about.reply));
  if (why != errc::ok)
    co_return problem_reply(x, why);
  queue_slot::join wanted;
  wanted.event = {*id};
  wanted.user = x.who();
  co_return co_await to_slot(x, {*id}, queue_slot::command{std::move(wanted)});
}

awaitable<reply> show_queue(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  co_return co_await to_slot(x, {*id},
                             queue_slot::command{queue_slot::status{}});
}

awaitable<reply> leave_queue(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await x.ask(
    {entity_kind::queue_slot, queue_slot::key_of({*id}, x.who())},
    queue_slot::command{queue_slot::leave{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  co_return co_await to_slot(x, {*id},
                             queue_slot::command{queue_slot::status{}});
}

} // namespace usher::api

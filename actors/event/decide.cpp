#include "actors/event/draft.hpp"
#include "protocol/command.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::event {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

// -- the steps of its life

errc may_advance(const state& event, step to) {
  switch (to) {
    case step::configure:
      return event.phase == phase::draft ? errc::ok : errc::wrong_state;
    case step::approve:
      return event.phase == phase::configured ? errc::ok : errc::wrong_state;
    case step::publish:
      return event.phase == phase::approved ? errc::ok : errc::wrong_state;
    case step::cancel:
      return event.phase == phase::cancelled || event.phase == phase::none
               ? errc::event_cancelled
               : errc::ok;
  }
  return errc::wrong_state;
}

bool is_done(const state& event, step to) {
  switch (to) {
    case step::configure:
      return event.phase == phase::configured;
    case step::approve:
      return event.phase == phase::approved;
    case step::publish:
      return event.phase == phase::published;
    case step::cancel:
      return event.phase == phase::cancelled;
  }
  return false;
}

money price_of(const state& event, ticket_type_id type) {
  auto found =
    std::ranges::find(event.what.ticket_types, type, &ticket_type::id);
  return {found->price, event.what.currency};
}

said open_block(const state& event, const uuid& self, advance next,
                std::size_t which) {
  const auto& sold = event.sections[which];
  auto plan = std::ranges::find(next.plan, sold.name, &section::name);
  if (plan == next.plan.end())
    return errc::internal;
  seat_block::open order{{self},
                         *plan,
                         sold.ticket_type,
                         price_of(event, sold.ticket_type),
                         event.what.rules.no_orphans};
  ++next.asked;
  return said{}.asking({entity_kind::seat_block, sold.block.value},
                       seat_block::command{std::move(order)}, std::move(next));
}

letter to_room(const uuid& self, waiting_room::command what) {
  return {{entity_kind::waiting_room, waiting_room::key_of({self})},
          std::move(what)};
}

waiting_room::open terms_of_room(const state& event, const uuid& self) {
  const auto& room = event.what.rules.waiting_room;
  return {{self},
          room.max_active,
          room.batch,
          room.token_seconds,
          event.what.sale_starts_at,
          std::nullopt,
          std::nullopt,
          room.show_up_seconds};
}

said open_room(const state& event, const uuid& self, advance next) {
  auto order = terms_of_room(event, self);
  order.draw_secret = next.draw_secret;
  auto [to, what] = to_room(self, std::move(order));
  ++next.asked;
  return said{}.asking(to, std::move(what), std::move(next));
}

/// Opens block after block, then the room; only then is the event published.
said publish(const state& event, const uuid& self, const advance& cmd) {
  enum : std::uint32_t { the_organization = 1, the_layout, the_first_block };

  auto next = cmd;
  if (cmd.asked == the_organization) {
    next.asked = the_layout;
    return said{}.asking({entity_kind::layout, event.what.layout.value},
                         layout::command{layout::read{}}, next);
  }
  if (!cmd.got->granted())
    return {cmd.got->refused, cmd.got->more};
  if (cmd.asked == the_layout)
    next.plan = *std::get<layout::sections>(cmd.got->reply);
  const std::size_t opened = cmd.asked - the_layout;
  if (opened < event.sections.size())
    return open_block(event, self, std::move(next), opened);
  const bool has_room = event.what.rules.waiting_room.enabled;
  if (has_room && opened == event.sections.size())
    return open_room(event, self, std::move(next));
  return said{facts{published{cmd.caller}}}.showing(200);
}

/// Tells everybody at once. Letters may be lost in a crash: see wind_up. A
/// block that never opened takes no note.
said call_off(const state& event, const uuid& self, const advance& cmd) {
  said out;
  if (event.phase != phase::cancelled)
    out.facts = {cancelled{cmd.caller}};
  if (event.phase >= phase::published)
    for (const auto& sold : event.sections)
      out.letters.push_back({{entity_kind::seat_block, sold.block.value},
                             seat_block::command{seat_block::close{}}});
  if (event.what.rules.waiting_room.enabled)
    out.letters.push_back(to_room(self, waiting_room::close{}));
  return std::move(out).showing(200);
}

said take_step(const state& event, const uuid& self, const advance& cmd) {
  if (event.phase == phase::none)
    return errc::not_found;
  if (cmd.asked == 0) {
    auto next = cmd;
    next.asked = 1;
    auto [to, what] = role_question(event.what, cmd.caller);
    return said{}.asking(to, std::move(what), next);
  }
  if (cmd.asked == 1) {
    if (!cmd.admin && is_silent(cmd.got))
      return cmd.got->refused;
    if (!cmd.admin && !may_edit(cmd.got))
      return errc::not_found;
    if (is_done(event, cmd.to))
      return cmd.to == step::cancel ? call_off(event, self, cmd)
                                    : said{}.showing(200);
    if (auto why = may_advance(event, cmd.to); why != errc::ok)
      return why;
  }
  switch (cmd.to) {
    case step::configure:
      return said{facts{configured{cmd.caller}}}.showing(200);
    case step::approve:
      return said{facts{approved{cmd.caller}}}.showing(200);
    case step::publish:
      return publish(event, self, cmd);
    case step::cancel:
      return call_off(event, self, cmd);
  }
  return errc::wrong_state;
}

// -- the sale

/// A session that is open goes on whatever the clock and the operator say.
said let_sell(const state& event, const admit& cmd, timestamp now) {
  if (event.phase < phase::published || event.never_published)
    return errc::not_found;
  if (event.phase == phase::cancelled)
    return errc::event_cancelled;
  const bool on_sale = event.phase == phase::published && !event.is_paused
                       && now >= event.what.sale_starts_at
                       && now < event.what.sale_ends_at;
  if (!on_sale && !cmd.opened)
    return errc::not_on_sale;
  return said{}.replying(event.terms);
}

said show(const state& event, const uuid& self, timestamp now) {
  if (event.phase == phase::none)
    return errc::not_found;
  auto out = std::make_shared<description>();
  out->what = event.what;
  out->now = event.phase;
  out->status = status_of(event, now);
  out->sections = event.sections;
  out->owner = event.owner;
  out->never_published = event.never_published;
  out->json = render(event, self, now);
  return said{}.replying(std::shared_ptr<const description>{std::move(out)});
}

said count_stock(const state& event, const note_stock& cmd) {
  const auto last = event.stock_as_of.find(cmd.section);
  const bool is_later =
    last == event.stock_as_of.end() || cmd.as_of > last->second;
  const bool is_news =
    cmd.as_of > 0 ? is_later
                  : event.exhausted.contains(cmd.section) != cmd.exhausted;
  if (!is_news || event.phase == phase::none)
    return {};
  return facts{stock_changed{cmd.section, cmd.exhausted, cmd.as_of}};
}

said stop_for_a_while(const state& event, const event::pause& cmd) {
  if (event.phase != phase::published)
    return errc::wrong_state;
  facts happened;
  if (event.is_paused != cmd.is_paused)
    happened.emplace_back(paused{cmd.is_paused});
  return said{std::move(happened)}.showing(200);
}

/// Asks one after the other whether it knows of the end, until all of them do.
said go_on(const state& event, const uuid& self, const wind_up& cmd) {
  auto next = cmd;
  if (cmd.asked) {
    next.missed = cmd.missed || !cmd.got->granted();
    ++next.told;
  }
  next.asked = true;
  const auto blocks = event.sections.size();
  if (next.told < blocks)
    return said{}.asking(
      {entity_kind::seat_block, event.sections[next.told].block.value},
      seat_block::command{seat_block::close{}}, next);
  if (next.told == blocks && event.what.rules.waiting_room.enabled) {
    auto [to, what] = to_room(self, waiting_room::close{});
    return said{}.asking(to, std::move(what), next);
  }
  return next.missed ? said{} : said{facts{wound_up{}}};
}

/// Asked by the alarm, a few seconds after something has changed: a sale that
/// is sold out and is not, many times a second, says so at most as often. It
/// is asked again until the room has answered.
said speak_to_room(const state& event, const uuid& self) {
  tell_room next;
  next.calls = calls_of(event);
  auto order = waiting_room::command{waiting_room::close{}};
  if (next.calls != room_calls::over) {
    auto terms = terms_of_room(event, self);
    terms.held = next.calls == room_calls::held;
    order = terms;
  }
  auto [to, what] = to_room(self, std::move(order));
  return said{}.asking(to, std::move(what), std::move(next));
}

said note_room(const state& event, const tell_room& cmd) {
  if (!cmd.got->granted() || cmd.calls == event.told_room)
    return {};
  return facts{room_told{cmd.calls}};
}

said wake_up(const state& event, const uuid& self, timestamp now) {
  if (event.phase == phase::cancelled && !event.is_wound_up)
    return go_on(event, self, wind_up{});
  facts happened;
  const bool is_published = event.phase == phase::published;
  if (is_published && !event.sale_started && event.what.sale_starts_at <= now)
    happened.emplace_back(sale_started{});
  if (is_published && event.what.sale_ends_at <= now)
    happened.emplace_back(ended{});
  if (happened.empty() && calls_of(event) != event.told_room)
    return speak_to_room(event, self);
  return happened;
}

} // namespace

decision<state> decide(const state& event, const uuid& self, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const create& c) { return draft(event, self, c, now); },
    [&](const revise& c) { return redraft(event, self, c, now); },
    [&](const advance& c) { return take_step(event, self, c); },
    [&](const note_stock& c) { return count_stock(event, c); },
    [&](const event::pause& c) { return stop_for_a_while(event, c); },
    [&](const note_request&) {
      return event.phase == phase::none ? said{errc::not_found}
                                        : said{}.replying(document{200, "{}"});
    },
    [&](const admit& c) { return let_sell(event, c, now); },
    [&](const describe&) { return show(event, self, now); },
    [&](const wind_up& c) { return go_on(event, self, c); },
    [&](const tell_room& c) { return note_room(event, c); },
    [&](const wake&) { return wake_up(event, self, now); });
}

} // namespace usher::event

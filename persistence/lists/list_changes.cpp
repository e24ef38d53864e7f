#include "persistence/lists/list_changes.hpp"

#include "protocol/codec.hpp"
#include "protocol/event_profile.hpp"
#include "protocol/match.hpp"

namespace usher::persistence {

namespace {

// Longer descriptions are found by what they begin with.
constexpr std::size_t searched_description = 2'000;

/// All facts of the entry, before any of them is taken in.
template <class Fact>
std::vector<Fact> facts_of(const entry& from) {
  std::vector<Fact> out;
  decode_facts<Fact>(from.facts,
                     [&](Fact fact) { out.push_back(std::move(fact)); });
  return out;
}

// -- orders and their tickets

void begin(order_change& order, const booking_session::checkout_started& e) {
  if (e.event.value.is_nil()) // written before orders were listed
    return;
  if (!order.begun)
    order.begun = e;
  order.payment = e.payment;
  order.amount = e.amount;
  order.status = "checkout";
}

void complete(list_changes& all, const uuid& self,
              const booking_session::completed& e) {
  auto& order = all.orders[self];
  order.status = "completed";
  order.payment = e.payment;
  order.completed_at = e.at;
  if (e.event.value.is_nil())
    return;
  for (const auto& one : e.tickets)
    all.tickets.push_back({one, {self}, e.event, e.buyer, e.currency, e.at});
}

void add_session(list_changes& all, const entry& from) {
  namespace session = booking_session;

  const auto& self = from.entity.key;
  for (const auto& fact : facts_of<session::fact>(from))
    match(
      fact, //
      [&](const session::checkout_started& e) { begin(all.orders[self], e); },
      [&](const session::payment_failed&) {
        all.orders[self].status = "failed";
      },
      [&](const session::completed& e) { complete(all, self, e); },
      [&](const session::expired&) { all.orders[self].status = "expired"; },
      [&](const session::cancelled&) { all.orders[self].status = "cancelled"; },
      [](const auto&) {}); // an open cart is no order yet
  if (auto found = all.orders.find(self);
      found != all.orders.end() && found->second.status.empty())
    all.orders.erase(found);
}

// -- payments

void add_payment(list_changes& all, const entry& from) {
  const auto facts = facts_of<payment::fact>(from);
  auto become = [&](const char* status) -> payment_change& {
    auto& row = all.payments[from.entity.key];
    row.status = status;
    return row;
  };
  for (const auto& fact : facts)
    match(
      fact, //
      [&](const payment::created& e) { become("pending").created = e; },
      [&](const payment::completed& e) {
        become("completed").completed_at = e.at;
      },
      [&](const payment::failed&) { become("failed"); },
      [&](const payment::expired&) { become("expired"); },
      [&](const payment::refund_started&) { become("refunding"); },
      [&](const payment::refunded&) { become("refunded"); },
      [](const payment::amount_mismatch&) {}, [](const payment::settled&) {},
      [](const payment::looked_again&) {});
}

// -- events

void add_event(list_changes& all, const entry& from) {
  const auto facts = facts_of<event::fact>(from);
  auto& row = all.events[from.entity.key];
  for (const auto& fact : facts)
    match(
      fact, //
      [&](const event::created& e) {
        row.created = e;
        row.phase = event::phase::draft;
      },
      [&](const event::revised& e) {
        row.created = event::created{e.owner, e.what, e.sections, e.at};
        row.phase = event::phase::draft;
      },
      [&](const event::configured&) { row.phase = event::phase::configured; },
      [&](const event::approved&) { row.phase = event::phase::approved; },
      [&](const event::published&) {
        row.phase = event::phase::published;
        row.published = true;
      },
      [&](const event::stock_changed& e) {
        row.exhausted[e.section] = e.exhausted;
      },
      [&](const event::ended&) { row.phase = event::phase::ended; },
      [&](const event::cancelled&) { row.phase = event::phase::cancelled; },
      [](const event::paused&) {}, [](const event::room_told&) {},
      [](const event::sale_started&) {}, // follows from the clock
      [](const event::wound_up&) {});
}

void add_layout(list_changes& all, const entry& from) {
  for (const auto& fact : facts_of<layout::fact>(from))
    match(fact, [&](const layout::created& e) {
      layout_row row{e.owner, e.name, 0, e.sections.size(), from.at};
      for (const auto& section : e.sections)
        row.capacity += section.size();
      all.layouts[from.entity.key] = std::move(row);
    });
}

void add_organization(list_changes& all, const entry& from) {
  for (const auto& fact : facts_of<organization::fact>(from))
    match(
      fact, //
      [&](const organization::created& e) {
        all.memberships.push_back(
          {{from.entity.key}, e.owner, organization::role::owner});
      },
      [&](const organization::role_changed& e) {
        all.memberships.push_back({{from.entity.key}, e.who, e.is});
      });
}

} // namespace

void list_changes::add(const entry& from) {
  switch (from.entity.kind) {
    case entity_kind::booking_session:
      return add_session(*this, from);
    case entity_kind::payment:
      return add_payment(*this, from);
    case entity_kind::event:
      return add_event(*this, from);
    case entity_kind::layout:
      return add_layout(*this, from);
    case entity_kind::organization:
      return add_organization(*this, from);
    default:
      return;
  }
}

bool is_shown(entity_kind kind) {
  switch (kind) {
    case entity_kind::booking_session:
    case entity_kind::payment:
    case entity_kind::event:
    case entity_kind::layout:
    case entity_kind::organization:
      return true;
    default:
      return false;
  }
}

std::string document_of(const event::profile& what, timestamp created_at) {
  std::string out;
  {
    json::object to{out};
    event::put_profile(to, what);
    to.put("settings", what.rules).put_time("created_at", created_at);
  }
  return out;
}

std::string search_text_of(const event::profile& what) {
  auto begins = what.description.substr(0, searched_description);
  while (begins.size() < what.description.size() && !begins.empty()
         && (what.description[begins.size()] & 0xc0) == 0x80)
    begins.pop_back(); // no half of a character
  return what.title + '\n' + what.venue + '\n' + what.artist_name + '\n'
         + what.category + '\n' + begins;
}

} // namespace usher::persistence

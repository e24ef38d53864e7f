#include "actors/booking_session/booking_session.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::booking_session {

namespace {

void put_in(std::vector<item>& cart, const item& one) {
  auto same = std::ranges::find(cart, one.id, &item::id);
  if (same == cart.end())
    cart.push_back(one);
  else if (one.general_admission)
    same->places += one.places;
}

/// Its order comes to nothing, and its blocks may have sold some of it.
void owe(state& session) {
  for (const auto& one : session.items)
    session.owed.insert(one.block);
}

/// Money that came late may have begun to buy what leaves a failed cart.
void owe_what_leaves(state& session, const item& one) {
  if (session.status != status::failed)
    return;
  session.owed.insert(one.block);
  ++session.sale;
}

void take_out(state& session, const std::string& seat) {
  const auto found = std::ranges::find(session.items, seat, &item::id);
  if (found == session.items.end())
    return;
  owe_what_leaves(session, *found);
  if (!found->general_admission)
    session.thinned.insert(found->block);
  session.items.erase(found);
}

void take_some(state& session, const reduced& e) {
  const auto found = std::ranges::find(session.items, e.seat, &item::id);
  if (found == session.items.end() || found->places <= e.places)
    return;
  owe_what_leaves(session, *found);
  found->places -= e.places;
}

void complete(state& session, const completed& e) {
  session.status = status::completed;
  session.payment = e.payment;
  session.tickets = e.tickets;
  session.completed_at = e.at;
  for (const auto& one : session.items)
    session.owed.erase(one.block);
}

} // namespace

void evolve(state& session, const fact& what) {
  match(
    what, //
    [&](const opened& e) {
      session.terms = e;
      session.status = status::open;
      session.expires_at = e.expires_at;
      session.shared = e.shared;
    },
    [&](const added& e) {
      session.round += e.items.empty() ? 1 : 0; // what it took goes back
      for (const auto& one : e.items)
        put_in(session.items, one);
      session.has_held |= !e.items.empty();
    },
    [&](const removed& e) {
      ++session.round;
      take_out(session, e.seat);
    },
    [&](const reduced& e) {
      ++session.round;
      take_some(session, e);
    },
    [&](const extended& e) { session.expires_at = e.until; },
    [&](const checkout_started& e) {
      session.status = status::checkout;
      session.payment = e.payment;
      session.method = e.method;
      session.amount = e.amount;
      session.request = e.request;
      session.bills[e.payment] = e.amount;
      session.expires_at = e.until;
      session.thinned.clear();
      ++session.attempts;
      ++session.sale;
    },
    [&](const payment_failed&) {
      session.status = status::failed;
      ++session.sale;
      ++session.round;
      if (session.amount == 0)
        owe(session);
    },
    [&](const completed& e) { complete(session, e); },
    [&](const expired&) {
      session.status = status::expired;
      ++session.sale;
      ++session.round;
      if (!session.refunds.empty())
        owe(session);
    },
    [&](const cancelled&) {
      session.status = status::cancelled;
      ++session.sale;
      ++session.round;
      if (session.attempts > 0)
        owe(session);
    },
    [&](const booking_session::shared&) { session.shared = true; },
    [&](const refund_due& e) {
      session.refunds.insert(e.payment);
      ++session.sale;
      ++session.round;
      if (session.status != status::checkout
          && session.status != status::completed)
        owe(session);
    },
    [&](const undone&) { session.owed.clear(); });
}

std::optional<timestamp> wake_at(const state& session) {
  switch (session.status) {
    case status::open:
    case status::failed:
      return session.expires_at;
    case status::checkout:
      return session.expires_at + grace / 2; // the payment ends before us
    default:
      return session.owed.empty() ? std::nullopt
                                  : std::optional{session.expires_at};
  }
}

} // namespace usher::booking_session

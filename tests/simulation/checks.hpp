#pragma once

#include "actors/booking_session/booking_session.hpp"
#include "actors/entity/living.hpp"
#include "actors/event/event.hpp"
#include "actors/payment/payment.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "actors/waiting_room/standing.hpp"
#include "tests/simulation/people.hpp"

/// What must be true after every run, read from the journal alone.
namespace usher::simulation {

using entries = std::map<entity_id, std::vector<entry>>;

/// The state of an entity, folded from its first fact.
template <class State>
State replayed(const entries& all, const entity_id& who) {
  State out;
  if (auto found = all.find(who); found != all.end())
    for (const auto& row : found->second)
      decode_facts<typename State::fact>(
        row.facts, [&](const auto& what) { evolve(out, what); });
  return out;
}

template <class State>
std::vector<std::pair<uuid, State>> all_of(const entries& all) {
  std::vector<std::pair<uuid, State>> out;
  for (const auto& [who, rows] : all)
    if (who.kind == State::kind)
      out.emplace_back(who.key, replayed<State>(all, who));
  return out;
}

/// 1 and 9: at most one SOLD per seat, never sold to another; no hold lapses
/// early.
inline void check_seats_of(const entity_id& who,
                           const std::vector<entry>& rows) {
  using namespace seat_block;
  std::map<seat_no, session_id> sold_to;
  std::map<session_id, timestamp> until;
  for (const auto& row : rows)
    decode_facts<seat_block::fact>(row.facts, [&](const auto& what) {
      if (auto* e = std::get_if<sold>(&what))
        for (auto seat : e->seats) {
          EXPECT_TRUE(sold_to.emplace(seat, e->session).second)
            << to_string(who) << " sold seat " << seat << " twice";
        }
      if (auto* e = std::get_if<returned>(&what))
        std::erase_if(sold_to,
                      [&](const auto& x) { return x.second == e->session; });
      if (auto* e = std::get_if<held>(&what)) {
        until[e->session] = e->until;
        for (auto seat : e->seats) {
          EXPECT_FALSE(sold_to.contains(seat)) << "held though sold";
        }
      }
      if (auto* e = std::get_if<seat_block::extended>(&what))
        until[e->session] = e->until;
      if (auto* e = std::get_if<lapsed>(&what)) {
        EXPECT_GE(row.at, until[e->session]) << "a hold lapsed early";
      }
    });
}

/// 5: every seat is in exactly one pile.
inline void check_piles_of(const seat_block::state& block) {
  using seat_block::seat_status;
  EXPECT_LE(block.count_held + block.count_sold + block.blocked.size(),
            block.total());
  std::uint32_t held = 0;
  std::uint32_t sold = 0;
  for (const auto& [session, mine] : block.held)
    held += mine.size();
  for (const auto& [session, mine] : block.sold)
    sold += mine.size();
  EXPECT_EQ(held, block.count_held);
  EXPECT_EQ(sold, block.count_sold);
  if (block.plan.general_admission())
    return;
  auto count = [&](seat_status s) {
    return std::ranges::count(block.seats, s);
  };
  EXPECT_EQ(count(seat_status::held), held);
  EXPECT_EQ(count(seat_status::sold), sold);
  EXPECT_EQ(static_cast<std::size_t>(count(seat_status::blocked)),
            block.blocked.size());
  EXPECT_EQ(count(seat_status::available), block.available());
}

/// What was in the cart of a session right before and right after a moment,
/// while it could still be bought.
inline std::vector<booking_session::item>
cart_around(const entries& all, session_id who, timestamp at) {
  using namespace booking_session;
  state before;
  state after;
  if (auto rows = all.find({state::kind, who.value}); rows != all.end())
    for (const auto& row : rows->second)
      decode_facts<booking_session::fact>(row.facts, [&](const auto& what) {
        if (row.at < at)
          evolve(before, what);
        if (row.at <= at)
          evolve(after, what);
      });
  auto goes_on = [&](const state& session) {
    return session.expires_at > at
           && (session.status == status::open
               || session.status == status::checkout
               || session.status == status::failed);
  };
  std::vector<item> out;
  if (!goes_on(before) || !goes_on(after))
    return out;
  for (auto one : before.items)
    if (auto still = std::ranges::find(after.items, one.id, &item::id);
        still != after.items.end()) {
      one.places = std::min(one.places, still->places);
      out.push_back(one);
    }
  return out;
}

/// Whether the session holds that in the block, or has bought it.
inline bool has(const seat_block::state& block, session_id who,
                const booking_session::share_of_block& share) {
  std::uint32_t places = 0;
  std::set<seat_block::seat_no> seats;
  for (const auto* pile : {&block.held, &block.sold})
    if (auto mine = pile->find(who); mine != pile->end()) {
      places += mine->second.places;
      seats.insert(mine->second.seats.begin(), mine->second.seats.end());
    }
  return places >= share.places
         && std::ranges::all_of(share.seats, [&](const auto& name) {
              return seats.contains(block.floor->find(name).value());
            });
}

/// Nothing is given back that a session has in its cart.
inline void check_carts_of(const entries& all, const entity_id& who) {
  seat_block::state block;
  for (const auto& row : all.at(who)) {
    std::set<session_id> gave_back;
    decode_facts<seat_block::fact>(row.facts, [&](const auto& what) {
      evolve(block, what);
      if (auto* e = std::get_if<seat_block::released>(&what))
        gave_back.insert(e->session);
    });
    for (auto session : gave_back)
      for (const auto& share : by_block(cart_around(all, session, row.at)))
        if (share.block.value == who.key) {
          EXPECT_TRUE(has(block, session, share))
            << to_string(session.value) << " gave back what is in a cart";
        }
  }
}

/// 2: every acknowledged write is there, with the very answer.
inline void check_promises(const entries& all, const outside& people) {
  std::map<uuid, const remembered*> kept;
  for (const auto& [who, rows] : all)
    for (const auto& row : rows)
      if (row.request)
        kept[row.request->request] = &*row.request;
  for (const auto& [key, said] : people.promises()) {
    auto found = kept.find(key);
    if (found == kept.end()) {
      ADD_FAILURE() << to_string(said.entity)
                    << " promised and forgot: " << said.text;
      continue;
    }
    EXPECT_EQ(found->second->answer, said.text);
  }
}

/// 4: no gap in the lsn of a shard within an epoch, nor in the versions of an
/// entity.
inline void check_order(const test::memory_tables& tables) {
  for (const auto& shard : tables.shards) {
    std::int32_t epoch = 0;
    std::uint32_t number = 0;
    for (const auto& row : shard.rows) {
      EXPECT_GE(row.epoch, epoch);
      number = row.epoch == epoch ? number + 1 : 1;
      epoch = row.epoch;
      EXPECT_EQ(row.lsn, make_lsn(epoch, number));
    }
  }
  for (const auto& [who, rows] : tables.entries)
    for (std::size_t i = 0; i < rows.size(); ++i)
      EXPECT_EQ(rows[i].now, i + 1);
}

/// 8: replay from the start = snapshot + tail = live state.
inline void check_replay(const test::memory_tables& tables,
                         const std::map<entity_id, snapshot>& live) {
  for (const auto& [who, rows] : tables.entries) {
    auto from_start = conceive(who);
    from_start->remember({who, {}, rows, {}, {}});
    const auto expected = from_start->fold();
    if (auto base = tables.snapshots.find(who);
        base != tables.snapshots.end()) {
      history past{who, base->second, {}, {}, {}};
      for (const auto& row : rows)
        if (row.now > base->second.now)
          past.tail.push_back(row);
      auto shorter = conceive(who);
      shorter->remember(past);
      EXPECT_EQ(shorter->fold().state, expected.state) << to_string(who);
    }
    if (auto found = live.find(who); found != live.end()) {
      EXPECT_EQ(found->second.state, expected.state) << to_string(who);
      EXPECT_EQ(found->second.now, expected.now) << to_string(who);
    }
  }
}

/// No session and no payment waits for ever.
inline void check_all_ended(const entries& all) {
  using booking_session::status;
  for (const auto& [key, session] : all_of<booking_session::state>(all))
    EXPECT_TRUE(session.status == status::completed
                || session.status == status::expired
                || session.status == status::cancelled)
      << to_string(key) << " is stuck as " << json::text_of(session.status);
  for (const auto& [key, one] : all_of<payment::state>(all))
    EXPECT_TRUE(one.status != payment::status::pending
                && one.status != payment::status::refunding)
      << to_string(key) << " is stuck as " << json::text_of(one.status);
}

/// Each ticket has its seat, sold to its session; nothing else is sold.
inline void check_tickets(const entries& all) {
  std::map<std::pair<uuid, session_id>, std::uint32_t> tickets;
  for (const auto& [key, session] : all_of<booking_session::state>(all))
    for (const auto& one : session.tickets)
      ++tickets[{test::block(one.section).key, session_id{key}}];
  for (const auto& [key, block] : all_of<seat_block::state>(all)) {
    EXPECT_TRUE(block.held.empty()) << "seats are held though all is over";
    for (const auto& [session, bought] : block.sold) {
      auto paid = tickets.extract({key, session});
      EXPECT_EQ(paid.empty() ? 0 : paid.mapped(), bought.size())
        << "sold to " << to_string(session.value) << " without its tickets";
    }
  }
  EXPECT_TRUE(tickets.empty()) << "tickets without a seat";
}

/// The event knows which of its sections have a seat left to sell.
inline void check_stock(const entries& all) {
  const auto event =
    replayed<event::state>(all, {entity_kind::event, test::concert.value});
  for (const auto& section : event.sections) {
    const auto block = replayed<seat_block::state>(
      all, {entity_kind::seat_block, section.block.value});
    if (!block.is_closed) {
      EXPECT_EQ(event.exhausted.contains(section.name), is_exhausted(block))
        << section.name << " is sold out, or not, and its event knows nothing";
    }
  }
}

/// 6: money captured = price of what was sold, or refunded; never both.
inline void check_money(const entries& all, const provider& bank) {
  std::map<payment_id, std::int64_t> bought;
  for (const auto& [key, session] : all_of<booking_session::state>(all))
    for (const auto& one : session.tickets)
      bought[session.payment] += one.price;
  for (const auto& [who, charge] : bank.charges()) {
    auto found = bought.extract(who);
    const bool used = !found.empty();
    if (!charge.captured) {
      EXPECT_FALSE(used) << "tickets that nobody paid for";
      continue;
    }
    EXPECT_NE(used, charge.refunded)
      << to_string(who.value)
      << (used ? " bought and was refunded" : " lost its money");
    if (used) {
      EXPECT_EQ(found.mapped(), charge.amount.amount) << "another price";
    }
  }
  EXPECT_TRUE(bought.empty()) << "tickets without a payment";
}

/// Nobody has more tickets than the organizer allows.
inline void check_limits(const entries& all) {
  std::map<account_id, std::size_t> tickets;
  for (const auto& [key, session] : all_of<booking_session::state>(all))
    tickets[session.terms.buyer] += session.tickets.size();
  for (const auto& [who, n] : tickets)
    EXPECT_LE(n, test::rules_of_sale().max_per_user)
      << to_string(who.value) << " has too many tickets";
}

/// Each number that a room dealt is somewhere, once.
inline void check_rooms(const entries& all) {
  for (const auto& [key, room] : all_of<waiting_room::state>(all)) {
    const auto& over = room.over;
    EXPECT_EQ(room.dealt, people_waiting(room) + room.left_early.size()
                            + room.active_turns.size() + over.served
                            + over.missed + over.left + over.cleared)
      << to_string(key);
  }
}

} // namespace usher::simulation

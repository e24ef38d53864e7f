#pragma once

#include "tests/simulation/checks.hpp"

/// One run of a whole sale, and everything that must be true after it.
namespace usher::simulation {

struct outcome {
  tally seen;
  unsigned completed = 0;
  unsigned refunds = 0;
};

struct scene {
  hazards danger;
  plot what;
  mutants wrong;
};

inline void count(outcome& out, const entries& all, const provider& bank) {
  for (const auto& [key, one] : all_of<booking_session::state>(all))
    out.completed += one.status == booking_session::status::completed ? 1 : 0;
  for (const auto& [who, one] : bank.charges())
    out.refunds += one.refunded ? 1 : 0;
}

/// One sale from the first preparation until nothing is left to happen.
inline outcome play(std::uint64_t seed, const scene& s) {
  world node(seed, s.wrong);
  node.danger = s.danger;
  outside net(node);
  provider bank(node, net);
  people crowd(node, net, bank, s.what);
  crowd.begin();
  node.run_until(test::t0 + 4h);
  node.danger = {};
  node.run_until(test::t0 + 20h);
  EXPECT_TRUE(node.is_quiet()) << "something never ends";
  EXPECT_LT(node.now(), test::t0 + 20h) << "something never ends";
  const auto& tables = *node.tables;
  for (const auto& [who, rows] : tables.entries)
    if (who.kind == entity_kind::seat_block) {
      check_seats_of(who, rows);
      check_piles_of(replayed<seat_block::state>(tables.entries, who));
      check_carts_of(tables.entries, who);
    }
  check_promises(tables.entries, net);
  check_order(tables);
  check_replay(tables, node.live_states());
  check_all_ended(tables.entries);
  check_tickets(tables.entries);
  check_stock(tables.entries);
  check_money(tables.entries, bank);
  check_limits(tables.entries);
  check_rooms(tables.entries);
  outcome out;
  out.seen = node.seen;
  count(out, tables.entries, bank);
  return out;
}

} // namespace usher::simulation

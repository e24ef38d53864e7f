#include "tests/simulation/checks.hpp"

#include <cstdlib>
#include <iostream>

/// A whole sale on the pure core: a virtual clock, simulated journal, crashes.
///   USHER_SIM_SEED=s   replays one run    USHER_SIM_SEEDS=n   runs n of them
using namespace usher;
using namespace usher::simulation;

namespace {

std::optional<std::uint64_t> number_in(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::optional{std::strtoull(text, nullptr, 10)} : std::nullopt;
}

std::vector<std::uint64_t> seeds(std::uint64_t usual) {
  if (auto one = number_in("USHER_SIM_SEED"))
    return {*one};
  if (std::getenv("USHER_LONG"))
    usual *= 20;
  std::vector<std::uint64_t> out(number_in("USHER_SIM_SEEDS").value_or(usual));
  std::iota(out.begin(), out.end(), 1);
  return out;
}

struct outcome {
  tally seen;
  unsigned completed = 0;
  unsigned late = 0;
  unsigned refunds = 0;
};

struct scene {
  hazards danger;
  plot what;
  mutants wrong;
};

void count(outcome& out, const entries& all, const provider& bank) {
  for (const auto& [key, one] : all_of<booking_session::state>(all))
    out.completed += one.status == booking_session::status::completed ? 1 : 0;
  for (const auto& [who, one] : bank.charges())
    out.refunds += one.refunded ? 1 : 0;
}

/// One sale from the first preparation until nothing is left to happen.
outcome play(std::uint64_t seed, const scene& s) {
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
    }
  check_promises(tables.entries, net);
  check_order(tables);
  check_replay(tables, node.live_states());
  check_all_ended(tables.entries);
  check_tickets(tables.entries);
  check_money(tables.entries, bank);
  check_limits(tables.entries);
  outcome out;
  out.seen = node.seen;
  count(out, tables.entries, bank);
  return out;
}

void play_all(const std::string& name, std::uint64_t usual, const scene& s) {
  outcome sum;
  for (auto seed : seeds(usual)) {
    SCOPED_TRACE("replay with USHER_SIM_SEED=" + std::to_string(seed)
                 + " --gtest_filter=*" + name);
    const auto one = play(seed, s);
    sum.completed += one.completed;
    sum.refunds += one.refunds;
    sum.seen.crashes += one.seen.crashes;
    sum.seen.unknown_commits += one.seen.unknown_commits;
    sum.seen.faults += one.seen.faults;
    sum.seen.passivations += one.seen.passivations;
    sum.seen.snapshots += one.seen.snapshots;
    sum.seen.steps += one.seen.steps;
    if (testing::Test::HasFailure())
      break; // the first is enough to begin with
  }
  std::cout << name << ": " << sum.seen.steps << " steps, " << sum.completed
            << " orders, " << sum.refunds << " refunds, " << sum.seen.crashes
            << " crashes (" << sum.seen.unknown_commits << " unknown commits), "
            << sum.seen.faults << " faults, " << sum.seen.passivations
            << " passivations, " << sum.seen.snapshots << " snapshots\n";
  EXPECT_GT(sum.completed, 0u) << "nothing was sold: this proves nothing";
}

} // namespace

TEST(sale, without_faults) {
  play_all("without_faults", 20, {});
}

TEST(sale, with_crashes) {
  play_all("with_crashes", 40, {{60, 0, 300}, {}, {}});
}

TEST(sale, with_faults_of_single_entities) {
  play_all("with_faults_of_single_entities", 30, {{0, 300, 300}, {}, {}});
}

TEST(sale, behind_a_waiting_room) {
  plot what;
  what.waiting_room = true;
  play_all("behind_a_waiting_room", 30, {{40, 100, 300}, what, {}});
}

TEST(sale, that_is_called_off) {
  plot what;
  what.cancels = true;
  play_all("that_is_called_off", 30, {{40, 100, 300}, what, {}});
}

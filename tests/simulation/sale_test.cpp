#include "tests/simulation/play.hpp"

#include <cstdlib>
#include <iostream>
#include <numeric>

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
  play_all("without_faults", 300, {});
}

TEST(sale, with_crashes) {
  play_all("with_crashes", 300, {{60, 0, 300}, {}, {}});
}

TEST(sale, with_faults_of_single_entities) {
  play_all("with_faults_of_single_entities", 300, {{0, 300, 300}, {}, {}});
}

TEST(sale, behind_a_waiting_room) {
  plot what;
  what.waiting_room = true;
  play_all("behind_a_waiting_room", 200, {{40, 100, 300}, what, {}});
}

TEST(sale, that_is_called_off) {
  plot what;
  what.cancels = true;
  play_all("that_is_called_off", 300, {{40, 100, 300}, what, {}});
}

/// What undoes a sale, gives seats back or tells the stock waits for minutes:
/// what came later may be there by then.
TEST(sale, whose_undoing_is_overtaken) {
  hazards danger{10, 300, 300};
  danger.late_letters = 80;
  play_all("whose_undoing_is_overtaken", 300, {danger, {}, {}});
}

/// Nobody hears that a section is sold out, or is not any more, but who asks.
TEST(sale, whose_stock_is_not_heard) {
  hazards danger{10, 300, 300};
  danger.lose_stock = true;
  plot what;
  what.waiting_room = true;
  play_all("whose_stock_is_not_heard", 200, {danger, what, {}});
}

/// Its letters to the blocks never arrive; what it asks them later does.
TEST(sale, that_is_called_off_and_not_heard) {
  plot what;
  what.cancels = true;
  play_all("that_is_called_off_and_not_heard", 300,
           {{40, 100, 300, true}, what, {}});
}

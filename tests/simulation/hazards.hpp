#pragma once

#include <cstdint>

/// What may go wrong in a simulated sale, and what went.
namespace usher::simulation {

/// Ways to be wrong on purpose: the checks must notice each of them.
struct mutants {
  bool reply_before_commit = false;
  bool forget_take_back = false;
  bool forget_restart_barrier = false;
  bool forget_what_it_rests_on = false;
  bool forget_rounds = false;
};

struct hazards {
  unsigned crash = 0;          ///< of 100,000 steps
  unsigned fault = 0;          ///< one entity's life ends, of 100,000 steps
  unsigned rest = 200;         ///< an entity leaves memory, of 100,000 steps
  bool lose_take_back = false; ///< letters that undo a sale never arrive
  unsigned late_letters = 0;   ///< or come minutes late, of 100
  bool lose_stock = false;     ///< letters that tell the stock never arrive
};

struct tally {
  std::uint64_t steps = 0;
  unsigned crashes = 0;
  unsigned unknown_commits = 0; ///< crashes after a commit, before its answer
  unsigned faults = 0;
  unsigned passivations = 0;
  unsigned snapshots = 0;
};

} // namespace usher::simulation

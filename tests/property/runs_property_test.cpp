#include "actors/waiting_room/runs.hpp"
#include "tests/property/any_command.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <set>

/// Runs of numbers say what a plain set of them says.
using namespace usher;
using namespace usher::test;

namespace {

void expect_same(const waiting_room::runs& all,
                 const std::set<std::uint64_t>& plain) {
  RC_ASSERT(count(all) == plain.size());
  for (std::uint64_t n = 1; n <= 42; ++n) {
    const auto below = std::distance(plain.begin(), plain.lower_bound(n));
    RC_ASSERT(contains(all, n) == plain.contains(n));
    RC_ASSERT(count_below(all, n) == static_cast<std::uint64_t>(below));
  }
  for (std::size_t i = 1; i < all.size(); ++i)
    RC_ASSERT(all[i - 1].last + 1 < all[i].first);
}

} // namespace

RC_GTEST_PROP(any_runs, are_a_set, ()) {
  waiting_room::runs all;
  std::set<std::uint64_t> plain;
  for (auto n = pick(1, 80); n > 0; --n) {
    const std::uint64_t number = pick(1, 40);
    if (pick(0, 11) == 0) {
      erase_to(all, number);
      plain.erase(plain.begin(), plain.upper_bound(number));
    } else {
      insert(all, number);
      plain.insert(number);
    }
    expect_same(all, plain);
  }
}

#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <vector>

/// Numbers that are gone, kept by what is left between them: a million that
/// follow one another are one run.
namespace usher::waiting_room {

/// All numbers from `first` to `last`.
struct run {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t before = 0; ///< numbers in the runs before it
  bool operator==(const run&) const = default;
};

BOOST_DESCRIBE_STRUCT(run, (), (first, last, before))

/// A set of numbers: its runs in order, none of which touch. Asking takes a
/// time that grows with the logarithm of the runs; changing it, with the runs
/// behind the change.
using runs = std::vector<run>;

/// Adds a number; one that is there already changes nothing.
void insert(runs&, std::uint64_t number);

/// Takes out all numbers up to `last`.
void erase_to(runs&, std::uint64_t last);

/// Whether a number is there.
bool contains(const runs&, std::uint64_t number);

/// How many there are.
std::uint64_t count(const runs&);

/// How many are smaller than `number`.
std::uint64_t count_below(const runs&, std::uint64_t number);

} // namespace usher::waiting_room

#include "actors/waiting_room/runs.hpp"

#include <algorithm>
#include <iterator>

namespace usher::waiting_room {

namespace {

std::uint64_t end_of_count(const run& one) {
  return one.before + (one.last - one.first + 1);
}

} // namespace

void insert(runs& into, std::uint64_t number) {
  auto next = std::ranges::upper_bound(into, number, {}, &run::first);
  auto* last = next != into.begin() ? &*std::prev(next) : nullptr;
  if (last && number <= last->last)
    return;
  const bool joins_last = last && last->last + 1 == number;
  const bool joins_next = next != into.end() && next->first == number + 1;
  if (joins_last && joins_next) {
    last->last = next->last;
    next = into.erase(next);
  } else if (joins_last) {
    last->last = number;
  } else if (joins_next) {
    next->first = number;
    ++next;
  } else {
    const auto before = last ? end_of_count(*last) : 0;
    next = std::next(into.insert(next, {number, number, before}));
  }
  for (; next != into.end(); ++next)
    ++next->before;
}

void erase_to(runs& from, std::uint64_t last) {
  const auto gone = count_below(from, last + 1);
  const auto stays = std::ranges::upper_bound(from, last, {}, &run::last);
  from.erase(from.begin(), stays);
  for (auto& one : from) {
    one.first = std::max(one.first, last + 1);
    one.before -= std::min(one.before, gone);
  }
}

bool contains(const runs& all, std::uint64_t number) {
  const auto next = std::ranges::upper_bound(all, number, {}, &run::first);
  return next != all.begin() && number <= std::prev(next)->last;
}

std::uint64_t count(const runs& all) {
  return all.empty() ? 0 : end_of_count(all.back());
}

std::uint64_t count_below(const runs& all, std::uint64_t number) {
  const auto next = std::ranges::lower_bound(all, number, {}, &run::first);
  if (next == all.begin())
    return 0;
  const auto& last = *std::prev(next);
  return last.before + (std::min(number, last.last + 1) - last.first);
}

} // namespace usher::waiting_room

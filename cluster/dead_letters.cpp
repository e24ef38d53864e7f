#include "cluster/dead_letters.hpp"

#include "protocol/frame.hpp"

#include <algorithm>

namespace usher::cluster {

namespace {

constexpr std::uint32_t enough = 2;
constexpr std::ptrdiff_t kept_of_each = 100;

/// What it says, and to whom. Not who waited for it, until when, how it came,
/// and under which trace: a second try has others, and whoever delivers it
/// again has none.
request without_circumstances(request what) {
  what.from = {};
  what.place = {};
  what.newborn = false;
  what.until = {};
  what.rests_on = 0;
  what.by = {};
  what.hops = 0;
  return what;
}

} // namespace

void dead_letters::note(request what, const std::string& why, timestamp now) {
  what = without_circumstances(std::move(what));
  auto text = encode(what);
  const std::lock_guard guard{lock_};
  auto found = std::ranges::find(seen_, text, &suspect::text);
  if (found == seen_.end()) {
    seen_.push_back({std::move(text), {0, std::move(what), 0, {}, {}}});
    found = std::prev(seen_.end());
  }
  auto& one = found->so_far;
  one.at = now;
  one.why = why;
  const bool was_dead = one.crashes >= enough;
  if (++one.crashes >= enough && one.number == 0)
    one.number = ++numbered_;
  const bool is_dead = one.crashes >= enough;
  const auto alike = [&](const suspect& x) {
    return (x.so_far.crashes >= enough) == is_dead;
  };
  if (was_dead != is_dead || one.crashes == 1)
    if (std::ranges::count_if(seen_, alike) > kept_of_each)
      seen_.erase(std::ranges::find_if(seen_, alike));
  if (is_dead)
    say_changed();
}

std::vector<dead_letter> dead_letters::all() const {
  const std::lock_guard guard{lock_};
  std::vector<dead_letter> out;
  for (const auto& one : seen_)
    if (one.so_far.number != 0)
      out.push_back(one.so_far);
  std::ranges::sort(out, {}, &dead_letter::number);
  return out;
}

std::optional<dead_letter> dead_letters::find(std::uint64_t number) const {
  const std::lock_guard guard{lock_};
  for (const auto& one : seen_)
    if (number != 0 && one.so_far.number == number)
      return one.so_far;
  return std::nullopt;
}

bool dead_letters::reserve(std::uint64_t number) {
  const std::lock_guard guard{lock_};
  return reserved_.insert(number).second;
}

void dead_letters::let_go(std::uint64_t number) {
  const std::lock_guard guard{lock_};
  reserved_.erase(number);
}

std::optional<dead_letter> dead_letters::take(std::uint64_t number) {
  const std::lock_guard guard{lock_};
  const auto found = std::ranges::find_if(seen_, [&](const suspect& one) {
    return number != 0 && one.so_far.number == number;
  });
  if (found == seen_.end())
    return std::nullopt;
  auto out = std::move(found->so_far);
  seen_.erase(found);
  say_changed();
  return out;
}

std::size_t dead_letters::forget(const entity_id& who) {
  const std::lock_guard guard{lock_};
  const auto count = std::erase_if(
    seen_, [&](const suspect& one) { return one.so_far.what.to == who; });
  if (count > 0)
    say_changed();
  return count;
}

void dead_letters::restore(std::vector<dead_letter> all) {
  const std::lock_guard guard{lock_};
  std::uint64_t last = 0;
  for (const auto& one : all)
    last = std::max(last, one.number);
  for (auto& [text, one] : seen_)
    if (one.number != 0)
      one.number += last;
  numbered_ += last;
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    auto text = encode(one->what);
    seen_.push_front({std::move(text), std::move(*one)});
  }
}

void dead_letters::tell(std::function<void()> changed) {
  const std::lock_guard guard{lock_};
  changed_ = std::move(changed);
}

/// Under the lock.
void dead_letters::say_changed() const {
  if (changed_)
    changed_();
}

} // namespace usher::cluster

#include "node/membership/cell_watch.hpp"

#include "node/log.hpp"

#include <algorithm>
#include <tuple>

namespace usher {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 500ms;
constexpr auto not_before = 20ms; // however often it is poked
/// Our own database may be the silent one, and the look at another is not to
/// wait for it each time.
constexpr auto next_try = 5s;

/// The cell that these members are of; where nobody lives, the one we look for.
/// Another one, by a mistake in the settings, would lead requests astray.
cell_no cell_of(const cluster_view& seen, cell_no wanted) {
  for (const auto& one : seen.members)
    if (cell_of_life(one.self) != wanted)
      return cell_of_life(one.self);
  return wanted;
}

/// As far as others want to know: who can be dialed where, and who owns what.
bool says_the_same(const cluster_view& x, const cluster_view& y) {
  const auto where = [](const cluster_member& one) {
    return std::tie(one.self, one.about.name, one.about.cluster_address);
  };
  return std::ranges::equal(x.members, y.members, {}, where, where)
         && std::ranges::equal(x.shards, y.shards, {}, &shard_owner::owner,
                               &shard_owner::owner);
}

} // namespace

cell_watch::cell_watch(options chosen)
  : with_(std::move(chosen)),
    there_(with_.database),
    ours_(with_.ours),
    thread_([this] { keep_watch(); }) {}

cell_watch::~cell_watch() {
  {
    const std::lock_guard guard{mutex_};
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void cell_watch::poke() {
  {
    const std::lock_guard guard{mutex_};
    is_poked_ = true;
  }
  changed_.notify_all();
}

void cell_watch::keep_watch() {
  auto now = found::silence;
  do {
    now = look();
    if (now != found::it)
      ask_ours();
    tell(now);
  } while (sleep(now == found::it ? not_before : look_every));
}

cell_watch::found cell_watch::look() {
  try {
    const auto seen = there_.look();
    another_ = cell_of(seen, with_.which);
    if (another_ != with_.which)
      return found::another;
    latest_ = seen.now;
    with_.seen(seen, false);
    leave_word(seen);
    return found::it;
  } catch (const std::exception&) {
    return found::silence; // it may be away, or of an older schema
  }
}

void cell_watch::leave_word(const cluster_view& seen) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_word_ || says_the_same(seen, left_))
    return;
  try {
    ours_.remember(with_.which, seen);
    left_ = seen;
  } catch (const std::exception&) {
    next_word_ = now + next_try;
  }
}

void cell_watch::ask_ours() {
  try {
    const auto heard = ours_.recall(with_.which, latest_);
    if (!heard || cell_of(*heard, with_.which) != with_.which)
      return;
    latest_ = heard->now;
    with_.seen(*heard, true);
  } catch (const std::exception&) {
    // then nobody of us is heard
  }
}

void cell_watch::tell(found what) {
  if (std::exchange(told_, what) == what)
    return;
  const auto cell = std::to_string(with_.which);
  switch (what) {
    case found::it:
      return log::warning("cell_answers", {{"cell", cell}});
    case found::silence:
      return log::warning("cell_silent", {{"cell", cell}});
    case found::another:
      return log::error(
        "cell_is_another",
        {{"cell", cell}, {"database_is_cell", std::to_string(another_)}});
  }
}

bool cell_watch::sleep(std::chrono::milliseconds at_least) {
  std::unique_lock guard{mutex_};
  changed_.wait_for(guard, at_least, [&] { return is_over_; });
  changed_.wait_for(guard, look_every - at_least,
                    [&] { return is_over_ || is_poked_; });
  is_poked_ = false;
  return !is_over_;
}

} // namespace usher

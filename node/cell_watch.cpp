#include "node/cell_watch.hpp"

#include "node/log.hpp"
#include "persistence/pg_registry.hpp"

#include <algorithm>

namespace usher {

using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 500ms;
constexpr auto not_before = 20ms; // however often it is poked

/// Settings that name the database of another cell would lead requests astray.
bool is_of_cell(const cluster_view& seen, cell_no cell) {
  return std::ranges::all_of(seen.members, [&](const auto& one) {
    return cell_of_life(one.self) == cell;
  });
}

} // namespace

cell_watch::cell_watch(options chosen)
  : with_(std::move(chosen)), thread_([this] { keep_watch(); }) {}

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
  persistence::pg_registry registry{with_.database};
  bool answers = false;
  do {
    try {
      const auto seen = registry.look();
      answers = is_of_cell(seen, with_.which);
      if (answers)
        with_.seen(seen);
    } catch (const std::exception&) {
      answers = false; // it may be away, or of an older schema
    }
    tell(answers);
  } while (sleep(answers ? not_before : look_every));
}

void cell_watch::tell(bool answers) {
  if (std::exchange(answers_, answers) == answers)
    return;
  log::warning(answers ? "cell_answers" : "cell_silent",
               {{"cell", std::to_string(with_.which)}});
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

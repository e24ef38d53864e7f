#include "node/membership/letter_keeper.hpp"

#include "node/log.hpp"
#include "protocol/frame.hpp"

namespace usher {

using namespace std::chrono_literals;
using persistence::kept_letter;

namespace {

constexpr auto next_try = 1s;
constexpr std::size_t longest = 64 << 10; // bytes of a command

std::vector<kept_letter> to_keep(const std::vector<cluster::dead_letter>& all) {
  std::vector<kept_letter> out;
  for (const auto& one : all)
    if (auto command = encode(one.what); command.size() <= longest)
      out.push_back(
        {one.number, std::move(command), one.crashes, one.at, one.why});
  return out;
}

/// Without those of another version that this one cannot read.
std::vector<cluster::dead_letter>
readable(const std::vector<kept_letter>& all) {
  std::vector<cluster::dead_letter> out;
  for (const auto& one : all)
    try {
      out.push_back({one.number, decode_request(one.command), one.crashes,
                     one.at, one.why});
    } catch (const json::bad_shape& why) {
      log::warning("dead_letter_unreadable", {{"why", why.what()}});
    }
  return out;
}

} // namespace

letter_keeper::letter_keeper(persistence::pg_options database, std::string node,
                             cluster::dead_letters& letters)
  : node_(std::move(node)), letters_(letters), kept_(std::move(database)) {
  letters_.tell([this] {
    {
      const std::lock_guard guard{mutex_};
      is_changed_ = true;
    }
    changed_.notify_all();
  });
  thread_ = std::thread([this] { run(); });
}

letter_keeper::~letter_keeper() {
  letters_.tell({});
  {
    const std::lock_guard guard{mutex_};
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void letter_keeper::run() {
  bool is_loaded = false;
  for (;;) {
    is_loaded = is_loaded || load(); // or what is there would be lost
    const bool is_done = is_loaded && keep();
    std::unique_lock guard{mutex_};
    if (is_done)
      changed_.wait(guard, [&] { return is_over_ || is_changed_; });
    else
      changed_.wait_for(guard, next_try, [&] { return is_over_; });
    if (is_over_ && !(is_done && is_changed_))
      return;
  }
}

bool letter_keeper::load() {
  try {
    letters_.restore(readable(kept_.load(node_)));
    return true;
  } catch (const std::exception& why) {
    log::warning("dead_letters_not_loaded", {{"why", why.what()}});
    return false;
  }
}

/// True if there is nothing left to do.
bool letter_keeper::keep() {
  {
    const std::lock_guard guard{mutex_};
    if (!std::exchange(is_changed_, false))
      return true;
  }
  try {
    kept_.keep(node_, to_keep(letters_.all()));
    return true;
  } catch (const std::exception& why) {
    log::warning("dead_letters_not_kept", {{"why", why.what()}});
    const std::lock_guard guard{mutex_};
    is_changed_ = true;
    return false;
  }
}

} // namespace usher

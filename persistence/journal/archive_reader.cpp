#include "persistence/journal/archive_reader.hpp"

#include "protocol/ensure.hpp"

namespace usher::persistence {

archive_reader::archive_reader(caf::actor_config& cfg, reader_settings settings)
  : event_based_actor(cfg), with_(std::move(settings)) {}

caf::behavior archive_reader::make_behavior() {
  return {
    [this](load& one) {
      wanted_.push_back(std::move(one));
      expect_work();
    },
    [this](snapshot& picture) {
      pictures_.push_back(std::move(picture));
      expect_work();
    },
    [this](tick) {
      work_expected_ = false;
      work();
    },
  };
}

/// Behind everything that waits in the mailbox already.
void archive_reader::expect_work() {
  if (!std::exchange(work_expected_, true))
    caf::anon_send(caf::actor_cast<caf::actor>(this), tick{});
}

void archive_reader::work() {
  try {
    while (!wanted_.empty())
      read();
    keep();
  } catch (const unavailable&) {
    work_expected_ = true;
    caf::delayed_anon_send(caf::actor_cast<caf::actor>(this),
                           std::chrono::milliseconds{100}, tick{});
  }
}

void archive_reader::read() {
  const auto n = std::min(wanted_.size(), with_.largest_batch);
  std::vector<entity_id> names;
  for (std::size_t i = 0; i < n; ++i)
    names.push_back(wanted_[i].entity);
  auto found = with_.store->load(names);
  ensure(found.size() == n);
  for (std::size_t i = 0; i < n; ++i)
    caf::anon_send(wanted_[i].from, std::move(found[i]));
  wanted_.erase(wanted_.begin(),
                wanted_.begin() + static_cast<std::ptrdiff_t>(n));
}

/// After an outage there may be many of them.
void archive_reader::keep() {
  while (!pictures_.empty()) {
    std::size_t n = 1;
    for (auto bytes = pictures_[0].state.size(); n < pictures_.size(); ++n)
      if (bytes += pictures_[n].state.size(); bytes > with_.largest_keep)
        break;
    const auto end = pictures_.begin() + static_cast<std::ptrdiff_t>(n);
    with_.store->save({pictures_.begin(), end});
    pictures_.erase(pictures_.begin(), end);
  }
}

} // namespace usher::persistence

#include "persistence/lists/projector_actor.hpp"

namespace usher::persistence {

projector_actor::projector_actor(caf::actor_config& cfg,
                                 projector_settings settings)
  : event_based_actor(cfg),
    with_(std::move(settings)),
    lists_(with_.database),
    behind_(with_.shards.begin(), with_.shards.end()) {
  for (auto shard : with_.shards)
    followed_.at(shard) = true;
}

caf::behavior projector_actor::make_behavior() {
  tell_what_is_lacking();
  expect_work();
  return {
    [this](const publication& news) {
      take(news);
      expect_work(until_next_batch());
    },
    [this](const adopted& more) {
      for (const auto& lease : more.shards)
        behind_.insert(lease.shard);
      tell_what_is_lacking();
      expect_work();
    },
    [this](const disowned& less) { leave(less.shards); },
    [this](tick) {
      work_expected_ = false;
      work();
    },
  };
}

void projector_actor::take(const publication& news) {
  for (const auto& one : *news.all)
    if (!std::exchange(followed_.at(one.shard), true))
      behind_.insert(one.shard); // who knows what was said before
  waiting_.insert(waiting_.end(), news.all->begin(), news.all->end());
  if (waiting_.size() > with_.most_waiting)
    forget();
  tell_what_is_lacking();
}

/// What was heard of them may have a gap before it. Their next projector reads
/// all that is not listed.
void projector_actor::leave(const std::vector<shard_no>& shards) {
  for (auto shard : shards) {
    behind_.erase(shard);
    followed_.at(shard) = false;
  }
  std::erase_if(waiting_,
                [&](const auto& one) { return !followed_.at(one.shard); });
  tell_what_is_lacking();
}

/// The journal has them all: they are read again from there.
void projector_actor::forget() {
  for (const auto& one : waiting_)
    behind_.insert(one.shard);
  with_.gauge->forgotten += waiting_.size();
  std::vector<published_entry>{}.swap(waiting_);
}

/// The message goes behind everything that waits in the mailbox, so a batch
/// takes in all that was published during the last one.
void projector_actor::expect_work(duration after) {
  if (std::exchange(work_expected_, true))
    return;
  const auto self = caf::actor_cast<caf::actor>(this);
  if (after.count() == 0)
    caf::anon_send(self, tick{});
  else
    caf::delayed_anon_send(self, after, tick{});
}

void projector_actor::work() {
  auto pause = duration{0};
  bool more = true;
  try {
    more = work_once();
    with_.gauge->stalled = false;
    pause = behind_.empty() ? until_next_batch() : pause;
  } catch (const unavailable&) {
    with_.gauge->stalled = true;
    pause = with_.pause;
  } catch (const std::exception& why) { // SQL or rights: worth a look
    with_.gauge->stalled = true;
    pause = with_.pause * 5;
    if (with_.complain)
      with_.complain(why.what());
  }
  tell();
  if (more)
    expect_work(pause);
}

/// Who buys alone finds the sale listed at once. In a crowd each sale costs
/// half as much when it may wait, and the journal has the disk meanwhile.
duration projector_actor::until_next_batch() const {
  if (waiting_.size() >= with_.largest_batch)
    return duration{0};
  const auto next = last_of_many_ + with_.pace;
  const auto now = std::chrono::steady_clock::now();
  return next <= now ? duration{0} : std::chrono::ceil<duration>(next - now);
}

/// One piece of work, so that the mailbox is emptied between two. Returns
/// whether there is more.
bool projector_actor::work_once() {
  if (!behind_.empty()) {
    const auto left = lists_.step({behind_.begin(), behind_.end()});
    behind_ = {left.begin(), left.end()};
    with_.gauge->behind = behind_.size();
    return !behind_.empty() || !waiting_.empty();
  }
  apply_some();
  return !waiting_.empty();
}

void projector_actor::apply_some() {
  if (waiting_.empty())
    return;
  const auto count = std::min(waiting_.size(), with_.largest_batch);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  const std::vector<published_entry> some(waiting_.begin(), end);
  if (count >= with_.many)
    last_of_many_ = std::chrono::steady_clock::now();
  lists_.apply(some);
  waiting_.erase(waiting_.begin(), end);
}

void projector_actor::tell() {
  const auto& tally = lists_.done();
  auto& gauge = *with_.gauge;
  gauge.entries = tally.entries;
  gauge.batches = tally.batches;
  gauge.unreadable = tally.unreadable;
  gauge.overtaken = tally.overtaken;
  gauge.waiting = waiting_.size();
  tell_what_is_lacking();
}

/// How old that is which only the journal has is not known before it is read:
/// so it counts from when it was left there.
void projector_actor::tell_what_is_lacking() {
  auto since = with_.gauge->lacking_since.load();
  const auto oldest = waiting_.empty() ? with_.now() : waiting_.front().what.at;
  if (!behind_.empty())
    since = since == timestamp{} ? oldest : std::min(since, oldest);
  else
    since = waiting_.empty() ? timestamp{} : oldest;
  with_.gauge->lacking_since = since;
}

} // namespace usher::persistence

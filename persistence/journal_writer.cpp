#include "persistence/journal_writer.hpp"

#include "protocol/ensure.hpp"

#include <thread>

namespace usher::persistence {

// -- the batch
// --------------------------------------------------------------------

batch_builder::batch_builder(const std::vector<shard_lease>& leases) {
  for (const auto& lease : leases)
    shards_.at(lease.shard) = {lease.epoch, lease.lsn};
}

void batch_builder::add(submission said) {
  if (said.record) {
    const auto shard = shard_of(said.record->entity);
    auto& at = shards_.at(shard);
    ensure(at.epoch > 0); // routing brings nothing that is not ours
    next_.rows.push_back({shard, ++at.lsn, at.epoch, std::move(*said.record)});
  }
  if (said.timer) {
    auto [known, is_new] =
      alarm_of_.try_emplace(said.timer->entity, next_.alarms.size());
    if (is_new)
      next_.alarms.push_back(*said.timer);
    else
      next_.alarms[known->second] = *said.timer; // the last word counts
  }
  for (auto& answer : said.answers)
    waiting_.answers.push_back(std::move(answer));
  for (auto& call : said.errands)
    waiting_.errands.push_back(std::move(call));
  if (said.picture)
    waiting_.pictures.push_back(std::move(*said.picture));
  ++waiting_.submissions;
}

void batch_builder::add(barrier who) {
  waiting_.barriers.push_back(std::move(who.from));
}

batch_builder::round batch_builder::take() {
  round out;
  out.what = std::exchange(next_, {});
  out.then = std::exchange(waiting_, {});
  out.what.from = journaled_;
  journaled_ += out.what.rows.size();
  out.what.upto = journaled_;
  alarm_of_.clear();
  return out;
}

// -- the actor
// ----------------------------------------------------------------------

journal_writer::journal_writer(caf::actor_config& cfg, writer_settings settings)
  : event_based_actor(cfg),
    with_(std::move(settings)),
    builder_(with_.shards) {}

caf::behavior journal_writer::make_behavior() {
  return {
    [this](submission& said) {
      with_.gauge->submitted.fetch_add(1, std::memory_order_relaxed);
      builder_.add(std::move(said));
      if (builder_.rows() >= with_.largest_batch)
        flush();
      else
        expect_flush();
    },
    [this](barrier& who) {
      builder_.add(std::move(who));
      expect_flush();
    },
    [this](tick) {
      flush_expected_ = false;
      flush();
    },
  };
}

void journal_writer::on_exit() {
  with_.to.reset();
}

/// The message goes behind everything that waits in the mailbox: so the batch
/// takes in all that came during the last commit.
void journal_writer::expect_flush() {
  if (!std::exchange(flush_expected_, true))
    caf::anon_send(caf::actor_cast<caf::actor>(this), tick{});
}

void journal_writer::flush() {
  const bool to_commit = !builder_.is_only_words();
  auto round = builder_.take();
  if (to_commit && !commit(round.what))
    return;
  let_out(std::move(round));
}

bool journal_writer::commit(const batch& what) {
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    try {
      if (with_.store->commit(what) == verdict::fenced) {
        with_.fenced();
        return false;
      }
      break;
    } catch (const unavailable&) {
      with_.gauge->stalled = true;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }
  with_.gauge->stalled = false;
  ++with_.gauge->batches;
  with_.gauge->rows += what.rows.size();
  with_.gauge->commit_micros +=
    std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start)
      .count();
  return true;
}

void journal_writer::let_out(batch_builder::round finished) {
  const auto& to = *with_.to;
  std::vector<responses> piles(to.bridges.size());
  for (auto& answer : finished.then.answers)
    piles.at(answer.to.bridge - 1).all.push_back(std::move(answer));
  for (std::size_t i = 0; i < piles.size(); ++i)
    if (!piles[i].all.empty())
      caf::anon_send(to.bridges[i], std::move(piles[i]));
  for (const auto& waiting : finished.then.barriers)
    caf::anon_send(waiting, settled{});
  if (!finished.what.alarms.empty())
    caf::anon_send(to.alarm_clock, alarms{std::move(finished.what.alarms)});
  if (!finished.then.errands.empty())
    caf::anon_send(to.gateway, errands{std::move(finished.then.errands)});
  for (auto& picture : finished.then.pictures)
    caf::anon_send(to.archive, std::move(picture));
  tell_followers(finished.what);
  with_.gauge->released += finished.then.submissions;
}

void journal_writer::tell_followers(const batch& finished) {
  for (const auto& [wants, who] : with_.to->followers) {
    auto rows = std::make_shared<std::vector<published_entry>>();
    for (const auto& row : finished.rows)
      if (wants(row.what))
        rows->push_back({row.shard, row.lsn, row.what});
    if (!rows->empty())
      caf::anon_send(who, publication{std::move(rows)});
  }
}

} // namespace usher::persistence

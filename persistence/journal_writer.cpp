#include "persistence/journal_writer.hpp"

#include <thread>

namespace usher::persistence {

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
    [this](const adopted& more) { builder_.adopt(more.shards); },
    [this](const disowned& less) { builder_.disown(less.shards); },
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
  auto next = builder_.take();
  if (next.is_only_words() ? !wait_for_lease() : !commit(next.what))
    return;
  let_out(std::move(next));
}

/// What rests on memory alone is true only while nobody else can own it. A
/// commit needs no clock: its fence has just looked.
bool journal_writer::wait_for_lease() const {
  while (!with_.holds_lease()) {
    if (with_.gives_up())
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

/// Whatever else is thrown is a bug and ends the process: one that lived on
/// without a writer would keep its shards and answer nobody.
bool journal_writer::commit(const batch& what) noexcept {
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
      if (with_.gives_up())
        return false;
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

void journal_writer::let_out(round finished) {
  const auto& to = *with_.to;
  std::vector<responses> piles(to.bridges.size());
  for (auto& answer : finished.then.answers)
    if (answer.to.node != 0)
      to.answer_abroad(std::move(answer));
    else
      piles.at(answer.to.bridge - 1).all.push_back(std::move(answer));
  for (std::size_t i = 0; i < piles.size(); ++i)
    if (!piles[i].all.empty())
      caf::anon_send(to.bridges[i], std::move(piles[i]));
  for (auto& one : finished.then.mail)
    to.send_abroad(std::move(one));
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

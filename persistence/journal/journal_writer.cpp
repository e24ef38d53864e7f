#include "persistence/journal/journal_writer.hpp"

namespace usher::persistence {

bool finished_rounds::put(round next) {
  const std::lock_guard guard{lock_};
  all_.push_back(std::move(next));
  return all_.size() == 1;
}

std::vector<round> finished_rounds::take_all() {
  const std::lock_guard guard{lock_};
  return std::exchange(all_, {});
}

journal_writer::journal_writer(caf::actor_config& cfg, writer_settings settings)
  : event_based_actor(cfg), with_(std::move(settings)) {}

caf::behavior journal_writer::make_behavior() {
  return {[this](tick) {
    for (auto& one : with_.finished->take_all())
      let_out(std::move(one));
  }};
}

void journal_writer::on_exit() {
  with_.to.reset();
}

/// The gate opens last: what an entity says when it is open cannot overtake
/// what it said before.
void journal_writer::let_out(round finished) {
  say(finished.then);
  if (!finished.what.alarms.empty())
    caf::anon_send(with_.to->alarm_clock,
                   alarms{std::move(finished.what.alarms)});
  tell_followers(finished.what);
  with_.gate->pass(finished.upto);
  with_.gauge->released += finished.then.submissions;
  with_.gauge->bytes_held -= finished.then.bytes;
}

void journal_writer::say(words& what) {
  std::vector<responses> piles(with_.to->bridges.size());
  for (auto& answer : what.answers)
    if (answer.to.node != 0)
      with_.to->answer_abroad(std::move(answer));
    else
      piles.at(answer.to.bridge - 1).all.push_back(std::move(answer));
  for (std::size_t i = 0; i < piles.size(); ++i)
    if (!piles[i].all.empty())
      caf::anon_send(with_.to->bridges[i], std::move(piles[i]));
  for (auto& one : what.mail)
    with_.to->send_abroad(std::move(one));
  for (const auto& waiting : what.barriers)
    caf::anon_send(waiting, settled{});
  if (!what.errands.empty())
    caf::anon_send(with_.to->gateway, errands{std::move(what.errands)});
  for (auto& picture : what.pictures)
    caf::anon_send(with_.to->archive, std::move(picture));
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

journal_in_use open_journal(caf::actor_system& system, commit_settings settings,
                            std::shared_ptr<const audience> to,
                            std::shared_ptr<output_gate> gate) {
  auto finished = std::make_shared<finished_rounds>();
  journal_in_use out;
  out.mouth = system.spawn<journal_writer>(
    writer_settings{finished, std::move(to), std::move(gate), settings.gauge});
  auto tell = [finished, mouth = out.mouth](round next) {
    if (finished->put(std::move(next)))
      caf::anon_send(mouth, tick{});
  };
  out.commits =
    std::make_shared<committer>(std::move(settings), std::move(tell));
  return out;
}

} // namespace usher::persistence

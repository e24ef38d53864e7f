#include "persistence/journal/batch_builder.hpp"

#include "protocol/ensure.hpp"

#include <iterator>

namespace usher::persistence {

namespace {

template <class T>
void move_to(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
}

} // namespace

submission_size size_of(const submission& said) {
  constexpr std::size_t columns = 100; // of a fixed width, and their lengths
  constexpr std::size_t each = 200;    // without what it points to
  submission_size out;
  out.in_batch = said.timer ? columns : 0;
  if (said.record) {
    out.in_batch += columns + said.record->facts.size();
    if (const auto& kept = said.record->request)
      out.in_batch += columns + kept->answer.size();
    if (!said.record->trace.is_nil())
      out.in_batch += columns;
  }
  out.in_memory =
    out.in_batch + each * (1 + said.mail.size() + said.errands.size());
  for (const auto& one : said.answers) {
    out.in_memory += each + one.what.more.size();
    if (const auto* shown = std::get_if<document>(&one.what.reply))
      out.in_memory += shown->json.size();
  }
  if (said.picture)
    out.in_memory += said.picture->state.size();
  return out;
}

batch_builder::batch_builder(const std::vector<shard_lease>& leases) {
  adopt(leases);
}

void batch_builder::adopt(const std::vector<shard_lease>& leases) {
  for (const auto& lease : leases) {
    auto& at = shards_.at(lease.shard);
    ensure(lease.epoch >= at.epoch);
    if (lease.epoch > at.epoch)
      at = {lease.epoch};
    at.is_ours = true;
  }
}

void batch_builder::disown(const std::vector<shard_no>& shards) {
  for (auto shard : shards)
    shards_.at(shard).is_ours = false;
}

std::uint64_t batch_builder::add(submission said) {
  const auto size = size_of(said);
  return add(std::move(said), size);
}

std::uint64_t batch_builder::add(submission said, const submission_size& size) {
  bytes_ += size.in_batch;
  waiting_.bytes += size.in_memory;
  if (said.record) {
    const auto shard = shard_of(said.record->entity);
    auto& at = shards_.at(shard);
    ensure(at.is_ours); // routing brings nothing else
    next_.rows.push_back({shard, make_lsn(at.epoch, ++at.rows), at.epoch,
                          std::move(*said.record)});
  }
  if (said.timer) {
    auto [known, is_new] =
      alarm_of_.try_emplace(said.timer->entity, next_.alarms.size());
    if (is_new)
      next_.alarms.push_back(*said.timer);
    else
      next_.alarms[known->second] = *said.timer; // the last word counts
  }
  move_to(waiting_.answers, said.answers);
  move_to(waiting_.mail, said.mail);
  move_to(waiting_.errands, said.errands);
  if (said.picture)
    waiting_.pictures.push_back(std::move(*said.picture));
  ++waiting_.submissions;
  return ++submitted_;
}

void batch_builder::add(barrier who) {
  waiting_.barriers.push_back(std::move(who.from));
}

bool batch_builder::is_empty() const {
  return next_.rows.empty() && next_.alarms.empty() && waiting_.submissions == 0
         && waiting_.barriers.empty();
}

round batch_builder::take() {
  round out;
  out.upto = submitted_;
  out.what = std::exchange(next_, {});
  out.then = std::exchange(waiting_, {});
  out.what.from = journaled_;
  journaled_ += out.what.rows.size();
  out.what.upto = journaled_;
  alarm_of_.clear();
  bytes_ = 0;
  return out;
}

} // namespace usher::persistence

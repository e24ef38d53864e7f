#include "node/log.hpp"
#include "node/membership/keeper_common.hpp"

/// How a keeper looks after the cluster: buries the dead, takes what falls to
/// us, and offers what falls to others.
namespace usher {

using namespace std::chrono_literals;
using persistence::unavailable;

namespace {

constexpr std::size_t shards_in_a_gift = 32;

} // namespace

/// While any copy of its `hand_over` lives, no other gift is made.
struct membership_keeper::gift_on_its_way {
  gift_on_its_way(std::shared_ptr<common> x, incarnation giver,
                  incarnation receiver, std::vector<shard_lease> leases)
    : shared(std::move(x)),
      self(giver),
      to(receiver),
      what(std::move(leases)) {}

  gift_on_its_way(const gift_on_its_way&) = delete;
  gift_on_its_way& operator=(const gift_on_its_way&) = delete;

  ~gift_on_its_way() {
    shared->held.stay(what);
    if (!has_moved)
      shared->keep(what);
    shared->is_giving = false;
    if (has_moved)
      shared->wake(); // there may be more to give
  }

  // What may have moved is not ours until the database says that it did not:
  // so it is asked until it answers, or until we stop: then it never is. Only
  // some can have moved if we were declared dead meanwhile.
  bool hand_over() {
    std::optional<std::size_t> moved;
    do {
      try {
        moved = shared->members->hand_over(self, what, to).size();
      } catch (const unavailable&) {
        log::warning("handing_over_again");
      }
    } while (!moved && shared->sleep(keeper_retry, false)
             && shared->is_watching());
    if (moved == 0u)
      return false;
    has_moved = true;
    shared->held.forget(what);
    log::info(
      moved ? "shards_handed_over" : "shards_left_in_doubt",
      {{"count", std::to_string(what.size())}, {"to", std::to_string(to)}});
    return true;
  }

  const std::shared_ptr<common> shared;
  const incarnation self, to;
  const std::vector<shard_lease> what;
  std::atomic<bool> has_moved = false;
};

void membership_keeper::watch() {
  watching_ = std::thread([this] { keep_watch(); });
}

void membership_keeper::stop_watching() {
  {
    const std::lock_guard guard{common_->mutex};
    common_->is_unwatched = true;
  }
  common_->wake();
  if (watching_.joinable())
    watching_.join();
}

void membership_keeper::poke() {
  common_->wake();
}

void membership_keeper::suspect(incarnation who) {
  {
    const std::lock_guard guard{common_->mutex};
    common_->accused.insert(who);
  }
  common_->wake();
}

void membership_keeper::keep_watch() {
  duration pause{0};
  for (bool is_told = false; common_->sleep(pause, true);) {
    try {
      pause = look_after();
      is_told = false;
    } catch (const unavailable& why) {
      if (!std::exchange(is_told, true))
        log::warning("cluster_not_seen", {{"why", why.what()}});
      pause = keeper_retry;
    }
    if (is_over_)
      return;
  }
}

duration membership_keeper::look_after() {
  const auto seen = look_and_bury();
  if (!seen.find(self_)) {
    end();
    return chosen_.renew;
  }
  if (events_.seen)
    events_.seen(seen);
  if (!events_.adopt)
    return chosen_.renew;
  if (common_->held.lacks_any(seen, self_))
    adopt(common_->members->owned(self_));
  auto moves = cluster::plan(seen, self_);
  if (common_->is_leaving && seen.find(self_)->state == member_state::draining)
    moves.take.clear(); // it would only be free again in a moment
  if (!moves.take.empty()) {
    adopt(common_->members->take(self_, moves.take));
    return duration{0}; // so that what was taken is soon seen as such
  }
  if (!common_->is_leaving && seen.find(self_)->state != member_state::draining)
    std::erase_if(moves.give,
                  [&](const auto& one) { return !reaches(one.to); });
  offer(moves.give);
  notice_drained(seen);
  return next_look(seen);
}

cluster_view membership_keeper::look() {
  const auto sent = since_boot();
  auto seen = common_->members->look();
  common_->note_clock(sent, seen.now);
  return seen;
}

cluster_view membership_keeper::look_and_bury() {
  auto seen = look();
  if (common_->must_promise_anew())
    seen = promise_anew();
  return bury(seen) ? look() : seen;
}

// A lease that was promised by the clock as it was would end an hour late, or
// before its holder could renew it. Who was suspected still is, unless its
// lease changes once more.
cluster_view membership_keeper::promise_anew() {
  log::warning("database_clock_set");
  try {
    common_->members->promise_anew(self_);
  } catch (const unavailable&) {
    const std::lock_guard guard{common_->mutex};
    common_->is_clock_set = true;
    throw;
  }
  ++promises_;
  auto seen = look();
  for (auto& [who, lease_until] : suspects_)
    if (const auto* member = seen.find(who))
      lease_until = member->lease_until;
  return seen;
}

bool membership_keeper::bury(const cluster_view& seen) {
  bool is_any_dead = bury_suspects(seen);
  const auto is_late = [&](const cluster_member& x) {
    return x.self != self_ && x.lease_until < seen.now;
  };
  if (std::any_of(seen.members.begin(), seen.members.end(), is_late))
    for (const auto who : common_->members->declare_dead(self_)) {
      log::warning("member_late", {{"incarnation", std::to_string(who)}});
      is_any_dead = true;
    }
  return is_any_dead;
}

// A suspicion lasts until the member is dead or has renewed its lease.
bool membership_keeper::bury_suspects(const cluster_view& seen) {
  {
    const std::lock_guard guard{common_->mutex};
    for (const auto who : std::exchange(common_->accused, {}))
      if (const auto* member = seen.find(who); member && who != self_)
        suspects_.try_emplace(who, member->lease_until);
  }
  std::erase_if(suspects_, [&](const auto& one) {
    const auto* member = seen.find(one.first);
    return !member || member->lease_until != one.second;
  });
  const auto buried = std::erase_if(suspects_, [&](const auto& one) {
    if (!common_->members->suspect(self_, one.first))
      return false;
    log::warning("member_gone", {{"incarnation", std::to_string(one.first)}});
    return true;
  });
  return buried > 0;
}

void membership_keeper::adopt(const std::vector<shard_lease>& leases) {
  const auto news = common_->held.enter(leases);
  if (news.empty())
    return;
  log::info("shards_adopted", {{"count", std::to_string(news.size())}});
  events_.adopt(news);
}

bool membership_keeper::reaches(incarnation who) const {
  return !events_.reaches || events_.reaches(who);
}

void membership_keeper::offer(const std::vector<cluster::gift>& all) {
  const auto gifts = common_->worth_a_try(all);
  if (gifts.empty() || !events_.give || common_->is_giving.exchange(true))
    return;
  auto what = common_->held.begin_leaving(gifts, shards_in_a_gift);
  if (what.empty()) {
    common_->is_giving = false;
    return;
  }
  keeper_events::shards shards;
  for (const auto& one : what)
    shards.push_back(one.shard);
  const auto to =
    std::find_if(gifts.begin(), gifts.end(), [&](const auto& one) {
      return one.shard == shards.front();
    })->to;
  auto gift =
    std::make_shared<gift_on_its_way>(common_, self_, to, std::move(what));
  events_.give(shards, to, [gift] { return gift->hand_over(); });
}

void membership_keeper::notice_drained(const cluster_view& seen) {
  if (is_drained_ || seen.find(self_)->state != member_state::draining
      || common_->held.size() > 0)
    return;
  is_drained_ = true;
  common_->is_leaving = true;
  if (events_.drained)
    events_.drained();
}

// Sooner when something is about to happen: a suspect to fall silent, shards to
// be handed to us, a lease to end, or somebody to be judged who is late.
duration membership_keeper::next_look(const cluster_view& seen) const {
  if (!suspects_.empty())
    return keeper_retry;
  for (const auto& one : cluster::misplaced(seen)) {
    const auto* owner = seen.owner_of(one.shard);
    if (one.to == self_
        && (reaches(owner->self) || owner->state == member_state::draining))
      return keeper_retry;
  }
  auto soonest = chosen_.renew;
  for (const auto& one : seen.members)
    if (one.self != self_)
      soonest = std::min(soonest, one.lease_until < seen.now
                                    ? keeper_retry
                                    : one.lease_until - seen.now + 5ms);
  return soonest;
}

} // namespace usher

#include "node/clock.hpp"
#include "node/log.hpp"
#include "node/membership/keeper_common.hpp"

#include <fstream>

namespace usher {

using namespace std::chrono_literals;
using persistence::unavailable;

membership_keeper::membership_keeper(
  std::shared_ptr<persistence::registry> members, options chosen,
  keeper_events events)
  : common_(std::make_shared<common>(std::move(members))),
    chosen_(std::move(chosen)),
    events_(std::move(events)) {
  // Well before others may think that we are silent.
  chosen_.renew = std::min(chosen_.renew, chosen_.ttl / 4);
}

membership_keeper::~membership_keeper() {
  stop();
}

void membership_keeper::stop() {
  {
    const std::lock_guard guard{common_->mutex};
    common_->is_stopping = true;
  }
  common_->changed.notify_all();
  for (auto* one : {&renewing_, &watching_})
    if (one->joinable())
      one->join();
}

// -- entering

void membership_keeper::bury_the_last_of_this_home() {
  const auto file = chosen_.home.path() + "/incarnation";
  incarnation last = 0;
  if (std::ifstream in{file}; in >> last)
    common_->members->bury_last(last, chosen_.about.name);
}

// One that was entered by this home but never heard of it is there for a lease,
// and longer if the database has just come up.
persistence::membership membership_keeper::join() {
  const auto patience = since_boot() + 2 * chosen_.ttl + chosen_.renew;
  for (bool is_first = true;; is_first = false) {
    try {
      return common_->members->join(chosen_.about, chosen_.ttl);
    } catch (const persistence::name_taken& why) {
      if (is_first)
        log::warning("waiting_for_name", {{"why", why.what()}});
      if (since_boot() > patience || !common_->sleep(keeper_retry, false))
        throw;
      chosen_.still_waits();
    }
  }
}

persistence::membership membership_keeper::enter() {
  bury_the_last_of_this_home();
  auto entered = join();
  self_ = entered.self;
  std::ofstream{chosen_.home.path() + "/incarnation", std::ios::trunc} << self_;
  renewing_ = std::thread([this] { keep_alive(); });
  return entered;
}

std::vector<shard_lease> membership_keeper::first_share() {
  const auto free = cluster::plan(look_and_bury(), self_).take;
  if (!free.empty())
    common_->held.enter(common_->members->take(self_, free));
  return common_->held.all();
}

// -- the lease

bool membership_keeper::renew() {
  const auto sent = since_boot();
  const auto answer = common_->members->renew(self_, chosen_.ttl);
  if (!answer)
    return false;
  surely_until_ = (sent + persistence::longest_silence(chosen_.ttl)).count();
  if (events_.database_said)
    events_.database_said(sent, since_boot(), answer->now);
  if (common_->note_clock(sent, answer->now))
    common_->wake();
  return true;
}

void membership_keeper::keep_alive() {
  duration pause{0};
  for (bool is_told = false; common_->sleep(pause, false);) {
    const auto begun = since_boot();
    try {
      if (!renew())
        return end();
      pause = std::max(duration{0}, begun + chosen_.renew - since_boot());
      is_told = false;
      tell_whether_database_answers(true);
    } catch (const unavailable& why) {
      tell_whether_database_answers(false);
      if (!std::exchange(is_told, true))
        log::warning("lease_not_renewed", {{"why", why.what()}});
      pause = keeper_retry;
    }
  }
}

void membership_keeper::tell_whether_database_answers(bool answers) {
  if (events_.database_answers)
    events_.database_answers(answers);
}

void membership_keeper::end() {
  surely_until_ = 0;
  if (!is_over_.exchange(true) && events_.declared_dead)
    events_.declared_dead();
}

// -- leaving

void membership_keeper::prepare_to_leave() {
  common_->is_leaving = true;
  try {
    common_->members->drain(self_);
  } catch (const unavailable&) {
    log::warning("not_drained_yet"); // who gives all says so again
  }
}

bool membership_keeper::give_all(duration within) {
  common_->is_leaving = true;
  const auto deadline = since_boot() + within;
  bool is_told = false, is_warned = false;
  while (common_->held.size() > 0 && since_boot() < deadline) {
    try {
      if (!is_told)
        common_->members->drain(self_);
      is_told = true;
      const auto seen = common_->members->look();
      if (!common_->is_giving && cluster::plan(seen, self_).give.empty())
        break;
      poke();
    } catch (const unavailable&) {
      if (!std::exchange(is_warned, true))
        log::warning("not_given_away_yet");
    }
    std::this_thread::sleep_for(keeper_retry / 4);
  }
  return common_->held.size() == 0;
}

void membership_keeper::leave() {
  stop();
  surely_until_ = 0;
  try {
    common_->members->leave(self_);
  } catch (const unavailable&) {
    log::warning("left_without_goodbye");
  }
}

} // namespace usher

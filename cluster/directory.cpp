#include "cluster/directory.hpp"

#include <algorithm>

namespace usher::cluster {

namespace {

constexpr std::size_t obituaries_kept = 100;
constexpr std::size_t told_at_once = 50;

} // namespace

errc refusal_of(reception what) {
  switch (what) {
    case reception::accepted:
      return errc::ok;
    case reception::set_aside:
      return errc::quarantined;
    case reception::full:
      return errc::overloaded;
    case reception::not_here:
      break;
  }
  return errc::unavailable;
}

directory::directory(factory make, std::function<timestamp()> now,
                     patience limits, const shard_table* shards)
  : make_(std::move(make)),
    now_(std::move(now)),
    limits_(limits),
    shards_(shards) {}

std::uint32_t directory::add_bridge(caf::actor bridge) {
  const std::lock_guard guard{bridges_lock_};
  bridges_.push_back(std::move(bridge));
  return static_cast<std::uint32_t>(bridges_.size());
}

directory::stripe& directory::stripe_of(const entity_id& who) {
  return stripes_[(hash_of(who.key) >> 32) % stripe_count];
}

bool directory::is_aside(const stripe& part, const entity_id& who,
                         timestamp now) {
  auto found = part.failures.find(who);
  return found != part.failures.end() && found->second.aside_until > now;
}

directory::resident& directory::wake(stripe& part, const entity_id& who,
                                     bool newborn, timestamp now) {
  auto [found, is_new] = part.residents.try_emplace(who);
  if (is_new) {
    auto how = newborn ? birth::newborn : birth::returning;
    if (auto failed = part.failures.find(who);
        failed != part.failures.end() && failed->second.must_settle) {
      failed->second.must_settle = false;
      how = birth::restarting;
    }
    found->second.waiting->of_all = waiting_;
    found->second.who = make_(who, how);
  }
  found->second.last_used = now;
  return found->second;
}

/// Nobody would hear that a letter was refused, so letters go in for longer;
/// one that is refused is lost as in a crash.
bool directory::has_room(const request& what) const {
  const std::uint64_t stretch = what.from.number == 0 ? 4 : 1;
  return waiting_->load(std::memory_order_relaxed)
           < limits_.most_in_all * stretch
         || is_wake(what.what);
}

bool directory::has_room(const resident& to, const request& what) const {
  const auto waiting = to.waiting->waiting.load();
  const auto limit =
    to.waiting->moves ? limits_.most_waiting : limits_.most_stashed;
  const std::uint64_t stretch = what.from.number == 0 ? 4 : 1;
  return waiting < limit * stretch || is_wake(what.what);
}

/// Whether the shard is here is looked up under the lock, so that whoever
/// freezes it and then looks through the stripes misses nobody.
reception directory::accept(request& what) {
  const auto now = now_();
  auto& part = stripe_of(what.to);
  const std::lock_guard guard{part.lock};
  if (closed_ || (shards_ && !shards_->is_here(what.to)))
    return reception::not_here;
  if (is_aside(part, what.to, now))
    return reception::set_aside;
  if (!has_room(what)) // before it makes anybody wait to be read
    return reception::full;
  auto& found = wake(part, what.to, what.newborn, now);
  if (!has_room(found, what))
    return reception::full;
  if (!is_wake(what.what)) // alarms always get in: nobody is kept out by them
    what.place = place_in_line{found.waiting};
  if (is_watched_.load(std::memory_order_relaxed))
    part.counted.count(what.to);
  caf::anon_send(found.who, std::move(what));
  return reception::accepted;
}

std::uint64_t directory::deliver(request what) {
  if (const auto why = refusal_of(accept(what)); why != errc::ok)
    deliver(response{what.from, answer{why}});
  return 0;
}

void directory::deliver(response what) {
  if (what.to.number == 0)
    return;
  if (what.to.bridge != 0) {
    const std::lock_guard guard{bridges_lock_};
    const auto& bridge = bridges_.at(what.to.bridge - 1);
    responses one;
    one.all.push_back(std::move(what));
    caf::anon_send(bridge, std::move(one));
    return;
  }
  auto& part = stripe_of(what.to.asker);
  const std::lock_guard guard{part.lock};
  auto found = part.residents.find(what.to.asker);
  if (found != part.residents.end())
    caf::anon_send(found->second.who, std::move(what));
}

bool directory::retire(const entity_id& who,
                       const std::function<bool()>& is_empty) {
  auto& part = stripe_of(who);
  const std::lock_guard guard{part.lock};
  if (!is_empty())
    return false;
  part.residents.erase(who);
  return true;
}

void directory::bury(const entity_id& who, const std::string& doing,
                     const std::string& why) {
  const auto now = now_();
  {
    auto& part = stripe_of(who);
    const std::lock_guard guard{part.lock};
    part.residents.erase(who);
    auto& record = part.failures[who];
    record.must_settle = true;
    record.recent.push_back(now);
    while (record.recent.front() + limits_.within < now)
      record.recent.pop_front();
    if (record.recent.size() >= limits_.restarts)
      record.aside_until = now + limits_.quarantine;
  }
  const std::lock_guard guard{obituaries_lock_};
  obituaries_.push_back({who, doing, why, now});
  if (obituaries_.size() > obituaries_kept)
    obituaries_.pop_front();
}

void directory::witness(request what, const std::string& why) {
  crashes_.note(std::move(what), why, now_());
}

void directory::recall(const entity_id& who) {
  auto& part = stripe_of(who);
  const std::lock_guard guard{part.lock};
  part.residents.erase(who);
  part.failures[who].must_settle = true;
}

bool directory::sweep() {
  const auto now = now_();
  end_watch(now);
  auto& part = stripes_[next_to_sweep_++ % stripe_count];
  const std::lock_guard guard{part.lock};
  std::size_t quiet = 0;
  for (const auto& [who, found] : part.residents)
    if (found.last_used + limits_.idle_after <= now && ++quiet <= told_at_once)
      caf::anon_send(found.who, tick{});
  std::erase_if(part.failures, [&](const auto& entry) {
    const auto& record = entry.second;
    return record.aside_until <= now && !record.must_settle
           && (record.recent.empty()
               || record.recent.back() + limits_.within <= now);
  });
  return quiet > told_at_once;
}

void directory::evict(const shard_set& which, bool at_once) {
  for (auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    for (const auto& [who, found] : part.residents)
      if (which.test(shard_of(who)))
        caf::anon_send(found.who, usher::evict{at_once});
  }
}

std::size_t directory::residents(const shard_set& which) const {
  std::size_t n = 0;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    n += static_cast<std::size_t>(
      std::ranges::count_if(part.residents, [&](const auto& entry) {
        return which.test(shard_of(entry.first));
      }));
  }
  return n;
}

std::size_t directory::residents() const {
  std::size_t n = 0;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    n += part.residents.size();
  }
  return n;
}

std::vector<entity_id> directory::quarantined() const {
  std::vector<entity_id> out;
  for (const auto& one : outcasts())
    out.push_back(one.entity);
  return out;
}

bool directory::release(const entity_id& who) {
  auto& part = stripe_of(who);
  const std::lock_guard guard{part.lock};
  auto found = part.failures.find(who);
  if (found == part.failures.end() || found->second.aside_until <= now_())
    return false;
  found->second.aside_until = {};
  found->second.recent.clear();
  found->second.recent.push_back(now_());
  return true;
}

std::vector<obituary> directory::obituaries() const {
  const std::lock_guard guard{obituaries_lock_};
  return {obituaries_.begin(), obituaries_.end()};
}

void directory::close() {
  closed_ = true;
  for (auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    for (auto& [who, found] : part.residents)
      caf::anon_send_exit(found.who, caf::exit_reason::user_shutdown);
    part.residents.clear();
  }
  const std::lock_guard guard{bridges_lock_};
  bridges_.clear();
}

} // namespace usher::cluster

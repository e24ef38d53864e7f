#include "cluster/detours.hpp"

#include <algorithm>
#include <mutex>

namespace usher::cluster {

/// A link, as its node tells of it.
struct told_link {
  incarnation who = 0;
  std::uint16_t version = 0;
};

BOOST_DESCRIBE_STRUCT(told_link, (), (who, version))

// -- what is known of links

/// Does the work under the lock, then tells what became of the ways by it.
template <class Work>
void detours::change(Work work) {
  const std::lock_guard in_order{telling_};
  std::vector<turn> turns;
  {
    const std::unique_lock guard{lock_};
    work();
    turns = look_anew();
  }
  for (const auto& one : turns) {
    if (one.is_lost)
      with_.lost(one.to, one.before);
    if (one.after != 0)
      with_.found(one.to, one.after);
  }
}

void detours::link_came(incarnation who, std::uint16_t version) {
  change([&] {
    auto& one = links_[who] = {};
    one.version = version;
    if (one.knows_detours())
      one.owed = debt::links;
    tell_neighbours();
  });
}

void detours::link_went(incarnation who) {
  change([&] {
    const auto gone = links_.extract(who);
    if (gone.empty())
      return;
    parted_[who] = with_.rounds_to_notice;
    if (!gone.mapped().has_told)
      return;
    owe_all();
    tell_neighbours();
  });
}

void detours::meet(std::set<incarnation> members) {
  change([&] { members_ = std::move(members); });
}

void detours::note(incarnation from, std::string_view body) {
  std::map<incarnation, std::uint16_t> theirs;
  for (const auto& one : json::get<std::vector<told_link>>(body))
    if (one.who > 0 && one.who != with_.self
        && one.version >= first_with_detours)
      theirs[one.who] = one.version;
  change([&] {
    const auto found = links_.find(from);
    if (found == links_.end() || !found->second.knows_detours())
      return;
    found->second.reaches = std::move(theirs);
    if (std::exchange(found->second.has_told, true))
      return;
    owe_all();
    tell_neighbours();
  });
}

/// Under the lock.
void detours::owe_all() {
  for (auto& [who, one] : links_)
    if (one.knows_detours() && one.owed == debt::nothing)
      one.owed = debt::links;
}

/// Under the lock. One frame to each who has something to hear. If it was not
/// taken, a link may have come back before the next try; so then all ways end.
void detours::tell_neighbours() {
  std::vector<told_link> all;
  for (const auto& [who, one] : links_)
    if (one.has_told)
      all.push_back({who, one.version});
  const auto links = json::text_of(all);
  for (auto& [who, one] : links_) {
    if (one.owed == debt::nothing || (one.owed == debt::links && one.rest > 0))
      continue;
    const bool is_end = one.owed == debt::end;
    if (!with_.send(who, frame_kind::reach, is_end ? "[]" : links))
      one.owed = debt::end;
    else
      one.owed = is_end ? debt::links : debt::nothing;
    if (is_end)
      one.rest = with_.rounds_of_rest;
  }
}

void detours::make_rounds() {
  bool may_go_round = false;
  {
    const std::unique_lock guard{lock_};
    for (auto& [who, rounds] : parted_)
      --rounds;
    may_go_round =
      std::erase_if(parted_, [](const auto& one) { return one.second == 0; })
      > 0;
    bool is_owing = false;
    for (auto& [who, one] : links_) {
      one.rest -= std::min(one.rest, 1U);
      is_owing = is_owing || one.owed != debt::nothing;
    }
    if (is_owing)
      tell_neighbours();
  }
  if (may_go_round)
    change([] {});
}

// -- ways

/// Under the lock.
bool detours::leads(incarnation by, incarnation to) const {
  const auto link = links_.find(by);
  return link != links_.end()
         && (by == to
             || (members_.contains(to) && link->second.reaches.contains(to)));
}

/// Under the lock. Nodes of a version without detours never tell.
incarnation detours::choose(incarnation to) const {
  const auto link = links_.find(to);
  const bool is_linked = link != links_.end();
  if (is_linked && (link->second.has_told || !link->second.knows_detours()))
    return to;
  if (const auto now = way_to(to); leads(now, to))
    return now;
  if (parted_.contains(to))
    return is_linked ? to : 0;
  for (const auto& [by, one] : links_)
    if (by != to && leads(by, to))
      return by;
  return is_linked ? to : 0;
}

/// Under the lock.
std::vector<detours::turn> detours::look_anew() {
  std::set<incarnation> all;
  for (const auto& [to, by] : ways_)
    all.insert(to);
  for (const auto& [who, one] : links_) {
    all.insert(who);
    for (const auto& [to, version] : one.reaches)
      all.insert(to);
  }
  std::vector<turn> out;
  for (const auto to : all) {
    const turn one{to, way_to(to), choose(to)};
    if (one.before == one.after)
      continue;
    const bool is_lost = one.before != 0 && !leads(one.before, to);
    out.push_back({to, one.before, one.after, is_lost});
    if (one.after == 0)
      ways_.erase(to);
    else
      ways_[to] = one.after;
  }
  return out;
}

/// Under the lock; 0 = none.
incarnation detours::way_to(incarnation who) const {
  const auto found = ways_.find(who);
  return found == ways_.end() ? 0 : found->second;
}

std::uint16_t detours::version(incarnation to) const {
  const std::shared_lock guard{lock_};
  const auto by = way_to(to);
  if (by == 0)
    return 0;
  const auto& link = links_.at(by);
  return by == to ? link.version : std::min(link.version, link.reaches.at(to));
}

incarnation detours::next_hop(incarnation to) const {
  const std::shared_lock guard{lock_};
  return way_to(to);
}

std::vector<incarnation> detours::reached() const {
  const std::shared_lock guard{lock_};
  std::vector<incarnation> out;
  for (const auto& [to, by] : ways_)
    out.push_back(to);
  return out;
}

// -- frames

bool detours::send(incarnation to, frame_kind kind, std::string body) const {
  incarnation by = 0;
  {
    const std::shared_lock guard{lock_};
    by = way_to(to);
  }
  if (by == 0)
    return false;
  if (by == to)
    return with_.send(to, kind, std::move(body));
  return may_be_relayed(kind)
         && with_.send(by, frame_kind::relayed,
                       encode(relayed_frame{with_.self, to, kind, body}));
}

void detours::hear(incarnation from, std::string body) {
  const auto what = decode_relayed(body);
  if (!what)
    throw json::bad_shape("no frame to be relayed");
  if (what->target != with_.self) {
    if (what->origin == from) // or it was passed on already
      pass_on(from, what->target, std::move(body));
    return;
  }
  {
    const std::shared_lock guard{lock_};
    if (!members_.contains(what->origin))
      return;
  }
  if (may_be_relayed(what->kind))
    with_.arrived(what->origin, what->kind, std::string{what->body});
}

/// What cannot be passed on is lost, and who sent it must know: all ways from
/// him end here, until the next round.
void detours::pass_on(incarnation origin, incarnation target,
                      std::string body) {
  {
    const std::shared_lock guard{lock_};
    const auto link = links_.find(target);
    if (link == links_.end() || !link->second.has_told)
      return; // he has been told, or will be
  }
  if (with_.send(target, frame_kind::relayed, std::move(body)))
    return;
  const std::unique_lock guard{lock_};
  if (const auto found = links_.find(origin);
      found != links_.end() && found->second.owed == debt::nothing) {
    found->second.owed = debt::end;
    tell_neighbours();
  }
}

} // namespace usher::cluster

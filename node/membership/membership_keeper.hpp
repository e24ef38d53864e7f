#pragma once

#include "cluster/placement.hpp"
#include "node/membership/held_shards.hpp"
#include "node/membership/locked_home.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace usher {

/// What the keeper tells the node, from a thread of its own: the calls come one
/// after the other, except `declared_dead`, which may come in the middle.
struct keeper_events {
  using leases = std::vector<shard_lease>;
  using shards = std::vector<shard_no>;

  /// Each look at the cluster, before the others of that look.
  std::function<void(const cluster_view&)> seen;
  /// These are ours from now on, taken or handed to us. Without it, none are
  /// taken. Comes before any other node may send us what belongs to them.
  std::function<void(const leases&)> adopt;
  /// These, at most 32, are to go to `to`: freeze them, make all that was
  /// written durable, then call `hand_over` from any thread but once, and tell
  /// `to` to poke its keeper. False: they did not move, keep them. Whoever
  /// drops `hand_over` without calling it keeps them as well. While a copy of
  /// it lives, nothing else is to be given, and none of these comes back.
  /// Without it, none are given.
  std::function<void(const shards&, incarnation to,
                     std::function<bool()> hand_over)>
    give;
  /// Whether there is a way to that member. To one without, none are given
  /// unless we drain: whoever asks for them by us would not reach it. May be
  /// left out: then there is one to all. Poke the keeper when it changes.
  std::function<bool(incarnation)> reaches;
  /// An operator wanted us to go, and others have all we had. Once.
  std::function<void()> drained;
  /// This incarnation is over: must end the process.
  std::function<void()> declared_dead;
  /// Whether PostgreSQL answered: after each try to renew the lease, from the
  /// thread that renews.
  std::function<void(bool)> database_answers;
  /// The database's clock said that at some moment from `sent` to `received`,
  /// both since boot: after each renewal, from the thread that renews.
  std::function<void(duration sent, duration received, timestamp said)>
    database_said;
};

/// Holds this process's place among the members: its home, a lease, renewed in
/// one thread, and its part of the shards, minded in another.
class membership_keeper {
public:
  struct options {
    locked_home home;
    introduction about;
    duration ttl;
    duration renew; ///< a quarter of ttl at most: more is not obeyed
    /// While it waits for its name, again and again; what it throws ends that.
    std::function<void()> still_waits = [] {};
  };

  membership_keeper(std::shared_ptr<persistence::registry> members,
                    options chosen, keeper_events events);
  ~membership_keeper();

  /// Enters as a new incarnation and keeps its lease. The last one of this home
  /// is certainly dead, as the home is locked: it is buried without waiting for
  /// its lease to end. Another living member of our name is waited for, two
  /// leases long; then `name_taken` is thrown.
  persistence::membership enter();

  /// Takes what is free and falls to us, without `adopt`, and returns all that
  /// we hold. To be called before `watch`.
  std::vector<shard_lease> first_share();

  /// How often all were promised a lease anew by us, as PostgreSQL's clock was
  /// set. Any thread.
  int promises() const { return promises_; }

  /// Begins to look after the cluster: once each renewal, and when poked.
  void watch();

  /// Looks at once: something moved, or a link went up or down. Any thread.
  void poke();

  /// Says that this member seems to be gone. If its session with the database
  /// is gone too and it missed its renewal, its shards are taken without
  /// waiting for its lease to end. Any thread.
  void suspect(incarnation);

  /// The moment `since_boot()` until which nobody else can have been given what
  /// is ours, whatever happened: the last renewal that was answered, from when
  /// it was sent, and as long as others wait before they act on a suspicion.
  /// Any thread.
  duration lease_surely_until() const { return duration{surely_until_}; }

  /// This process is about to end: takes nothing that falls to it as there is
  /// nobody else, and says to all, if the database answers, that it drains. Any
  /// thread.
  void prepare_to_leave();

  /// Gives everything away, to leave with; says whether we hold nothing now.
  /// Returns early if nobody is there to take it.
  bool give_all(duration within);

  /// Looks after the cluster no more; the lease is still renewed.
  void stop_watching();

  /// Leaves, after the last append. What is still ours becomes free.
  void leave();

private:
  /// What a gift on its way shares with the keeper, and may outlive it.
  struct common;
  struct gift_on_its_way;

  void bury_the_last_of_this_home();
  persistence::membership join();
  void tell_whether_database_answers(bool answers);
  void keep_alive();
  bool renew();
  void keep_watch();
  duration look_after();
  cluster_view look();
  cluster_view look_and_bury();
  cluster_view promise_anew();
  bool bury(const cluster_view&);
  bool bury_suspects(const cluster_view&);
  void adopt(const std::vector<shard_lease>&);
  bool reaches(incarnation) const;
  void offer(const std::vector<cluster::gift>&);
  void notice_drained(const cluster_view&);
  duration next_look(const cluster_view&) const;
  void end();
  void stop();

  std::shared_ptr<common> common_;
  options chosen_;
  keeper_events events_;
  incarnation self_ = 0;
  /// With the leases they had when first looked at; the watch's own.
  std::map<incarnation, timestamp> suspects_;
  bool is_drained_ = false; // the watch's own
  std::atomic<bool> is_over_ = false;
  std::atomic<int> promises_ = 0;
  std::atomic<std::int64_t> surely_until_ = 0;
  std::thread renewing_, watching_;
};

} // namespace usher

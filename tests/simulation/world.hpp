#pragma once

#include "actors/entity/life.hpp"
#include "persistence/journal/batch_builder.hpp"
#include "tests/simulation/hazards.hpp"
#include "tests/simulation/letters.hpp"
#include "tests/support/memory_store.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <numeric>
#include <random>

/// A node without threads, clock or disk: lives, their mailboxes, a journal
/// that batches and commits, alarms, crashes. A seed decides everything.
namespace usher::simulation {

using namespace std::chrono_literals;

class world {
public:
  using task = std::function<void()>;

  explicit world(std::uint64_t seed, mutants wrong = {})
    : dice_(seed), wrong_(wrong) {
    tables->now = [this] { return now_; };
    boot();
  }

  // -- what the outside may do

  timestamp now() const { return now_; }

  /// Any of 0 .. n-1.
  std::uint64_t any(std::uint64_t n) { return dice_() % n; }

  bool chance(std::uint64_t percent) { return any(100) < percent; }

  /// Runs `what` at that time; survives crashes: it is not of the node.
  void at(timestamp when, task what) { agenda_.emplace(when, std::move(what)); }

  void after(duration delay, task what) { at(now_ + delay, std::move(what)); }

  /// Brings a command from outside, as the HTTP front does.
  void ask(request what) { deliver(std::move(what)); }

  /// Hears what is said to the outside.
  std::function<void(const response&)> on_answer;
  std::function<void(const errand&)> on_errand;

  std::shared_ptr<test::memory_tables> tables =
    std::make_shared<test::memory_tables>();
  hazards danger;
  tally seen;

  /// Runs until then, or until nothing is left to happen.
  void run_until(timestamp end) {
    while (now_ < end && step())
      ;
  }

  /// What is in memory now, of all entities that nothing is under way of.
  std::map<entity_id, snapshot> live_states() const {
    std::map<entity_id, snapshot> out;
    for (const auto& [who, one] : residents_)
      if (one.alive)
        out.emplace(who, one.alive->fold());
    return out;
  }

  bool is_quiet() const {
    return writing_.empty() && !committing_ && busy_.empty();
  }

private:
  /// Of whom something was heard, and which version that rested on. This is
  /// what the numbers of the gate stand for, kept the long way round.
  using knowledge = std::map<entity_id, version>;

  struct mail {
    std::variant<request, response> what;
    knowledge heard;
  };

  struct resident {
    std::unique_ptr<life> alive; ///< empty: its past is not loaded yet
    std::deque<mail> inbox;
    std::uint64_t last_word = 0; ///< its last submission
    std::uint64_t rests_on = 0;  ///< the last submission, said or heard of
    knowledge knows;
    std::uint64_t settled = 0; ///< all up to here must be durable to load
  };

  struct word {
    submission said;
    knowledge behind; ///< what its words rest on
  };

  // -- time

  bool step() {
    ++seen.steps;
    misfortune();
    ring();
    if (!agenda_.empty() && agenda_.begin()->first <= now_) {
      auto next = agenda_.extract(agenda_.begin());
      next.mapped()();
      return true;
    }
    const bool journal = !writing_.empty() || committing_;
    if (busy_.empty() && !journal)
      return skip_to_next();
    now_ += duration{static_cast<std::int64_t>(any(3) / 2)};
    if (journal && (busy_.empty() || any(4) == 0))
      write();
    else
      serve();
    return true;
  }

  bool skip_to_next() {
    std::optional<timestamp> next;
    if (!agenda_.empty())
      next = agenda_.begin()->first;
    if (!alarms_.empty()) {
      const auto first = alarms_.begin()->first;
      next = next ? std::min(*next, first) : first;
    }
    if (!next && !is_anybody_waiting())
      return false;
    now_ = std::max(now_ + 1ms, next.value_or(now_ + 6s));
    tidy_all();
    return true;
  }

  bool is_anybody_waiting() const {
    return std::ranges::any_of(residents_, [](const auto& one) {
      return one.second.alive && !one.second.alive->idle();
    });
  }

  void ring() {
    while (!alarms_.empty() && alarms_.begin()->first <= now_) {
      const auto who = alarms_.begin()->second;
      alarms_.erase(alarms_.begin());
      alarm_of_.erase(who);
      deliver(request{who, wake_of(who.kind)});
    }
  }

  void set_alarm(const alarm& one) {
    if (auto old = alarm_of_.find(one.entity); old != alarm_of_.end()) {
      alarms_.erase({old->second, one.entity});
      alarm_of_.erase(old);
    }
    if (!one.due)
      return;
    alarms_.emplace(*one.due, one.entity);
    alarm_of_[one.entity] = *one.due;
  }

  // -- messages

  void deliver(request what, knowledge from = {}) {
    const auto to = what.to;
    put(to, {std::move(what), std::move(from)});
  }

  void deliver(response what, knowledge from = {}) {
    if (what.to.number == 0)
      return;
    if (what.to.bridge != 0)
      return on_answer(what);
    const auto to = what.to.asker;
    if (residents_.contains(to))
      put(to, {std::move(what), std::move(from)});
  }

  void put(const entity_id& to, mail what) {
    auto& one = residents_[to];
    one.inbox.push_back(std::move(what));
    if (one.inbox.size() == 1)
      busy_.push_back(to);
  }

  /// One message of one entity, any of those that have some.
  void serve() {
    const auto chosen = any(busy_.size());
    const auto who = busy_[chosen];
    auto& one = residents_.at(who);
    if (!one.alive && !load(who, one)) {
      if (writing_.empty() && !committing_)
        one.settled = 0;
      return write();
    }
    auto what = std::move(one.inbox.front());
    one.inbox.pop_front();
    if (one.inbox.empty())
      busy_.erase(busy_.begin() + static_cast<std::ptrdiff_t>(chosen));
    learn(one, what.heard);
    outbox out;
    if (auto* asked = std::get_if<request>(&what.what)) {
      rest_on(one, asked->rests_on);
      one.alive->receive(std::move(*asked), now_, out);
    } else {
      auto& said = std::get<response>(what.what);
      rest_on(one, said.rests_on);
      one.alive->hear(std::move(said), now_, out);
    }
    carry_out(who, std::move(out));
  }

  void rest_on(resident& one, std::uint64_t number) const {
    if (!wrong_.forget_what_it_rests_on)
      one.rests_on = std::max(one.rests_on, number);
  }

  version durable(const entity_id& who) const {
    auto found = tables->entries.find(who);
    return found == tables->entries.end() ? 0 : found->second.size();
  }

  void learn(resident& one, const knowledge& heard) const {
    for (const auto& [who, upto] : heard)
      if (upto > durable(who))
        one.knows[who] = std::max(one.knows[who], upto);
    std::erase_if(one.knows, [&](const auto& known) {
      return known.second <= durable(known.first);
    });
  }

  /// The gate's promise, for whatever leaves the node.
  void check_leaving(const knowledge& behind) const {
    for (const auto& [who, upto] : behind) {
      EXPECT_LE(upto, durable(who)) << "something left before what it rests on";
    }
  }

  bool load(const entity_id& who, resident& one) {
    if (one.settled > released_ && !wrong_.forget_restart_barrier)
      return false;
    one.alive = conceive(who);
    one.alive->remember(archive_.load({who}).at(0));
    if (!one.alive->overdue(now_))
      return true;
    outbox out;
    one.alive->receive(request{who, wake_of(who.kind)}, now_, out);
    carry_out(who, std::move(out));
    return true;
  }

  bool is_late(request& one) {
    return danger.late_letters > 0 && one.from.number == 0
           && (is_take_back(one) || is_news_of_stock(one) || release_in(one))
           && chance(danger.late_letters);
  }

  /// It waits at a former owner. What a crash has made unsaid never arrives.
  void deliver_late(request what, knowledge from) {
    after(seconds_of_waiting(), [=, this, crashes = seen.crashes] {
      if (crashes == seen.crashes)
        deliver(what, from);
    });
  }

  duration seconds_of_waiting() {
    return duration{static_cast<std::int64_t>(1000 * (1 + any(900)))};
  }

  bool is_lost(const request& one) const {
    const bool is_letter = one.from.number == 0;
    if (!is_take_back(one))
      return danger.lose_stock && is_letter && is_news_of_stock(one);
    return wrong_.forget_take_back || (danger.lose_take_back && is_letter);
  }

  void carry_out(const entity_id& who, outbox out) {
    for (;;) {
      auto& me = residents_.at(who);
      learn(me, {{who, me.alive->now()}});
      submit(me, out);
      for (auto& one : out.inside) {
        one.rests_on = me.rests_on;
        if (auto* back = release_in(one); back && wrong_.forget_rounds)
          back->round = 0;
        if (is_late(one))
          deliver_late(std::move(one), me.knows);
        else if (!is_lost(one))
          deliver(std::move(one), me.knows);
        else if (one.from.number != 0) // a block that says so and does not
          deliver(response{one.from, answer{}}, me.knows);
      }
      for (auto& one : out.answers) {
        one.rests_on = me.rests_on;
        deliver(std::move(one), me.knows);
      }
      if (!out.again)
        return;
      auto next = std::move(*out.again);
      out = {};
      residents_.at(who).alive->receive(std::move(next), now_, out);
    }
  }

  void tidy_all() {
    for (auto& [who, one] : residents_) {
      if (!one.alive || one.alive->idle())
        continue;
      outbox out;
      one.alive->tidy(now_ - 5s, now_, out);
      carry_out(who, std::move(out));
      return; // the map may have changed
    }
  }

  // -- the journal

  void submit(resident& me, outbox& out) {
    const bool is_new = out.record || out.timer || !out.errands.empty();
    if (!is_new && out.outside.empty())
      return;
    if (!is_new && me.rests_on <= released_) {
      check_leaving(me.knows);
      for (auto& one : std::exchange(out.outside, {}))
        deliver(std::move(one));
      return;
    }
    if (wrong_.reply_before_commit)
      for (auto& one : std::exchange(out.outside, {}))
        deliver(std::move(one));
    me.last_word = ++submitted_;
    me.rests_on = submitted_;
    writing_.push_back({{std::move(out.record),
                         std::move(out.timer),
                         std::move(out.outside),
                         {},
                         std::move(out.errands),
                         std::nullopt},
                        me.knows});
  }

  /// First the batch goes to the database, later its words go out: a crash may
  /// come between.
  void write() {
    if (committing_)
      return let_out();
    auto n = writing_.empty() ? 0 : 1 + any(writing_.size());
    for (; n > 0; --n) {
      builder_->add(std::move(writing_.front().said));
      behind_.push_back(std::move(writing_.front().behind));
      writing_.pop_front();
    }
    committing_ = builder_->take();
  }

  void commit() {
    if (committing_->what.rows.empty() && committing_->what.alarms.empty())
      return;
    ensure(journal_->commit(committing_->what)
           == persistence::verdict::durable);
  }

  void let_out() {
    commit();
    auto round = std::move(*committing_);
    committing_.reset();
    released_ = round.upto;
    for (const auto& one : std::exchange(behind_, {}))
      check_leaving(one);
    for (auto& one : round.then.answers)
      deliver(std::move(one));
    for (const auto& one : round.what.alarms)
      set_alarm(one);
    for (const auto& one : round.then.errands)
      on_errand(one);
  }

  // -- misfortune

  void misfortune() {
    const auto fate = any(100'000);
    if (fate < danger.crash)
      crash();
    else if (fate < danger.crash + danger.fault)
      lose_one();
    else if (fate < danger.crash + danger.fault + danger.rest)
      rest_one();
  }

  /// Everything in memory is gone; what was being committed may be kept.
  void crash() {
    ++seen.crashes;
    if (committing_ && chance(50)) {
      ++seen.unknown_commits;
      commit();
    }
    boot();
  }

  void boot() {
    residents_.clear();
    busy_.clear();
    writing_.clear();
    behind_.clear();
    committing_.reset();
    alarms_.clear();
    alarm_of_.clear();
    submitted_ = released_ = 0;
    if (self_ != 0)
      tables->declare_dead(self_);
    self_ = registry_.join({}, 1000h).self;
    std::vector<shard_no> all(shard_count);
    std::iota(all.begin(), all.end(), shard_no{0});
    builder_.emplace(registry_.take(self_, all));
    journal_ = std::make_unique<test::memory_journal>(tables, self_);
    for (const auto& [who, due] : tables->alarms)
      set_alarm({who, due});
  }

  std::map<entity_id, resident>::iterator any_resident() {
    auto out = residents_.begin();
    std::advance(out, any(residents_.size()));
    return out;
  }

  /// A fault: those who wait hear of it, and the next life replays what this
  /// one has submitted, once it is durable.
  void lose_one() {
    if (residents_.empty())
      return;
    auto found = any_resident();
    auto& one = found->second;
    if (!one.alive)
      return;
    ++seen.faults;
    outbox last;
    one.alive->abandon(errc::outcome_unknown, last);
    one.alive.reset();
    one.settled = submitted_;
    for (auto& said : last.outside)
      deliver(std::move(said));
    for (auto& said : last.answers)
      deliver(std::move(said));
  }

  /// A quiet entity leaves, perhaps with a snapshot.
  void rest_one() {
    if (residents_.empty())
      return;
    auto found = any_resident();
    auto& one = found->second;
    if (!one.alive || !one.alive->idle() || !one.inbox.empty()
        || one.rests_on > released_)
      return;
    if (chance(50)) {
      ++seen.snapshots;
      archive_.save({one.alive->fold()});
    }
    if (chance(70)) {
      ++seen.passivations;
      residents_.erase(found);
    }
  }

  std::mt19937_64 dice_;
  mutants wrong_;
  timestamp now_{std::chrono::hours{9}};
  std::multimap<timestamp, task> agenda_;

  // the node
  std::map<entity_id, resident> residents_;
  std::vector<entity_id> busy_; ///< whose inbox is not empty
  std::set<std::pair<timestamp, entity_id>> alarms_;
  std::map<entity_id, timestamp> alarm_of_;
  std::deque<word> writing_;
  std::vector<knowledge> behind_; ///< of what is being committed
  std::optional<persistence::round> committing_;
  std::uint64_t submitted_ = 0;
  std::uint64_t released_ = 0;

  // the database
  test::memory_registry registry_{tables};
  test::memory_archive archive_{tables};
  incarnation self_ = 0;
  std::optional<persistence::batch_builder> builder_;
  std::unique_ptr<test::memory_journal> journal_;
};

} // namespace usher::simulation

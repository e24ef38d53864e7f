#pragma once

#include "actors/entity/entity_actor.hpp"
#include "cluster/directory.hpp"
#include "tests/support/sale.hpp"
#include "tests/support/scheduled.hpp"

#include <gmock/gmock.h>

/// The shell of an entity under CAF's deterministic scheduler, with a journal
/// that commits when it is told to.
namespace usher::test {

/// What is stored, and what waits for the commit.
struct disk {
  std::map<entity_id, std::vector<entry>> rows;
  std::map<entity_id, snapshot> snapshots;
  std::vector<submission> waiting;
  std::vector<caf::actor> barriers;
  bool commits = true;
  int loads = 0;
  int pictures = 0; ///< snapshots that came with a record

  history load(const entity_id& who) {
    ++loads;
    history out{who, {}, {}, {}, {}};
    if (auto base = snapshots.find(who); base != snapshots.end())
      out.base = base->second;
    for (const auto& row : rows[who])
      if (!out.base || row.now > out.base->now)
        out.tail.push_back(row);
    return out;
  }
};

struct entity_actor_test : testing::Test {
  entity_actor_test() {
    around->mail = &mail;
    around->now = [this] { return now; };
    around->submit = [this](submission said) {
      caf::anon_send(journal, std::move(said));
      return ++submitted;
    };
    around->settle = [this](barrier who) {
      caf::anon_send(journal, std::move(who));
    };
    around->archive = sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](const load& wanted) {
          caf::anon_send(wanted.from, store.load(wanted.entity));
        },
        [this](const snapshot& kept) { store.snapshots[kept.entity] = kept; },
      };
    });
    journal = sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](submission& said) {
          store.waiting.push_back(std::move(said));
          if (store.commits)
            commit();
        },
        [this](barrier& who) {
          store.barriers.push_back(std::move(who.from));
          if (store.commits)
            commit();
        },
      };
    });
    mail.add_bridge(sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{[this](responses& some) {
        for (auto& one : some.all)
          heard.push_back(std::move(one));
      }};
    }));
  }

  ~entity_actor_test() override {
    mail.close();
    sched.run();
  }

  caf::actor make(const entity_id& who, birth how) {
    births.push_back(how);
    if (loses_events && who.kind == entity_kind::event)
      return sys.spawn([](caf::event_based_actor*) {
        return caf::behavior{[](const request&) {}};
      });
    return sys.spawn<entity_actor>(who, around, how);
  }

  void commit() {
    for (auto& said : std::exchange(store.waiting, {})) {
      if (said.record)
        store.rows[said.record->entity].push_back(*said.record);
      if (said.picture) {
        store.snapshots[said.picture->entity] = *said.picture;
        ++store.pictures;
      }
      for (auto& one : said.answers)
        mail.deliver(std::move(one));
      ++committed;
    }
    around->gate->pass(committed);
    for (const auto& one : std::exchange(store.barriers, {}))
      caf::anon_send(one, settled{});
  }

  template <class Command>
  void send(const entity_id& who, const Command& what) {
    mail.deliver(request{who, any_command{what}, {1, {}, ++number}});
  }

  /// The last answer after everything has run.
  template <class Command>
  errc ask(const entity_id& who, const Command& what) {
    heard.clear();
    send(who, what);
    sched.run();
    if (heard.size() == 1)
      return heard[0].what.refused;
    ADD_FAILURE() << heard.size() << " answers";
    return errc::internal;
  }

  void corrupt(const entity_id& who) {
    store.rows[who] = {{who, 1, now, R"([["no.such/1",{}]])", false, {}}};
  }

  /// Sweeps all parts of the directory.
  void sweep() {
    for (int i = 0; i < 64; ++i)
      mail.sweep();
    sched.run();
  }

  scheduled cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  disk store;
  timestamp now = t0;
  std::uint64_t number = 0;
  std::uint64_t submitted = 0;
  std::uint64_t committed = 0;
  std::vector<response> heard;
  std::vector<birth> births;
  std::shared_ptr<surroundings> around = std::make_shared<surroundings>();
  caf::actor journal;
  bool loses_events = false; ///< whoever asks an event hears nothing
  cluster::directory mail{
    [this](const entity_id& who, birth how) { return make(who, how); },
    [this] { return now; },
    {}};
};

const entity_id hall{entity_kind::organization, nth(70)};
const entity_id other_hall{entity_kind::organization, nth(71)};

inline organization::command founding() {
  return organization::create{ada, "Hall"};
}

inline organization::command looking() {
  return organization::describe{ada};
}

const auto every_shard = cluster::shard_set{}.set();

} // namespace usher::test

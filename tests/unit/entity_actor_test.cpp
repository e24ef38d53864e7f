#include "actors/entity/entity_actor.hpp"
#include "cluster/directory.hpp"
#include "tests/support/sale.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>

/// The shell of an entity under CAF's deterministic scheduler, with a journal
/// that commits when it is told to.
using namespace usher;
using namespace usher::test;

namespace {

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::usher>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// What is stored, and what waits for the commit.
struct disk {
  std::map<entity_id, std::vector<entry>> rows;
  std::map<entity_id, snapshot> snapshots;
  std::vector<submission> waiting;
  std::vector<caf::actor> barriers;
  bool commits = true;
  int loads = 0;

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

  caf::actor make(const entity_id& who, cluster::revival how) {
    revivals.push_back(how);
    if (loses_events && who.kind == entity_kind::event)
      return sys.spawn([](caf::event_based_actor*) {
        return caf::behavior{[](const request&) {}};
      });
    const auto from = how == cluster::revival::newborn      ? birth::first
                      : how == cluster::revival::restarting ? birth::restart
                                                            : birth::return_;
    return sys.spawn<entity_actor>(who, around, from);
  }

  void commit() {
    for (auto& said : std::exchange(store.waiting, {})) {
      if (said.record)
        store.rows[said.record->entity].push_back(*said.record);
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
    mail.deliver(request{who, any_command{what}, {1, {}, ++number}, {}, false});
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

  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  disk store;
  timestamp now = t0;
  std::uint64_t number = 0;
  std::uint64_t submitted = 0;
  std::uint64_t committed = 0;
  std::vector<response> heard;
  std::vector<cluster::revival> revivals;
  std::shared_ptr<surroundings> around = std::make_shared<surroundings>();
  caf::actor journal;
  bool loses_events = false; ///< whoever asks an event hears nothing
  cluster::directory mail{[this](const entity_id& who, cluster::revival how) {
                            return make(who, how);
                          },
                          [this] { return now; },
                          {}};
};

const entity_id hall{entity_kind::organization, nth(70)};
const entity_id other_hall{entity_kind::organization, nth(71)};

organization::command founding() {
  return organization::create{ada, "Hall"};
}

organization::command looking() {
  return organization::describe{ada};
}

const auto every_shard = cluster::shard_set{}.set();

} // namespace

TEST_F(entity_actor_test, answers_only_when_the_journal_has_it) {
  store.commits = false;
  send(hall, founding());
  sched.run();
  EXPECT_TRUE(heard.empty());
  send(hall, looking()); // even what says nothing new waits behind it
  sched.run();
  EXPECT_TRUE(heard.empty());
  commit();
  sched.run();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].to.number, 1u);
  EXPECT_TRUE(heard[0].what.granted());
  EXPECT_EQ(heard[1].to.number, 2u);
}

TEST_F(entity_actor_test, answers_at_once_what_rests_on_nothing_new) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  store.commits = false;
  EXPECT_EQ(ask(hall, looking()), errc::ok);
  EXPECT_TRUE(store.waiting.empty());
}

TEST_F(entity_actor_test, waits_for_what_it_heard_of_as_for_its_own_words) {
  store.commits = false;
  EXPECT_EQ(ask(other_hall, looking()), errc::not_found);
  heard.clear();
  request hint{hall, looking(), {1, {}, ++number}, {}, false};
  hint.rests_on = ++submitted; // somebody else's
  mail.deliver(std::move(hint));
  sched.run();
  EXPECT_TRUE(heard.empty());
  ASSERT_EQ(store.waiting.size(), 1u);
  send(hall, looking()); // and it does not forget
  sched.run();
  EXPECT_TRUE(heard.empty());
  ++committed;
  commit();
  sched.run();
  EXPECT_EQ(heard.size(), 2u);
  EXPECT_EQ(ask(hall, looking()), errc::not_found);
}

TEST_F(entity_actor_test, says_nothing_at_once_when_its_lease_may_be_over) {
  bool holds = true;
  around->gate = std::make_shared<output_gate>([&] { return holds; });
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  store.commits = holds = false;
  send(hall, looking());
  heard.clear();
  sched.run();
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(store.waiting.size(), 1u);
}

TEST_F(entity_actor_test, replays_its_past_when_it_comes_back) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  now += 61s;
  sweep();
  EXPECT_EQ(mail.residents(), 0u);
  EXPECT_EQ(ask(hall, founding()), errc::already_exists);
  EXPECT_EQ(store.loads, 2);
}

TEST_F(entity_actor_test, leaves_a_few_at_a_time_when_many_are_quiet) {
  constexpr int many = 64 * 120;
  for (int i = 0; i < many; ++i)
    send({entity_kind::organization, mint_uuid()}, looking());
  sched.run();
  ASSERT_EQ(mail.residents(), std::size_t{many});
  now += 61s;
  EXPECT_TRUE(mail.sweep());
  sched.run();
  EXPECT_EQ(mail.residents(), std::size_t{many - 50});
  for (int i = 0; i < 4; ++i)
    sweep();
  EXPECT_EQ(mail.residents(), 0u);
  EXPECT_FALSE(mail.sweep());
}

TEST_F(entity_actor_test, refuses_who_comes_when_too_many_wait) {
  cluster::patience tight;
  tight.most_waiting = 3;
  tight.most_stashed = 2;
  cluster::directory small{[this](const entity_id& who, cluster::revival how) {
                             return make(who, how);
                           },
                           [this] { return now; }, tight};
  small.add_bridge(sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{[this](responses& some) {
      for (auto& one : some.all)
        heard.push_back(std::move(one));
    }};
  }));
  store.rows[hall] = {{hall,
                       1,
                       now,
                       encode_facts(std::vector<organization::fact>{
                         organization::created{ada, "Hall"}}),
                       false,
                       {}}};
  auto crowd = [&](int n) {
    heard.clear();
    for (int i = 0; i < n; ++i)
      small.deliver(request{hall, looking(), {1, {}, ++number}, {}, false, {}});
    sched.run();
    return std::ranges::count(heard, errc::overloaded,
                              [](const auto& r) { return r.what.refused; });
  };
  EXPECT_EQ(crowd(5), 3) << "two are kept while it is being born";
  EXPECT_EQ(heard.size(), 5u);
  EXPECT_EQ(crowd(5), 2) << "three may wait when it is there";
  EXPECT_EQ(crowd(3), 0) << "who has been served does not count";
  for (int i = 0; i < 20; ++i) // alarms and letters: nobody would hear of it
    small.deliver(request{hall, wake_of(hall.kind), {}, {}, false, {}});
  EXPECT_EQ(crowd(1), 1);
  EXPECT_EQ(crowd(1), 0);
  small.close();
  sched.run();
}

TEST_F(entity_actor_test, stays_while_anything_of_it_is_not_durable) {
  store.commits = false;
  send(hall, founding());
  sched.run();
  now += 61s;
  sweep();
  EXPECT_EQ(mail.residents(), 1u);
  commit();
  sched.run();
  EXPECT_EQ(mail.residents(), 0u);
}

TEST_F(entity_actor_test, stays_when_it_is_spoken_to_while_it_leaves) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  store.commits = false;
  now += 61s;
  sweep(); // the barrier is on its way
  send(hall, looking());
  sched.run();
  commit();
  sched.run();
  EXPECT_EQ(mail.residents(), 1u);
  EXPECT_TRUE(heard.back().what.granted());
}

TEST_F(entity_actor_test, loses_no_message_that_comes_as_it_leaves) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  heard.clear();
  for (int i = 0; i < 20; ++i) {
    now += 61s;
    for (int part = 0; part < 64; ++part)
      mail.sweep();
    for (int step = 0; step < i; ++step)
      sched.try_run_once();
    send(hall, looking());
    sched.run();
    ASSERT_EQ(heard.size(), static_cast<std::size_t>(i + 1)) << i;
    EXPECT_TRUE(heard.back().what.granted());
  }
}

TEST_F(entity_actor_test, moves_out_only_when_its_words_are_durable) {
  store.commits = false;
  for (const bool at_once : {false, true}) {
    const auto& who = at_once ? other_hall : hall;
    send(who, founding());
    sched.run();
    mail.evict(every_shard, at_once);
    sched.run();
    EXPECT_EQ(mail.residents(), 1u);
    commit();
    sched.run();
    EXPECT_EQ(mail.residents(), 0u);
  }
  store.commits = true;
  EXPECT_EQ(ask(hall, founding()), errc::already_exists);
}

TEST_F(entity_actor_test, lives_on_when_its_shard_is_kept) {
  store.commits = false;
  send(hall, founding());
  sched.run();
  mail.evict(every_shard, false);
  send(hall, looking());
  sched.run();
  commit();
  sched.run();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_TRUE(heard[1].what.granted());
  EXPECT_EQ(mail.residents(), 1u);
  EXPECT_EQ(store.loads, 1) << "what it would read may not be there yet";
}

TEST_F(entity_actor_test, answers_all_who_come_when_its_shard_is_kept) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  now += 61s;
  sweep();
  heard.clear();
  send(hall, looking()); // it is being born ..
  mail.evict(every_shard, false);
  mail.evict(every_shard, true);
  for (int i = 0; i < 3; ++i) // .. and comes too late to leave
    send(hall, looking());
  sched.run();
  ASSERT_EQ(heard.size(), 4u);
  for (const auto& one : heard)
    EXPECT_TRUE(one.what.granted());
  EXPECT_EQ(store.loads, 2);
}

TEST_F(entity_actor_test, leaves_a_snapshot_if_it_is_worth_it) {
  around->snapshot_worth = 1;
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  now += 61s;
  sweep();
  ASSERT_TRUE(store.snapshots.contains(hall));
  EXPECT_EQ(store.snapshots[hall].now, 1u);
  EXPECT_EQ(ask(hall, looking()), errc::ok);
}

TEST_F(entity_actor_test, tells_whoever_waits_when_its_past_is_unreadable) {
  corrupt(hall);
  send(hall, looking());
  send(hall, looking());
  sched.run();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].what.refused, errc::unavailable);
  EXPECT_EQ(mail.residents(), 0u);
  ASSERT_EQ(mail.obituaries().size(), 1u);
  EXPECT_EQ(mail.obituaries()[0].doing, "remember");
}

TEST_F(entity_actor_test, begins_again_behind_a_barrier) {
  corrupt(hall);
  EXPECT_EQ(ask(hall, looking()), errc::unavailable);
  store.rows[hall].clear();
  store.commits = false;
  send(hall, founding());
  sched.run();
  EXPECT_EQ(revivals.back(), cluster::revival::restarting);
  EXPECT_EQ(store.loads, 1); // it waits for what the last life submitted
  store.commits = true;
  commit();
  sched.run();
  EXPECT_EQ(store.loads, 2);
  EXPECT_TRUE(heard.back().what.granted());
}

TEST_F(entity_actor_test, tells_who_is_served_when_it_breaks_down) {
  const entity_id cart{entity_kind::booking_session, nth(40)};
  booking_session::open opening;
  opening.caller = ada;
  opening.event = concert;
  opening.got = granting(); // as if the event had answered, but no terms
  EXPECT_EQ(ask(cart, booking_session::command{opening}),
            errc::outcome_unknown);
  EXPECT_EQ(mail.obituaries().size(), 1u);
  EXPECT_EQ(ask(cart, booking_session::command{booking_session::usage{}}),
            errc::ok);
}

TEST_F(entity_actor_test,
       leaves_a_dead_letter_when_one_command_breaks_it_twice) {
  const entity_id cart{entity_kind::booking_session, nth(40)};
  booking_session::open opening;
  opening.caller = ada;
  opening.event = concert;
  opening.got = granting(); // as if the event had answered, but no terms
  EXPECT_EQ(ask(cart, booking_session::command{opening}),
            errc::outcome_unknown);
  EXPECT_TRUE(mail.crashes().all().empty());
  EXPECT_EQ(ask(cart, booking_session::command{opening}),
            errc::outcome_unknown);
  const auto letters = mail.crashes().all();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].what.to, cart);
  EXPECT_EQ(letters[0].crashes, 2u);
  heard.clear();
  mail.deliver(mail.crashes().take(letters[0].number)->what);
  sched.run();
  EXPECT_TRUE(heard.empty()) << "nobody waits for it any more";
  EXPECT_EQ(mail.obituaries().size(), 3u);
}

TEST_F(entity_actor_test, tells_who_looks_in_when_it_is_its_turn) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  std::vector<glance> told;
  const auto tell = [&](glance one) { told.push_back(std::move(one)); };
  const auto found = mail.find(hall);
  ASSERT_TRUE(found);
  now += 3s;
  caf::anon_send(found->who, look{false, tell});
  send(hall, looking());
  caf::anon_send(found->who, look{true, tell});
  sched.run();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].heard, 1u) << "a look is no message";
  EXPECT_EQ(told[0].mailbox, 2u);
  EXPECT_EQ(told[0].fold, "");
  EXPECT_EQ(told[1].heard, 2u);
  EXPECT_EQ(told[1].age, 3s);
  EXPECT_EQ(told[1].now, 1u);
  EXPECT_THAT(told[1].fold, testing::StartsWith("{\"state\":{"));
}

TEST_F(entity_actor_test, begins_again_when_an_operator_asks_for_it) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  caf::anon_send(mail.find(hall)->who, begin_again{});
  sched.run();
  EXPECT_FALSE(mail.find(hall));
  EXPECT_EQ(ask(hall, looking()), errc::ok);
  EXPECT_EQ(revivals.back(), cluster::revival::restarting);
}

TEST_F(entity_actor_test, may_begin_again_as_often_as_an_operator_likes) {
  EXPECT_EQ(ask(hall, founding()), errc::ok);
  for (int i = 0; i < 7; ++i) {
    caf::anon_send(mail.find(hall)->who, begin_again{});
    sched.run();
    now += 60s;
    sweep();
    now -= 59s;
    EXPECT_EQ(ask(hall, looking()), errc::ok);
    EXPECT_EQ(revivals.back(), cluster::revival::restarting);
    sweep();
  }
  EXPECT_TRUE(mail.quarantined().empty());
  EXPECT_TRUE(mail.obituaries().empty());
}

TEST_F(entity_actor_test, is_set_aside_when_it_keeps_failing) {
  EXPECT_EQ(ask(other_hall, founding()), errc::ok);
  corrupt(hall);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask(hall, looking()), errc::unavailable);
    now += 5s;
  }
  EXPECT_EQ(ask(hall, looking()), errc::quarantined);
  EXPECT_EQ(mail.quarantined(), std::vector{hall});
  EXPECT_EQ(ask(other_hall, looking()), errc::ok); // its neighbours are fine
  now += 5min;
  store.rows[hall].clear();
  EXPECT_EQ(ask(hall, founding()), errc::ok);
}

TEST_F(entity_actor_test, that_fails_seldom_is_not_set_aside) {
  corrupt(hall);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ask(hall, looking()), errc::unavailable);
    now += 10s;
  }
  EXPECT_TRUE(mail.quarantined().empty());
}

TEST_F(entity_actor_test, can_be_released_from_quarantine) {
  corrupt(hall);
  EXPECT_FALSE(mail.release(hall));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(hall, looking()), errc::unavailable);
  EXPECT_TRUE(mail.release(hall));
  store.rows[hall].clear();
  EXPECT_EQ(ask(hall, founding()), errc::ok);
}

TEST_F(entity_actor_test, gives_up_a_question_though_it_is_spoken_to) {
  const entity_id cart{entity_kind::booking_session, nth(40)};
  booking_session::open opening;
  opening.caller = ada;
  opening.event = concert;
  loses_events = true;
  send(cart, booking_session::command{opening});
  sched.run();
  EXPECT_TRUE(heard.empty());
  now += 4s;
  EXPECT_EQ(ask(cart, booking_session::command{booking_session::usage{}}),
            errc::ok);
  now += 1s;
  heard.clear();
  send(cart, booking_session::command{booking_session::usage{}});
  sched.run();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0].what.refused, errc::outcome_unknown);
}

#include "tests/support/one_entity.hpp"

using namespace usher;
using namespace usher::test;

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
  request hint{hall, looking(), {1, {}, ++number}};
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
  cluster::directory small{
    [this](const entity_id& who, birth how) { return make(who, how); },
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
      small.deliver(request{hall, looking(), {1, {}, ++number}});
    sched.run();
    return std::ranges::count(heard, errc::overloaded,
                              [](const auto& r) { return r.what.refused; });
  };
  EXPECT_EQ(crowd(5), 3) << "two are kept while it is being born";
  EXPECT_EQ(heard.size(), 5u);
  EXPECT_EQ(crowd(5), 2) << "three may wait when it is there";
  EXPECT_EQ(crowd(3), 0) << "who has been served does not count";
  for (int i = 0; i < 20; ++i) // nobody would hear that it was refused
    small.deliver(request{hall, wake_of(hall.kind)});
  EXPECT_EQ(crowd(4), 1) << "alarms keep nobody out";
  small.close();
  sched.run();
}

TEST_F(entity_actor_test, refuses_who_comes_when_too_many_wait_for_others) {
  cluster::patience tight;
  tight.most_in_all = 4;
  cluster::directory small{
    [this](const entity_id& who, birth how) { return make(who, how); },
    [this] { return now; }, tight};
  auto crowd = [&](int n) {
    int refused = 0;
    for (int i = 0; i < n; ++i) {
      request one{{hall.kind, mint_uuid()}, looking(), {1, {}, ++number}};
      const auto how = small.accept(one);
      refused += how == cluster::reception::full ? 1 : 0;
    }
    return refused;
  };
  auto ring = [&] {
    request alarm{{hall.kind, mint_uuid()}, wake_of(hall.kind)};
    return small.accept(alarm);
  };
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(ring(), cluster::reception::accepted);
  EXPECT_EQ(crowd(6), 2) << "nobody of them is read yet, alarms do not count";
  EXPECT_EQ(small.residents(), 9u + 4u) << "who is refused wakes nobody";
  EXPECT_EQ(ring(), cluster::reception::accepted);
  request letter{{hall.kind, mint_uuid()}, looking()};
  EXPECT_EQ(small.accept(letter), cluster::reception::accepted);
  sched.run();
  EXPECT_EQ(crowd(4), 0) << "who has been served does not count";
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

TEST_F(entity_actor_test, asks_once_for_word_of_what_is_durable) {
  store.commits = false;
  send(hall, founding());
  sched.run();
  now += 61s;
  for (int i = 0; i < 5; ++i)
    sweep();
  EXPECT_EQ(store.barriers.size(), 1u);
  send(hall, looking()); // so that it stays
  sched.run();
  commit();
  sched.run();
  EXPECT_EQ(mail.residents(), 1u);
  now += 61s;
  sweep();
  EXPECT_EQ(mail.residents(), 0u) << "it was told, and may ask again";
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

namespace {

const entity_id the_floor = block("FLOOR");

/// A floor where so many sessions have a place.
std::vector<entry> crowded_floor(int sessions) {
  std::vector<seat_block::fact> past{
    seat_block::opened{concert,
                       floor_of("FLOOR", 100'000),
                       standing_place,
                       {floor_price, "EUR"},
                       false}};
  for (int i = 0; i < sessions; ++i)
    past.emplace_back(
      seat_block::held{session_id{mint_uuid()}, {}, 1, t0 + 1h});
  return {{the_floor, 1, t0, encode_facts(past), false, {}}};
}

seat_block::command one_more_place() {
  return seat_block::hold_places{session_id{mint_uuid()}, 1, t0 + 1h};
}

} // namespace

TEST_F(entity_actor_test, takes_a_large_snapshot_less_often) {
  around->snapshot_every = 2;
  store.rows[the_floor] = crowded_floor(5'000);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(the_floor, one_more_place()), errc::ok);
  EXPECT_EQ(store.pictures, 1);
  now += 61s;
  sweep();
  EXPECT_EQ(mail.residents(), 0u);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(the_floor, one_more_place()), errc::ok);
  EXPECT_EQ(store.pictures, 1) << "it knows how large the last one was";
}

TEST_F(entity_actor_test, takes_a_small_snapshot_as_often_as_it_is_told) {
  around->snapshot_every = 2;
  store.rows[the_floor] = crowded_floor(1);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(the_floor, one_more_place()), errc::ok);
  EXPECT_EQ(store.pictures, 3);
}

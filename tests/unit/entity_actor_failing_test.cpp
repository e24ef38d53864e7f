#include "cluster/shard_table.hpp"
#include "tests/support/one_entity.hpp"

using namespace usher;
using namespace usher::test;

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
  EXPECT_EQ(births.back(), birth::restarting);
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
  EXPECT_EQ(births.back(), birth::restarting);
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
    EXPECT_EQ(births.back(), birth::restarting);
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

TEST_F(entity_actor_test, is_not_set_aside_where_it_is_not_any_more) {
  cluster::shard_table table;
  table.open({shard_of(hall)});
  cluster::directory giver{
    [this](const entity_id& who, birth how) { return make(who, how); },
    [this] { return now; },
    {},
    &table};
  for (int i = 0; i < 5; ++i)
    giver.bury(hall, "remember", "unreadable");
  EXPECT_EQ(giver.quarantined(), std::vector{hall});
  EXPECT_EQ(giver.outcasts().size(), 1u);
  table.freeze({shard_of(hall)});
  table.close({shard_of(hall)}, 2);
  EXPECT_TRUE(giver.quarantined().empty());
  EXPECT_TRUE(giver.outcasts().empty());
  table.open({shard_of(hall)});
  EXPECT_EQ(giver.quarantined(), std::vector{hall}) << "it came back";
  giver.close();
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

TEST_F(entity_actor_test, tells_which_command_came_and_which_ended_a_life) {
  std::vector<std::string> said;
  around->tell.heard = [&](const request& what) {
    said.push_back("heard " + trace_digits(what.by.id));
  };
  around->tell.died = [&](const entity_id& who, const trace& by,
                          std::string_view doing, std::string_view) {
    said.push_back(std::string{doing} + ' ' + to_string(who) + ' '
                   + trace_digits(by.id));
  };
  const entity_id cart{entity_kind::booking_session, nth(40)};
  booking_session::open opening;
  opening.caller = ada;
  opening.event = concert;
  opening.got = granting(); // as if the event had answered, but no terms
  request what{cart, booking_session::command{opening}, {1, {}, ++number}};
  what.by.id = nth(90);
  mail.deliver(std::move(what));
  sched.run();
  const auto digits = trace_digits(nth(90));
  EXPECT_THAT(said,
              testing::ElementsAre("heard " + digits,
                                   "obey " + to_string(cart) + ' ' + digits));
  said.clear();
  ask(hall, founding());
  EXPECT_TRUE(said.empty()) << "nobody can look for what has no trace";
}

TEST_F(entity_actor_test, tells_whose_answer_never_came) {
  std::vector<long_wait> said;
  around->tell.waited = [&](const entity_id&, const long_wait& what) {
    said.push_back(what);
  };
  const entity_id cart{entity_kind::booking_session, nth(40)};
  booking_session::open opening;
  opening.caller = ada;
  opening.event = concert;
  loses_events = true;
  send(cart, booking_session::command{opening});
  sched.run();
  now += 5s;
  send(cart, booking_session::command{booking_session::usage{}});
  sched.run();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].asked.kind, entity_kind::event);
  EXPECT_FALSE(said[0].is_over);
}

#include "tests/support/one_router.hpp"

using namespace usher;
using namespace usher::test;

TEST_F(router_test, hands_to_the_directory_what_is_here) {
  shards.open({shard_of(block)});
  router.deliver(ask(7));
  sched.run();
  EXPECT_EQ(obeyed.size(), 1u);
  EXPECT_TRUE(sent.empty());
}

TEST_F(router_test, brings_an_answer_from_elsewhere_to_whoever_asked) {
  route_to(peer);
  router.deliver(ask(7));
  EXPECT_EQ(sent.back().to, peer);
  const auto there = last_request();
  EXPECT_EQ(there.from.node, self);
  EXPECT_EQ(there.from.bridge, 0u);
  response back{{0, {}, there.from.number}, answer{errc::seat_unavailable}};
  router.arrived(peer, frame_kind::response, encode(back));
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::seat_unavailable));
  EXPECT_EQ(heard[0].to.number, 7u);
  EXPECT_EQ(router.waiting(), 0u);
  router.arrived(peer, frame_kind::response, encode(back)); // an echo
  EXPECT_EQ(heard_refusals().size(), 1u);
}

TEST_F(router_test, tries_again_where_the_shard_is_now) {
  route_to(peer);
  router.deliver(ask(7));
  say_moved(last_request());
  EXPECT_EQ(looks, 1);
  route_to(third);
  router.try_again();
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent.back().to, third);
  say_moved(last_request()); // that was not from where it is now
  shards.open({shard_of(block)});
  router.try_again();
  sched.run();
  EXPECT_TRUE(obeyed.empty()) << "it may be obeyed there";
}

TEST_F(router_test, obeys_itself_what_came_here_meanwhile) {
  router.deliver(ask(7)); // nobody has the shard
  shards.open({shard_of(block)});
  router.try_again();
  sched.run();
  ASSERT_EQ(obeyed.size(), 1u);
  EXPECT_EQ(obeyed[0].from.number, 7u);
  EXPECT_EQ(router.waiting(), 0u);
}

TEST_F(router_test, says_unavailable_when_no_way_was_found_in_time) {
  is_linked = false;
  route_to(peer);
  router.deliver(ask(7));
  now += 2s;
  router.try_again();
  EXPECT_TRUE(heard_refusals().empty());
  now += 1s;
  router.try_again();
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::unavailable));
}

TEST_F(router_test, says_unknown_when_no_answer_came_in_time) {
  route_to(peer);
  router.deliver(ask(7));
  now += 3s;
  router.try_again();
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::outcome_unknown));
}

TEST_F(router_test, says_unavailable_of_a_query_that_was_not_answered) {
  route_to(peer);
  router.deliver(ask(1, true));
  now += 2'500ms;
  router.try_again();
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::unavailable));
}

TEST_F(router_test, knows_nothing_of_cells_that_there_are_not) {
  auto stray = ask(1);
  stray.to.key = in_cell(stray.to.key, 1);
  router.deliver(std::move(stray));
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::not_found));
  EXPECT_EQ(router.waiting(), 0u);
  EXPECT_EQ(woken, 0);
}

TEST_F(router_test, repeats_after_a_lost_link_only_what_does_no_harm) {
  route_to(peer);
  auto keyed = ask(1);
  keyed.key = request_key{nth(8), 5};
  keyed.newborn = true;
  router.deliver(keyed);
  router.deliver(ask(2, true));
  router.deliver(ask(3));
  sent.clear();
  router.lost(third); // somebody else
  EXPECT_TRUE(heard_refusals().empty());
  router.lost(peer);
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::outcome_unknown));
  EXPECT_EQ(heard[0].to.number, 3u);
  route_to(third);
  router.try_again();
  ASSERT_EQ(sent.size(), 2u);
  for (const auto& frame : sent) {
    EXPECT_EQ(frame.to, third);
    EXPECT_FALSE(decode_request(frame.body).newborn) << "it may be stored";
  }
}

TEST_F(router_test, says_how_long_somebody_still_waits) {
  is_linked = false;
  route_to(peer);
  router.deliver(ask(7));
  now += 800ms;
  is_linked = true;
  router.try_again();
  EXPECT_EQ(decode_request(sent.back().body, t0).until, t0 + 1'700ms);
  auto letter = ask(0); // nobody waits for it
  letter.from = {};
  router.send_out(letter);
  EXPECT_FALSE(last_request().until);
}

TEST_F(router_test, notes_until_when_another_node_waits) {
  shards.open({shard_of(block)});
  auto from_peer = ask(0);
  from_peer.from = {0, {}, 77};
  from_peer.until = t0 + 300ms; // by the other's clock
  now += 1h;
  router.arrived(peer, frame_kind::request, encode(from_peer, t0));
  router.arrived(peer, frame_kind::request,
                 R"({"to":")" + to_string(block)
                   + R"(","command":["seat_block.close/1",{}],)"
                     R"("from":{"number":78}})"); // of an older version
  sched.run();
  ASSERT_EQ(obeyed.size(), 2u);
  EXPECT_EQ(obeyed[0].until, now + 300ms);
  EXPECT_FALSE(obeyed[1].until);
}

TEST_F(router_test, refuses_more_than_it_can_keep) {
  for (std::uint64_t n = 1; n <= 4; ++n)
    router.deliver(ask(n));
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::overloaded));
  EXPECT_EQ(router.waiting(), 3u);
}

TEST_F(router_test, lets_words_of_entities_through_the_journal_first) {
  route_to(peer);
  auto words = ask(5);
  words.from = {0, {entity_kind::booking_session, nth(1)}, 5};
  router.deliver(words);
  EXPECT_TRUE(sent.empty());
  ASSERT_EQ(journaled.size(), 1u);
  router.send_out(journaled[0]);
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(router_test, keeps_nothing_of_a_letter_that_was_sent) {
  route_to(peer);
  auto letter = ask(0);
  letter.from = {};
  router.send_out(letter);
  EXPECT_EQ(last_request().from.number, 0u);
  EXPECT_EQ(router.waiting(), 0u);
}

TEST_F(router_test, tells_other_nodes_what_is_not_here) {
  route_to(third);
  auto from_peer = ask(0);
  from_peer.from = {0, {}, 77, peer};
  router.arrived(peer, frame_kind::request, encode(from_peer));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, peer);
  EXPECT_EQ(sent[0].kind, frame_kind::moved);
  EXPECT_EQ(sent[0].body, "77");
}

TEST_F(router_test, passes_on_a_letter_that_came_to_the_wrong_node) {
  route_to(third);
  auto letter = ask(0);
  letter.from = {};
  router.arrived(peer, frame_kind::request, encode(letter));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, third);
  EXPECT_EQ(last_request().hops, 1u);
  letter.hops = 2;
  router.arrived(peer, frame_kind::request, encode(letter));
  EXPECT_EQ(sent.size(), 1u) << "three may play ball with it";
  router.try_again();
  EXPECT_EQ(sent.size(), 2u);
}

TEST_F(router_test, refuses_for_others_what_it_has_no_time_for) {
  shards.open({shard_of(block)});
  is_busy = true;
  auto from_peer = ask(0, true);
  from_peer.from = {0, {}, 77};
  router.arrived(peer, frame_kind::request, encode(from_peer));
  sched.run();
  EXPECT_TRUE(obeyed.empty());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(decode_response(sent[0].body).what.refused, errc::overloaded);
}

TEST_F(router_test, answers_the_node_that_asked) {
  shards.open({shard_of(block)});
  auto from_peer = ask(0);
  from_peer.from = {0, {}, 77};
  router.arrived(peer, frame_kind::request, encode(from_peer));
  sched.run();
  ASSERT_EQ(obeyed.size(), 1u);
  EXPECT_EQ(obeyed[0].from.node, peer);
  router.send_out(response{obeyed[0].from, answer{errc::not_held}});
  EXPECT_EQ(sent.back().to, peer);
  EXPECT_EQ(decode_response(sent.back().body).to.number, 77u);
}

TEST_F(router_test, begins_nothing_in_a_shard_that_leaves) {
  shards.open({shard_of(block)});
  router.deliver(ask(1));
  sched.run();
  shards.freeze({shard_of(block)});
  router.deliver(ask(2));
  sched.run();
  EXPECT_EQ(obeyed.size(), 1u);
  route_to(peer);
  router.try_again();
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(router_test, keeps_a_letter_for_longer_than_anybody_waits) {
  router.send_out(letter(1));
  router.deliver(ask(7));
  now += 29s;
  router.try_again();
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::unavailable));
  route_to(peer);
  router.try_again();
  EXPECT_THAT(marks(sent_requests()), testing::ElementsAre(1));
  route_to(0);
  router.send_out(letter(2));
  EXPECT_EQ(router.letters_lost(), 0u);
  now += 30s;
  router.try_again();
  EXPECT_EQ(router.letters_lost(), 1u);
  EXPECT_EQ(router.waiting(), 0u);
}

TEST_F(router_test, counts_the_letters_that_were_under_way_when_a_link_fell) {
  route_to(peer);
  router.send_out(letter(1)); // read long ago, as a beat has told
  now += 1s;
  router.send_out(letter(2));
  router.deliver(ask(1)); // somebody waits for this one, and hears of it
  now += 300ms;
  router.send_out(letter(3));
  now += 100ms;
  router.lost(third, 500ms);
  EXPECT_EQ(router.letters_in_doubt(), 0u);
  router.lost(peer, 500ms);
  EXPECT_EQ(router.letters_in_doubt(), 2u);
  router.lost(peer, 500ms); // they were counted
  EXPECT_EQ(router.letters_in_doubt(), 2u);
  EXPECT_EQ(router.letters_lost(), 0u);
}

TEST_F(router_test, keeps_no_count_of_letters_that_arrived_long_ago) {
  route_to(peer);
  for (std::uint64_t n = 1; n <= 200; ++n, now += 100ms)
    router.send_out(letter(n));
  router.lost(peer, 1h);
  EXPECT_LE(router.letters_in_doubt(), 101u);
}

TEST_F(router_test, tries_a_node_that_has_no_way_once_in_a_round) {
  is_linked = false;
  for (std::uint8_t n = 1; n <= 3; ++n) {
    auto one = letter(n);
    one.to.key = nth(n);
    shards.close({shard_of(one.to)}, peer);
    router.send_out(one);
  }
  tries = 0;
  router.try_again();
  EXPECT_EQ(tries, 1);
  is_linked = true;
  router.try_again();
  EXPECT_EQ(sent.size(), 3u);
}

TEST_F(router_test, leaves_room_for_others_when_one_node_is_away) {
  auto tight = settings();
  tight.limits.most_for_one = 2;
  cluster::router small{tight};
  route_to(peer);
  for (std::uint64_t n = 1; n <= 3; ++n)
    small.deliver(ask(n));
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::overloaded));
  auto elsewhere = ask(4);
  elsewhere.to.key = nth(4);
  shards.close({shard_of(elsewhere.to)}, third);
  small.deliver(elsewhere);
  EXPECT_EQ(sent.back().to, third);
  response back{{0, {}, decode_request(sent[0].body).from.number}, answer{}};
  small.arrived(peer, frame_kind::response, encode(back));
  small.deliver(ask(5));
  EXPECT_EQ(sent.back().to, peer);
}

TEST_F(router_test, asks_no_older_node_what_it_cannot_read) {
  spoken = 2;
  route_to(peer);
  router.deliver(ask(1, true));
  EXPECT_TRUE(sent.empty());
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::unavailable));
  auto words = ask(0, true);
  words.from = {};
  router.send_out(words);
  EXPECT_EQ(router.letters_lost(), 1u);
  router.deliver(ask(2)); // this one is old enough
  EXPECT_EQ(sent.size(), 1u);
  route_to(0);
  router.deliver(ask(3, true));
  EXPECT_EQ(heard_refusals().size(), 1u);
  route_to(third);
  router.try_again();
  EXPECT_EQ(heard_refusals().size(), 2u);
  EXPECT_EQ(sent.size(), 1u);
  spoken = 0; // no link: it may come back with a newer version
  router.deliver(ask(4, true));
  EXPECT_EQ(heard_refusals().size(), 2u);
}

TEST_F(router_test, refuses_a_request_that_it_cannot_read) {
  const auto head = R"({"to":")" + to_string(block)
                    + R"(","command":["seat_block.no_such/1",{}],"from":)";
  router.arrived(peer, frame_kind::request, head + R"({"number":77}})");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, peer);
  const auto said = decode_response(sent[0].body);
  EXPECT_EQ(said.to.number, 77u);
  EXPECT_EQ(said.what.refused, errc::unavailable);
  router.arrived(peer, frame_kind::request, head + R"({"number":0}})");
  EXPECT_EQ(sent.size(), 1u) << "nobody waits";
  EXPECT_EQ(unread, 2);
  EXPECT_THROW(router.arrived(peer, frame_kind::request, "no frame at all"),
               json::bad_shape);
}

TEST_F(router_test, says_unknown_of_an_answer_that_it_cannot_read) {
  route_to(peer);
  router.deliver(ask(1));
  router.deliver(ask(2, true));
  for (const auto& frame : std::vector{sent})
    router.arrived(peer, frame_kind::response,
                   R"({"to":{"number":)"
                     + std::to_string(decode_request(frame.body).from.number)
                     + R"(},"refused":"no_such","reply":["nothing/1",null]})"
                       "\n");
  EXPECT_THAT(heard_refusals(),
              testing::ElementsAre(errc::outcome_unknown, errc::unavailable));
  EXPECT_EQ(router.waiting(), 0u);
}

TEST_F(router_test, refuses_what_no_frame_can_hold) {
  auto tight = settings();
  tight.limits.longest_frame = 1'000;
  cluster::router small{tight};
  route_to(peer);
  seat_block::hold many;
  many.seats.assign(1, std::string(1'000, 'x'));
  auto long_one = ask(1);
  long_one.what = seat_block::command{std::move(many)};
  small.deliver(long_one);
  EXPECT_THAT(heard_refusals(), testing::ElementsAre(errc::body_too_large));
  route_to(0);
  long_one.from.number = 2;
  small.deliver(long_one);
  route_to(third); // now it is known where it belongs, and that it is too long
  small.try_again();
  EXPECT_EQ(heard_refusals().back(), errc::body_too_large);
  EXPECT_EQ(small.waiting(), 0u);
  EXPECT_TRUE(sent.empty());
  small.deliver(ask(3));
  EXPECT_EQ(sent.size(), 1u) << "others go as before";
}

TEST_F(router_test, tells_the_asker_of_an_answer_that_no_frame_can_hold) {
  auto tight = settings();
  tight.limits.longest_frame = 1'000;
  cluster::router small{tight};
  answer granted;
  granted.reply = document{200, std::string(1'000, 'x')};
  small.send_out(response{{0, {}, 77, peer}, std::move(granted)});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].to, peer);
  const auto said = decode_response(sent[0].body);
  EXPECT_EQ(said.to.number, 77u);
  EXPECT_EQ(said.what.refused, errc::outcome_unknown);
  route_to(peer);
  for (const bool is_query : {true, false}) {
    small.deliver(ask(1, is_query));
    const auto ticket = last_request().from.number;
    small.arrived(peer, frame_kind::response,
                  encode(response{{0, {}, ticket}, said.what}));
  }
  EXPECT_THAT(heard_refusals(),
              testing::ElementsAre(errc::unavailable, errc::outcome_unknown));
}

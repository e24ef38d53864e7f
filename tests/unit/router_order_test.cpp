#include "tests/support/one_router.hpp"

using namespace usher;
using namespace usher::test;

TEST_F(router_test, sends_what_waited_in_the_order_in_which_it_was_said) {
  router.send_out(letter(1)); // nobody has the shard
  router.send_out(letter(2));
  route_to(peer);
  router.send_out(letter(3)); // there is a way now, but others wait
  EXPECT_TRUE(sent.empty());
  router.try_again();
  EXPECT_THAT(marks(sent_requests()), testing::ElementsAre(1, 2, 3));
  router.send_out(letter(4));
  EXPECT_EQ(sent.size(), 4u) << "nothing waits any more";
}

TEST_F(router_test, obeys_what_waited_before_what_comes_now) {
  router.send_out(letter(1));
  router.send_out(letter(2));
  shards.open({shard_of(block)});
  router.send_out(letter(3));
  router.try_again();
  router.send_out(letter(4));
  sched.run();
  EXPECT_THAT(marks(obeyed), testing::ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(router.waiting(), 0u);
}

TEST_F(router_test, obeys_for_others_nothing_before_what_waited) {
  shards.freeze({shard_of(block)});
  router.arrived(peer, frame_kind::request, encode(letter(1)));
  shards.open({shard_of(block)}); // it was kept
  router.arrived(peer, frame_kind::request, encode(letter(2)));
  auto question = letter(3);
  question.from = {0, {}, 77};
  router.arrived(peer, frame_kind::request, encode(question));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].kind, frame_kind::moved) << "it is to come again";
  router.try_again();
  router.arrived(peer, frame_kind::request, encode(question));
  sched.run();
  EXPECT_THAT(marks(obeyed), testing::ElementsAre(1, 2, 3));
}

TEST_F(router_test, keeps_its_place_for_what_came_to_the_wrong_node) {
  route_to(peer);
  auto keyed = ask(7);
  keyed.key = request_key{nth(8), 1};
  router.deliver(keyed);
  const auto there = last_request();
  is_linked = false;
  router.send_out(letter(2));
  say_moved(there);
  is_linked = true;
  sent.clear();
  router.try_again();
  EXPECT_THAT(marks(sent_requests()), testing::ElementsAre(1, 2));
}

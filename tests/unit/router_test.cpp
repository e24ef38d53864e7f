#include "cluster/router.hpp"
#include "protocol/frame.hpp"
#include "tests/support/scenario.hpp"

#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>

/// The way of requests between nodes, seen from one of them: what it sends and
/// what it says to those who wait.
using namespace usher;
using namespace usher::test;
using cluster::frame_kind;

namespace {

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::usher>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

struct sent_frame {
  incarnation to;
  frame_kind kind;
  std::string body;
};

constexpr incarnation self = 4, peer = 9, third = 11;

struct router_test : testing::Test {
  router_test() {
    entities.add_bridge(sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{[this](responses& some) {
        for (auto& one : some.all)
          heard.push_back(std::move(one));
      }};
    }));
  }

  ~router_test() override {
    entities.close();
    sched.run();
  }

  cluster::router_settings settings() {
    cluster::router_settings out;
    out.self = self;
    out.shards = &shards;
    out.entities = &entities;
    out.send = [this](incarnation to, frame_kind kind, std::string body) {
      ++tries;
      if (is_linked)
        sent.push_back({to, kind, std::move(body)});
      return is_linked;
    };
    out.through_journal = [this](request what) {
      journaled.push_back(std::move(what));
      return journaled.size();
    };
    out.look_again = [this] { ++looks; };
    out.must_refuse = [this](const any_command&) { return is_busy; };
    out.version_of = [this](incarnation) { return spoken; };
    out.first_version = [](const any_command& what) -> std::uint16_t {
      return is_query(what) ? 3 : 1; // as if queries were new
    };
    out.unreadable = [this](incarnation, std::string_view) { ++unread; };
    out.now = [this] { return now; };
    out.limits.most_waiting = 3;
    return out;
  }

  /// A command that must not be obeyed twice, or a query.
  static request ask(std::uint64_t number, bool query = false) {
    request out;
    out.to = block;
    out.what = query ? seat_block::command{seat_block::view{}}
                     : seat_block::command{seat_block::close{}};
    out.from = {1, {}, number};
    return out;
  }

  /// What nobody waits for, marked with a number.
  static request letter(std::uint64_t mark) {
    request out;
    out.to = block;
    out.what = seat_block::command{seat_block::close{}};
    out.key = request_key{nth(8), mark};
    return out;
  }

  static std::vector<std::uint64_t> marks(const std::vector<request>& all) {
    std::vector<std::uint64_t> out;
    for (const auto& one : all)
      out.push_back(one.key->body_hash);
    return out;
  }

  std::vector<request> sent_requests() const {
    std::vector<request> out;
    for (const auto& frame : sent)
      out.push_back(decode_request(frame.body));
    return out;
  }

  void route_to(incarnation to) { shards.close({shard_of(block)}, to); }

  /// What the last frame asked for.
  request last_request() const {
    EXPECT_EQ(sent.back().kind, frame_kind::request);
    return decode_request(sent.back().body);
  }

  void say_moved(const request& what) {
    router.arrived(peer, frame_kind::moved, std::to_string(what.from.number));
  }

  std::vector<errc> heard_refusals() {
    sched.run();
    std::vector<errc> out;
    for (const auto& one : heard)
      out.push_back(one.what.refused);
    return out;
  }

  static inline const entity_id block{entity_kind::seat_block, nth(3)};

  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  timestamp now = t0;
  cluster::shard_table shards;
  int woken = 0;
  std::vector<request> obeyed;
  cluster::directory entities{
    [this](const entity_id&, cluster::revival) {
      ++woken;
      return sys.spawn([this](caf::event_based_actor*) {
        return caf::behavior{
          [this](request& what) { obeyed.push_back(std::move(what)); }};
      });
    },
    [this] { return now; },
    {},
    &shards};
  bool is_linked = true;
  bool is_busy = false;
  std::uint16_t spoken = 3;
  int unread = 0;
  int looks = 0;
  int tries = 0; // to send
  std::vector<sent_frame> sent;
  std::vector<request> journaled;
  std::vector<response> heard;
  cluster::router router{settings()};
};

} // namespace

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
  response back{{0, {}, there.from.number},
                answer{errc::seat_unavailable, {}, {}}};
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
  router.send_out(response{obeyed[0].from, answer{errc::conflict, {}, {}}});
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

/// Some entity of that shard.
entity_id one_in(shard_no shard, cell_no cell = first_cell) {
  for (;;)
    if (entity_id out{entity_kind::seat_block, in_cell(mint_uuid(), cell)};
        shard_of(out) == shard)
      return out;
}

TEST(shard_table, believes_the_database_only_of_what_is_elsewhere) {
  cluster::shard_table table;
  cluster_view seen;
  cluster_member one;
  one.self = peer;
  seen.members = {one};
  for (auto& shard : seen.shards)
    shard.owner = peer;
  table.open({1});
  table.freeze({2});
  table.see(seen, self);
  EXPECT_TRUE(table.is_here(one_in(1)));
  EXPECT_EQ(table.elsewhere(one_in(2)), 0);
  EXPECT_EQ(table.elsewhere(one_in(3)), peer);
  EXPECT_FALSE(table.is_here(one_in(2)));
  EXPECT_EQ(table.count_here(), 1u);
  seen.shards[4].owner = third; // dead
  seen.shards[5].owner = self;  // not yet open
  table.see(seen, self);
  EXPECT_EQ(table.elsewhere(one_in(4)), 0);
  EXPECT_EQ(table.elsewhere(one_in(5)), 0);
  EXPECT_FALSE(table.is_complete());
}

TEST(shard_table, keeps_shards_of_one_number_apart_by_their_cell) {
  cluster::shard_table table{1, 3};
  cluster_view other;
  cluster_member one;
  one.self = 2 * lives_of_a_cell + 1;
  other.members = {one};
  other.shards[7].owner = one.self;
  table.open({7});
  table.see_other(2, other);
  EXPECT_TRUE(table.is_here(one_in(7, 1)));
  EXPECT_FALSE(table.is_here(one_in(7, 0)));
  EXPECT_FALSE(table.is_here(one_in(7, 2)));
  EXPECT_EQ(table.elsewhere(one_in(7, 2)), one.self);
  EXPECT_EQ(table.elsewhere(one_in(7, 0)), 0);
  EXPECT_EQ(table.elsewhere(one_in(7, 1)), 0);
  EXPECT_EQ(table.elsewhere(one_in(7, 3)), 0);
  EXPECT_TRUE(table.has(2));
  EXPECT_FALSE(table.has(3));
}

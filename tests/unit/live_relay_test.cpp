#include "node/live/live_relay.hpp"
#include "tests/support/sale.hpp"

#include <gmock/gmock.h>

/// A front whose client watches, and the node that owns what he watches.
using namespace usher;
using namespace usher::test;
using cluster::frame_kind;
using testing::ElementsAre;

namespace {

constexpr incarnation front_id = 1, owner_id = 2;

struct live_relay_test : testing::Test {
  live_relay_test() {
    auto topic = std::make_shared<live_topic>();
    topic->blocks[block("A").key] = {
      "A", std::make_shared<const seat_block::floor_plan>(seats_of("A", 2, 4))};
    at_front.watch(concert, {}, topic, [this](const live_frame& frame) {
      heard.emplace_back(json::parse(*frame).at("type").as_string());
    });
  }

  relay_settings ways(incarnation self) {
    relay_settings out;
    out.send = [this, self](incarnation, frame_kind kind, std::string body) {
      if (is_linked)
        on_their_way.push_back({self, kind, std::move(body)});
      return is_linked;
    };
    out.peers = [self] {
      return std::vector<incarnation>{self == front_id ? owner_id : front_id};
    };
    out.is_elsewhere = [this, self](const entity_id&) {
      return self == front_id || !owns;
    };
    return out;
  }

  void deliver() {
    for (const auto& one : std::exchange(on_their_way, {}))
      if (one.kind == frame_kind::watch)
        (one.from == front_id ? owner : front).note(one.from, one.body);
      else if (one.kind == frame_kind::publication)
        front.take_in(one.body);
      else if (one.kind == frame_kind::missed)
        front.take_in_missed(one.body);
  }

  void go_round() {
    front.make_rounds();
    deliver();
    owner.make_rounds();
    deliver();
  }

  void cancels() {
    const entry row{{entity_kind::event, concert.value},
                    1,
                    t0,
                    encode_facts(std::vector<event::fact>{event::cancelled{}}),
                    false,
                    {}};
    EXPECT_TRUE(owner.is_watched(row));
    owner.publish({std::make_shared<const std::vector<published_entry>>(
      std::vector<published_entry>{{0, 0, row}})});
    deliver();
  }

  /// The first seat is held.
  void happens() {
    seat_block::held what;
    what.seats = {0};
    const entry row{
      block("A"), ++now, t0, encode_facts(std::vector<seat_block::fact>{what}),
      false,      {}};
    if (owner.is_watched(row))
      owner.publish({std::make_shared<const std::vector<published_entry>>(
        std::vector<published_entry>{{0, 0, row}})});
    deliver();
  }

  struct letter {
    incarnation from;
    frame_kind kind;
    std::string body;
  };

  bool is_linked = true;
  bool owns = true;
  version now = 0;
  std::vector<letter> on_their_way;
  std::vector<std::string> heard;
  live_hub at_front{[] { return t0; }};
  live_hub at_owner{[] { return t0; }};
  live_relay front{at_front, ways(front_id)};
  live_relay owner{at_owner, ways(owner_id)};
};

} // namespace

TEST_F(live_relay_test, has_clients_look_anew_once_the_owner_knows_of_them) {
  happens(); // nobody hears of it
  go_round();
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
  go_round();
  happens();
  EXPECT_THAT(heard, ElementsAre("welcome", "resync", "seat-locked"));
}

TEST_F(live_relay_test, brings_what_becomes_of_the_event_too) {
  go_round();
  cancels();
  EXPECT_THAT(heard, ElementsAre("welcome", "resync", "event-cancelled"));
}

TEST_F(live_relay_test, has_clients_look_anew_after_what_could_not_be_sent) {
  go_round();
  heard.clear();
  is_linked = false; // or the window is full
  happens();
  go_round();
  EXPECT_THAT(heard, ElementsAre());
  is_linked = true;
  go_round();
  go_round();
  EXPECT_THAT(heard, ElementsAre("resync"));
  happens();
  EXPECT_THAT(heard, ElementsAre("resync", "seat-locked"));
}

TEST_F(live_relay_test, has_clients_look_anew_after_a_broken_link) {
  go_round();
  heard.clear();
  owner.forget(front_id);
  happens();
  owner.peer_came(front_id);
  front.peer_came(owner_id);
  go_round();
  EXPECT_THAT(heard, ElementsAre("resync"));
}

TEST_F(live_relay_test, has_clients_look_anew_when_their_block_has_moved) {
  owns = false;
  go_round();
  EXPECT_THAT(heard, ElementsAre("welcome"));
  owns = true;
  owner.adopted([](const entity_id& who) { return who == block("A"); });
  owner.adopted([](const entity_id& who) { return who == block("B"); });
  go_round();
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
}

TEST_F(live_relay_test, has_its_own_clients_look_anew_when_a_block_came_here) {
  front.adopted([](const entity_id& who) { return who == block("B"); });
  EXPECT_THAT(heard, ElementsAre("welcome"));
  front.adopted([](const entity_id& who) { return who == block("A"); });
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
}

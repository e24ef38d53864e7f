#pragma once

#include "cluster/router.hpp"
#include "protocol/frame.hpp"
#include "tests/support/scenario.hpp"
#include "tests/support/scheduled.hpp"

#include <gmock/gmock.h>

/// The way of requests between nodes, seen from one of them: what it sends and
/// what it says to those who wait.
namespace usher::test {

using cluster::frame_kind;

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

  scheduled cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  timestamp now = t0;
  cluster::shard_table shards;
  int woken = 0;
  std::vector<request> obeyed;
  cluster::directory entities{
    [this](const entity_id&, birth) {
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

} // namespace usher::test

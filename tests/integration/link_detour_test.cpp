#include "cluster/detours.hpp"
#include "tests/support/link_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

/// Three nodes with real links, of which two are cut from each other.
using namespace usher;
using namespace usher::cluster;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

/// Waits for a truth, 15 s at most.
template <class Truth>
bool comes_true(Truth truth) {
  for (int i = 0; i < 1'500 && !truth(); ++i)
    std::this_thread::sleep_for(10ms);
  return truth();
}

/// A mesh, and the ways over its links.
class node_with_ways {
public:
  node_with_ways(const certificates& from, incarnation self,
                 const std::string& name)
    : settings_(node_settings(from, self, name)),
      ways(detour_ways()),
      mesh(settings_, link_events()) {
    mesh_ = &mesh;
  }

  ~node_with_ways() { mesh.close(); }

  node_with_ways(const node_with_ways&) = delete;
  node_with_ways& operator=(const node_with_ways&) = delete;

  peer_address address() const {
    return {settings_.self, settings_.name,
            "127.0.0.1:" + std::to_string(mesh.port())};
  }

  /// By whom that node is reached; 0 = not at all.
  incarnation way_to(incarnation who) const {
    const std::lock_guard guard{lock_};
    const auto found = by_.find(who);
    return found == by_.end() ? 0 : found->second;
  }

  bool finds(incarnation who, incarnation by) {
    return comes_true([&] {
      ways.make_rounds();
      return way_to(who) == by;
    });
  }

  void say(incarnation to, std::string what) {
    while (!ways.send(to, frame_kind::request, what))
      std::this_thread::sleep_for(1ms);
  }

  std::vector<std::string> heard() const {
    const std::lock_guard guard{lock_};
    return heard_;
  }

  bool hears(std::size_t count) {
    return comes_true([&] { return heard().size() >= count; });
  }

private:
  detour_settings detour_ways() {
    detour_settings out;
    out.self = settings_.self;
    out.send = [this](incarnation to, frame_kind kind, std::string body) {
      auto* links = mesh_.load();
      return links && links->send(to, kind, std::move(body));
    };
    out.arrived = [this](incarnation, frame_kind, std::string body) {
      note("by detour: " + body);
    };
    out.found = [this](incarnation to, incarnation by) {
      const std::lock_guard guard{lock_};
      by_[to] = by;
    };
    out.lost = [this](incarnation to, incarnation) {
      const std::lock_guard guard{lock_};
      by_.erase(to);
    };
    return out;
  }

  mesh_events link_events() {
    mesh_events out;
    out.arrived = [this](incarnation from, frame_kind kind, std::string body) {
      if (kind == frame_kind::reach)
        ways.note(from, body);
      else if (kind == frame_kind::relayed)
        ways.hear(from, std::move(body));
      else
        note(body);
    };
    out.up = [this](incarnation who, std::uint16_t spoken) {
      ways.link_came(who, spoken);
    };
    out.down = [this](incarnation who) { ways.link_went(who); };
    return out;
  }

  void note(const std::string& what) {
    const std::lock_guard guard{lock_};
    heard_.push_back(what);
  }

  mesh_settings settings_;
  std::atomic<cluster::mesh*> mesh_ = nullptr;
  mutable std::mutex lock_; // of the two below
  std::map<incarnation, incarnation> by_;
  std::vector<std::string> heard_;

public:
  detours ways;
  cluster::mesh mesh;
};

class link_detour : public testing::Test {
protected:
  link_detour() {
    for (auto* one : {&a, &b, &c})
      one->ways.meet({1, 2, 3});
    join();
  }

  void join() {
    for (auto* one : {&a, &b, &c})
      one->mesh.meet({a.address(), b.address(), c.address()});
  }

  /// a and b have no link, though both know that the other lives.
  void cut() {
    a.mesh.meet({a.address(), c.address()});
    b.mesh.meet({b.address(), c.address()});
  }

  certificates ours{"a b c"};
  node_with_ways a{ours, 1, "a"};
  node_with_ways b{ours, 2, "b"};
  node_with_ways c{ours, 3, "c"};
};

} // namespace

TEST_F(link_detour, helps_two_that_are_cut_until_they_have_a_link_again) {
  for (auto* one : {&a, &b})
    ASSERT_TRUE(one->finds(3, 3));
  ASSERT_TRUE(a.finds(2, 2));
  ASSERT_TRUE(b.finds(1, 1));
  cut();
  ASSERT_TRUE(a.finds(2, 3));
  ASSERT_TRUE(b.finds(1, 3));
  a.say(2, "there");
  ASSERT_TRUE(b.hears(1));
  b.say(1, "back");
  ASSERT_TRUE(a.hears(1));
  EXPECT_EQ(b.heard()[0], "by detour: there");
  EXPECT_EQ(a.heard()[0], "by detour: back");
  EXPECT_TRUE(c.heard().empty());
  EXPECT_EQ(a.ways.version(2), newest_protocol);
  join();
  ASSERT_TRUE(a.finds(2, 2));
  a.say(2, "straight");
  ASSERT_TRUE(b.hears(2));
  EXPECT_EQ(b.heard()[1], "straight");
}

TEST_F(link_detour, brings_many_frames_in_order) {
  ASSERT_TRUE(a.finds(2, 2));
  cut();
  ASSERT_TRUE(a.finds(2, 3));
  ASSERT_TRUE(b.finds(1, 3));
  constexpr std::size_t count = 2'000;
  for (std::size_t i = 0; i < count; ++i)
    a.say(2, std::to_string(i));
  ASSERT_TRUE(b.hears(count));
  const auto heard = b.heard();
  for (std::size_t i = 0; i < count; ++i)
    ASSERT_EQ(heard[i], "by detour: " + std::to_string(i));
}

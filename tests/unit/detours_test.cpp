#include "cluster/detours.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <memory>

/// A few nodes, the links between them, and what is on its way.
using namespace usher;
using namespace usher::cluster;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

using steps = std::vector<std::string>;
using pair_of_nodes = std::pair<incarnation, incarnation>;

struct frame_under_way {
  incarnation from;
  incarnation to;
  frame_kind kind;
  std::string body;
};

struct detours_test : testing::Test {
  struct node {
    node(detours_test& all, incarnation self) : ways(settings(all, self)) {}

    detour_settings settings(detours_test& all, incarnation self) {
      detour_settings out;
      out.self = self;
      out.rounds_to_notice = 1;
      out.rounds_of_rest = 2;
      out.send = [&all, self](incarnation to, frame_kind kind,
                              std::string body) {
        return all.carry({self, to, kind, std::move(body)});
      };
      out.arrived = [this](incarnation from, frame_kind, std::string body) {
        heard.push_back(std::to_string(from) + " by detour: " + body);
      };
      out.found = [this](incarnation to, incarnation by) {
        told.push_back("found " + std::to_string(to) + " by "
                       + std::to_string(by));
      };
      out.lost = [this](incarnation to, incarnation by) {
        told.push_back("lost " + std::to_string(to) + " by "
                       + std::to_string(by));
      };
      return out;
    }

    steps take_told() { return std::exchange(told, {}); }

    steps take_heard() { return std::exchange(heard, {}); }

    steps told;
    steps heard;
    detours ways;
  };

  /// So many nodes, each with a link to each, who know each other.
  void make(incarnation count, std::uint16_t version = newest_protocol) {
    std::set<incarnation> all;
    for (incarnation one = 1; one <= count; ++one) {
      nodes[one] = std::make_unique<node>(*this, one);
      all.insert(one);
    }
    for (auto& [self, one] : nodes)
      one->ways.meet(all);
    for (auto a : all)
      for (auto b : all)
        if (a < b)
          link(a, b, version);
    for (auto& [self, one] : nodes)
      one->take_told();
  }

  detours& at(incarnation self) { return nodes[self]->ways; }

  void link(incarnation a, incarnation b,
            std::uint16_t version = newest_protocol) {
    links.insert({{a, b}, {b, a}});
    at(a).link_came(b, version);
    at(b).link_came(a, version);
    run();
  }

  /// What is on its way over that link is lost.
  void cut(incarnation a, incarnation b) {
    links.erase({a, b});
    links.erase({b, a});
    std::erase_if(under_way, [&](const auto& one) {
      return (one.from == a && one.to == b) || (one.from == b && one.to == a);
    });
    at(a).link_went(b);
    at(b).link_went(a);
    run();
  }

  /// So long ago that both have noticed.
  void cut_well(incarnation a, incarnation b) {
    cut(a, b);
    go_round();
  }

  bool carry(frame_under_way what) {
    if (!links.contains({what.from, what.to})
        || full.contains({what.from, what.to}))
      return false;
    if (what.kind != frame_kind::reach)
      carried.push_back({what.from, what.to});
    under_way.push_back(std::move(what));
    return true;
  }

  /// Until nothing is on its way.
  void run() {
    while (!under_way.empty()) {
      const auto one = std::move(under_way.front());
      under_way.pop_front();
      if (one.kind == frame_kind::reach)
        at(one.to).note(one.from, one.body);
      else if (one.kind == frame_kind::relayed)
        at(one.to).hear(one.from, one.body);
      else
        nodes[one.to]->heard.push_back(std::to_string(one.from) + ": "
                                       + one.body);
    }
  }

  void go_round() {
    for (auto& [self, one] : nodes)
      one->ways.make_rounds();
    run();
  }

  bool say(incarnation from, incarnation to, const std::string& what,
           frame_kind kind = frame_kind::request) {
    const bool is_sent = at(from).send(to, kind, what);
    run();
    return is_sent;
  }

  steps told(incarnation self) { return nodes[self]->take_told(); }

  steps heard(incarnation self) { return nodes[self]->take_heard(); }

  std::map<incarnation, std::unique_ptr<node>> nodes;
  std::set<pair_of_nodes> links; // who can be sent to by whom
  std::set<pair_of_nodes> full;  // and takes no more
  std::vector<pair_of_nodes> carried;
  std::deque<frame_under_way> under_way;
};

} // namespace

TEST_F(detours_test, goes_over_links_where_there_are_some) {
  make(2);
  EXPECT_TRUE(say(1, 2, "there"));
  EXPECT_TRUE(say(2, 1, "back", frame_kind::response));
  EXPECT_THAT(heard(2), ElementsAre("1: there"));
  EXPECT_THAT(heard(1), ElementsAre("2: back"));
  EXPECT_EQ(at(1).version(2), newest_protocol);
  EXPECT_EQ(at(1).next_hop(2), 2);
  cut(1, 2);
  EXPECT_EQ(at(1).next_hop(2), 0);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 2"));
  EXPECT_FALSE(say(1, 2, "nobody"));
  EXPECT_EQ(at(1).version(2), 0);
  EXPECT_THAT(at(1).reached(), IsEmpty());
  link(1, 2);
  EXPECT_THAT(told(1), ElementsAre("found 2 by 2"));
}

TEST_F(detours_test, lets_a_third_node_help_two_that_are_cut) {
  make(3);
  cut(1, 2);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 2"));
  EXPECT_FALSE(say(1, 2, "before 2 has noticed"));
  go_round();
  EXPECT_THAT(told(1), ElementsAre("found 2 by 3"));
  EXPECT_THAT(told(2), ElementsAre("lost 1 by 1", "found 1 by 3"));
  EXPECT_THAT(told(3), IsEmpty());
  EXPECT_TRUE(say(1, 2, std::string("\0there", 6)));
  EXPECT_TRUE(say(2, 1, "back", frame_kind::response));
  EXPECT_THAT(heard(2),
              ElementsAre("1 by detour: " + std::string("\0there", 6)));
  EXPECT_THAT(heard(1), ElementsAre("2 by detour: back"));
  EXPECT_THAT(heard(3), IsEmpty());
  EXPECT_THAT(at(1).reached(), ElementsAre(2, 3));
  EXPECT_EQ(at(1).next_hop(2), 3);
  EXPECT_EQ(at(1).version(2), newest_protocol);
}

TEST_F(detours_test, loses_the_detour_with_either_of_its_links) {
  make(3);
  cut_well(1, 2);
  told(1);
  cut(2, 3);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3"));
  EXPECT_FALSE(say(1, 2, "nobody"));
  EXPECT_EQ(at(1).version(2), 0);
  EXPECT_THAT(at(1).reached(), ElementsAre(3));
  link(2, 3);
  EXPECT_THAT(told(1), ElementsAre("found 2 by 3"));
  cut(1, 3);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3", "lost 3 by 3"));
  EXPECT_THAT(at(1).reached(), IsEmpty());
}

TEST_F(detours_test, goes_by_the_smallest_and_stays_while_that_holds) {
  make(4);
  cut_well(1, 2);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 2", "found 2 by 3"));
  cut(2, 3);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3", "found 2 by 4"));
  link(2, 3);
  EXPECT_THAT(told(1), IsEmpty());
  carried.clear();
  EXPECT_TRUE(say(1, 2, "x"));
  EXPECT_THAT(carried, ElementsAre(pair_of_nodes{1, 4}, pair_of_nodes{4, 2}));
}

TEST_F(detours_test, takes_the_link_again_when_both_sides_hear_over_it) {
  make(3);
  cut_well(1, 2);
  told(1);
  // 2 has heard who dials, and its own words do not arrive.
  at(2).link_came(1, newest_protocol);
  EXPECT_TRUE(say(2, 1, "still round"));
  EXPECT_THAT(heard(1), ElementsAre("2 by detour: still round"));
  EXPECT_THAT(told(1), IsEmpty());
  at(2).link_went(1);
  link(1, 2);
  EXPECT_THAT(told(1), ElementsAre("found 2 by 2"));
  carried.clear();
  EXPECT_TRUE(say(1, 2, "x"));
  EXPECT_THAT(carried, ElementsAre(pair_of_nodes{1, 2}));
}

TEST_F(detours_test, does_not_go_round_a_window_that_is_full) {
  make(3);
  carried.clear();
  full.insert({1, 2});
  EXPECT_FALSE(say(1, 2, "x"));
  EXPECT_THAT(carried, IsEmpty());
  EXPECT_THAT(told(1), IsEmpty());
  full.clear();
  cut_well(1, 2);
  full.insert({1, 3}); // the first of the two links
  EXPECT_FALSE(say(1, 2, "x"));
}

TEST_F(detours_test, says_that_a_way_ends_where_something_was_lost) {
  make(3);
  cut_well(1, 2);
  told(1);
  full.insert({3, 2});
  EXPECT_TRUE(at(1).send(2, frame_kind::request, "a"));
  EXPECT_TRUE(at(1).send(2, frame_kind::request, "b"));
  run();
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3"));
  EXPECT_FALSE(say(1, 2, "c"));
  full.clear();
  go_round();
  EXPECT_THAT(told(1), IsEmpty()) << "it rests";
  go_round();
  EXPECT_THAT(told(1), ElementsAre("found 2 by 3"));
  EXPECT_TRUE(say(1, 2, "d"));
  EXPECT_THAT(heard(2), ElementsAre("1 by detour: d"));
}

TEST_F(detours_test, hides_no_loss_where_news_did_not_fit_into_a_window) {
  make(3);
  cut_well(1, 2);
  told(1);
  full.insert({3, 1});
  cut(2, 3);
  link(2, 3); // and it is as before
  EXPECT_THAT(told(1), IsEmpty());
  full.clear();
  go_round();
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3"));
  go_round();
  go_round();
  EXPECT_THAT(told(1), ElementsAre("found 2 by 3"));
  go_round();
  EXPECT_THAT(told(1), IsEmpty());
}

TEST_F(detours_test, asks_nothing_of_nodes_of_an_earlier_version) {
  make(3, first_with_detours - 1);
  cut_well(1, 2);
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 2"));
  EXPECT_THAT(carried, IsEmpty());
  EXPECT_TRUE(say(1, 3, "x"));
  EXPECT_THAT(heard(3), ElementsAre("1: x"));
  EXPECT_EQ(at(1).version(3), first_with_detours - 1);
}

TEST_F(detours_test, tells_nothing_to_nodes_of_an_earlier_version) {
  make(2);
  nodes[3] = std::make_unique<node>(*this, 3);
  links.insert({{1, 3}, {3, 1}});
  at(1).link_came(3, first_with_detours - 1);
  at(1).make_rounds();
  EXPECT_THAT(under_way, IsEmpty());
  EXPECT_THAT(told(2), IsEmpty()); // nor is 3 to be reached by 1
}

TEST_F(detours_test, passes_on_once_and_only_what_its_sender_says) {
  make(4);
  carried.clear();
  const auto from_1 =
    encode(relayed_frame{1, 2, frame_kind::request, "forged, or sent round"});
  at(3).hear(4, from_1);
  EXPECT_THAT(carried, IsEmpty());
  at(3).hear(1, from_1);
  EXPECT_THAT(carried, ElementsAre(pair_of_nodes{3, 2}));
  at(3).hear(1, encode(relayed_frame{1, 9, frame_kind::request, "to nobody"}));
  run();
  EXPECT_EQ(carried.size(), 1u);
}

TEST_F(detours_test, is_for_those_who_live) {
  make(3);
  cut_well(1, 2);
  told(1);
  at(1).meet({1, 3});
  EXPECT_THAT(told(1), ElementsAre("lost 2 by 3"));
  EXPECT_TRUE(say(2, 1, "of one that was buried"));
  EXPECT_THAT(heard(1), IsEmpty());
  at(1).meet({1, 2, 3});
  EXPECT_THAT(told(1), ElementsAre("found 2 by 3"));
}

TEST_F(detours_test, brings_neither_what_links_say_nor_what_visitors_ask) {
  make(3);
  cut_well(1, 2);
  for (auto kind : {frame_kind::hello, frame_kind::beat, frame_kind::refusal,
                    frame_kind::reach, frame_kind::relayed, frame_kind::inspect,
                    frame_kind::inspected_all, frame_kind{99}}) {
    EXPECT_FALSE(say(1, 2, "x", kind));
    at(2).hear(3, encode(relayed_frame{1, 2, kind, "x"}));
  }
  EXPECT_THAT(heard(2), IsEmpty());
}

TEST_F(detours_test, reads_back_what_it_wrote_and_nothing_else) {
  const std::string body("\0any bytes\xff", 11);
  const auto written =
    encode(relayed_frame{7, 1LL << 40, frame_kind::missed, body});
  const auto read = decode_relayed(written);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->origin, 7);
  EXPECT_EQ(read->target, 1LL << 40);
  EXPECT_EQ(read->kind, frame_kind::missed);
  EXPECT_EQ(read->body, body);
  const auto empty = encode(relayed_frame{7, 8, frame_kind::handoff, ""});
  ASSERT_TRUE(decode_relayed(empty));
  EXPECT_EQ(decode_relayed(empty)->body, "");
  for (std::size_t size = 0; size < empty.size(); ++size)
    EXPECT_FALSE(decode_relayed(std::string_view{empty}.substr(0, size)));
  for (auto [from, to] : {pair_of_nodes{0, 8}, {8, 0}, {-1, 8}, {8, -1}})
    EXPECT_FALSE(
      decode_relayed(encode(relayed_frame{from, to, frame_kind::request, ""})));
  make(2);
  EXPECT_THROW(at(1).hear(2, "short"), json::bad_shape);
  for (const auto* junk : {"", "{}", "[7]", R"([{"who":"x"}])"})
    EXPECT_THROW(at(1).note(2, junk), json::bad_shape) << junk;
}

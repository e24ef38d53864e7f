#include "node/live/live_hub.hpp"
#include "tests/support/sale.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

namespace {

std::shared_ptr<const live_topic> topic_of_section_a() {
  auto out = std::make_shared<live_topic>();
  out->blocks[block("A").key] = {
    "A", std::make_shared<const seat_block::floor_plan>(seats_of("A", 2, 4))};
  return out;
}

/// The row after which section A has that version: its first seat is held.
entry held_at(version now) {
  seat_block::held what;
  what.seats = {0};
  return {block("A"), now,
          t0,         encode_facts(std::vector<seat_block::fact>{what}),
          false,      {}};
}

entry event_row(version now, const std::vector<event::fact>& what) {
  return {{entity_kind::event, concert.value},
          now,
          t0,
          encode_facts(what),
          false,
          {}};
}

struct live_hub_test : testing::Test {
  /// Watches, and hears `type` or `type+n`, n from the version of `welcome`.
  std::uint64_t watch(std::optional<version> from = {}) {
    if (!from)
      return watch_behind({});
    return watch_behind(live_mark{feed, *from});
  }

  std::uint64_t watch_behind(std::optional<live_mark> from) {
    heard.clear();
    return hub.watch(concert, from, topic, [this](const live_frame& frame) {
      const auto said = json::parse(*frame);
      const auto& type = said.at("type").as_string();
      last = json::get<version>(said.at("version"));
      if (type == "welcome") {
        welcome = last;
        feed = json::get<uuid>(said.at("feed"));
      }
      heard.push_back(std::string{type}
                      + (last > welcome ? '+' + std::to_string(last - welcome)
                                        : std::string{}));
    });
  }

  /// What becomes durable reaches the hub only if it is watched.
  void happens(version n) {
    if (hub.is_watched(held_at(n)))
      publish(n);
  }

  void publish(version n) { publish(held_at(n)); }

  void publish(const entry& row) {
    hub.publish({std::make_shared<const std::vector<published_entry>>(
      std::vector<published_entry>{{0, 0, row}})});
  }

  void happens(const entry& row) {
    if (hub.is_watched(row))
      publish(row);
  }

  timestamp now = t0;
  live_hub hub{[this] { return now; }};
  std::shared_ptr<const live_topic> topic = topic_of_section_a();
  std::vector<std::string> heard;
  uuid feed;
  version welcome = 0;
  version last = 0;
};

} // namespace

TEST(live_hub, knows_the_topic_while_somebody_watches_and_a_minute_longer) {
  auto now = t0;
  live_hub hub{[&] { return now; }};
  const auto topic = std::make_shared<const live_topic>();
  const auto listen = [](const live_frame&) {};
  EXPECT_FALSE(hub.topic_of(concert));
  const auto number = hub.watch(concert, {}, topic, listen);
  EXPECT_EQ(hub.topic_of(concert), topic);
  hub.stop(concert, number);
  now += 59s;
  const event_id other{nth(77)};
  hub.stop(other, hub.watch(other, {}, topic, listen));
  EXPECT_EQ(hub.topic_of(concert), topic);
  now += 1s;
  hub.watch(other, {}, topic, listen);
  EXPECT_FALSE(hub.topic_of(concert));
}

TEST_F(live_hub_test, tells_who_comes_back_what_came_while_nobody_watched) {
  const auto number = watch();
  happens(1);
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked+1"));
  const auto left_at = last;
  hub.stop(concert, number);
  happens(2);
  now += 59s;
  happens(3);
  watch(left_at);
  EXPECT_EQ(last, left_at + 2);
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked", "seat-locked"));
}

TEST_F(live_hub_test, follows_nothing_that_nobody_came_back_to_for_a_minute) {
  hub.stop(concert, watch());
  EXPECT_THAT(hub.watched(),
              UnorderedElementsAre(concert.value, block("A").key));
  now += 1min;
  EXPECT_THAT(hub.watched(), IsEmpty());
  EXPECT_FALSE(hub.is_watched(held_at(1)));
  const auto left_at = last;
  watch(left_at);
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
  hub.stop(concert, 2);
  now += 1min;
  happens(1); // the last that is put into words for nobody
  EXPECT_FALSE(hub.is_watched(held_at(2)));
}

TEST_F(live_hub_test, resumes_nothing_behind_the_version_of_another_feed) {
  live_hub there{[this] { return now; }}; // another node
  uuid abroad;
  version left_at = 0;
  there.watch(concert, {}, topic, [&](const live_frame& frame) {
    const auto said = json::parse(*frame);
    abroad = json::get<uuid>(said.at("feed"));
    left_at = json::get<version>(said.at("version"));
  });
  watch();
  happens(1);
  EXPECT_NE(feed, abroad);
  ASSERT_LT(left_at, last); // among what is kept here
  for (const auto& from : {live_mark{abroad, left_at}, live_mark{{}, left_at}})
    for (const auto more : {0u, 1u}) {
      watch_behind(live_mark{from.feed, from.last + more});
      EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
    }
  watch(left_at); // the same number, of this feed
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked"));
}

TEST_F(live_hub_test, begins_another_feed_once_it_has_forgotten_the_event) {
  const auto number = watch();
  const auto first = feed;
  hub.stop(concert, number);
  watch(last);
  EXPECT_EQ(feed, first);
  hub.stop(concert, number + 1);
  now += 1min;
  watch(last);
  EXPECT_NE(feed, first);
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
}

TEST_F(live_hub_test, tells_who_is_too_far_behind_to_look_anew) {
  watch();
  for (version n = 1; n <= live_hub::most_resumed + 1; ++n)
    happens(n);
  const auto start = welcome;
  watch(start + 1);
  EXPECT_EQ(heard.size(), 1 + live_hub::most_resumed);
  watch(start);
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
}

TEST_F(live_hub_test, tells_to_look_anew_where_a_row_of_a_block_is_missing) {
  watch();
  happens(7); // what was before does not matter
  happens(8);
  happens(10);
  happens(9); // too late, from a former owner
  happens(11);
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked+1", "seat-locked+2",
                                 "resync+3", "seat-locked+4", "seat-locked+5"));
  const auto start = welcome;
  watch(start + 2);
  EXPECT_THAT(heard, ElementsAre("welcome", "resync"));
  watch(start + 3);
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked", "seat-locked"));
}

TEST_F(live_hub_test, tells_what_becomes_of_the_sale) {
  watch();
  happens(event_row(5, {event::paused{true}}));
  happens(event_row(6, {event::paused{false}}));
  happens(event_row(7, {event::stock_changed{"A", true, 9}}));
  happens(event_row(8, {event::stock_changed{"A", false, 10}}));
  happens(event_row(9, {event::sale_started{}, event::ended{}}));
  happens(event_row(10, {event::cancelled{ada}}));
  EXPECT_THAT(heard, ElementsAre("welcome", "event-paused+1", "event-resumed+2",
                                 "section-sold-out+3", "section-available+4",
                                 "event-cancelled+5"));
  const auto start = welcome;
  watch(start + 4); // who comes back hears of it, too
  EXPECT_THAT(heard, ElementsAre("welcome", "event-cancelled"));
}

TEST_F(live_hub_test, names_the_section_that_is_sold_out_and_nobody) {
  std::vector<std::string> texts;
  hub.watch(concert, {}, topic,
            [&](const live_frame& frame) { texts.push_back(*frame); });
  happens(event_row(5, {event::stock_changed{"A", true, 9}}));
  happens(event_row(6, {event::cancelled{ada}}));
  ASSERT_EQ(texts.size(), 3u);
  EXPECT_EQ(json::parse(texts[1]).at("section").as_string(), "A");
  EXPECT_EQ(texts[2].find(to_string(ada.value)), std::string::npos);
}

TEST_F(live_hub_test, tells_to_look_anew_where_a_row_of_the_event_is_missing) {
  watch();
  happens(event_row(5, {event::paused{true}}));
  happens(event_row(7, {event::paused{true}}));
  hub.resync({concert.value});
  happens(event_row(9, {event::cancelled{ada}}));
  EXPECT_THAT(heard,
              ElementsAre("welcome", "event-paused+1", "resync+2",
                          "event-paused+3", "resync+4", "event-cancelled+5"));
}

TEST_F(live_hub_test, tells_to_look_anew_when_something_may_be_missing) {
  watch();
  happens(1);
  hub.resync({block("A").key, block("B").key});
  happens(3);
  hub.resync({block("B").key});
  EXPECT_THAT(heard, ElementsAre("welcome", "seat-locked+1", "resync+2",
                                 "seat-locked+3"));
}

TEST_F(live_hub_test, knows_when_somebody_was_last_told_to_look) {
  EXPECT_EQ(hub.last_look(concert), 0u);
  watch();
  const auto first = hub.last_look(concert);
  EXPECT_GT(first, 0u);
  happens(1);
  watch(last); // knows all
  EXPECT_EQ(hub.last_look(concert), first);
  watch(1); // too long ago
  const auto second = hub.last_look(concert);
  EXPECT_GT(second, first);
  watch_behind(live_mark{nth(78), last}); // of another feed
  EXPECT_GT(hub.last_look(concert), second);
  const auto third = hub.last_look(concert);
  hub.resync({block("A").key});
  EXPECT_GT(hub.last_look(concert), third);
  EXPECT_EQ(hub.last_look({nth(77)}), 0u);
}

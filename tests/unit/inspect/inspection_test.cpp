#include "node/inspect/inspection.hpp"
#include "node/inspect/shapes.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

#include <random>

using namespace usher;
using namespace usher::test;
using cluster::dead_letters;
using cluster::heat;

namespace {

entity_id block(std::uint8_t n) {
  return {entity_kind::seat_block, nth(n)};
}

request hold(std::uint8_t n, std::uint8_t session) {
  return {block(n), seat_block::hold{{nth(session)}, {"A-1"}, t0}, {1, {}, 7}};
}

struct config : caf::actor_system_config {
  config() { add_message_types<caf::id_block::usher>(); }
};

/// A node of entities that tell what they are told to, or nothing.
struct inspection_test : testing::Test {
  inspection_test() {
    in.name = "one";
    in.self = 7;
    in.entities = &entities;
    in.writer = std::make_shared<persistence::writer_gauge>();
    in.lists = std::make_shared<persistence::projector_gauge>();
    in.now = [] { return t0 + 5s; };
    in.count = [] { return inspect::counters{}; };
    in.state = [] { return std::string{"serving"}; };
    in.staff = [] { return boost::json::array{}; };
  }

  ~inspection_test() override { entities.close(); }

  caf::actor make(const entity_id& who) {
    if (who == block(99))
      return sys.spawn([](caf::event_based_actor*) {
        return caf::behavior{[](const request&) {}, [](const look&) {}};
      });
    return sys.spawn([who](caf::event_based_actor*) {
      return caf::behavior{[](const request&) {},
                           [who](const look& how) {
                             how.tell({who, who.key.bytes[15], 1, true, 60,
                                       duration{2'000}, 4,
                                       R"({"state":{"is_open":true,)"
                                       R"("secret":"x"},"answers":[]})"});
                           }};
    });
  }

  boost::json::object ask(const char* question,
                          cluster::rights rights = cluster::rights::inspector) {
    inspect::inspection it(in);
    return boost::json::parse(it.answer(question, rights, "admin")).as_object();
  }

  std::string refusal(const char* question,
                      cluster::rights rights = cluster::rights::inspector) {
    const auto said = ask(question, rights);
    return said.contains("refused")
             ? boost::json::value_to<std::string>(said.at("refused"))
             : "";
  }

  config cfg;
  caf::actor_system sys{cfg};
  timestamp now = t0;
  cluster::directory entities{
    [this](const entity_id& who, birth) { return make(who); },
    [this] { return now; },
    {}};
  inspect::insides in;
};

} // namespace

// -- heat

TEST(heat, counts_exactly_while_there_is_room) {
  heat it(2);
  for (int n : {1, 2, 1, 1})
    it.count(block(static_cast<std::uint8_t>(n)));
  EXPECT_THAT(it.all(),
              testing::UnorderedElementsAre(cluster::warmth{block(1), 3, 0},
                                            cluster::warmth{block(2), 1, 0}));
}

TEST(heat, keeps_what_is_counted_most_and_bounds_its_error) {
  heat it(16);
  std::mt19937 draw{7};
  std::map<entity_id, std::uint64_t> truth;
  for (int i = 0; i < 20'000; ++i) {
    const auto who = block(static_cast<std::uint8_t>(
      i % 3 == 0 ? 1 : std::uniform_int_distribution<>{2, 250}(draw)));
    ++truth[who];
    it.count(who);
  }
  EXPECT_EQ(it.all().size(), 16u);
  bool is_there = false;
  for (const auto& one : it.all()) {
    is_there |= one.entity == block(1);
    EXPECT_GE(one.count, truth[one.entity]);
    EXPECT_LE(one.count - one.error, truth[one.entity]);
  }
  EXPECT_TRUE(is_there);
}

// -- dead letters

TEST(dead_letters, are_commands_that_crash_twice) {
  dead_letters it;
  it.note(hold(1, 5), "boom", t0);
  it.note(hold(1, 6), "boom", t0);
  it.note(hold(2, 5), "boom", t0);
  EXPECT_TRUE(it.all().empty());
  it.note(hold(1, 5), "boom again", t0 + 1s);
  const auto all = it.all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].number, 1u);
  EXPECT_EQ(all[0].crashes, 2u);
  EXPECT_EQ(all[0].why, "boom again");
  EXPECT_EQ(all[0].what.to, block(1));
  EXPECT_EQ(all[0].what.from.number, 0u) << "nobody waits any more";
}

TEST(dead_letters, say_the_same_whenever_they_were_to_be_obeyed) {
  dead_letters it;
  for (const auto patience : {1s, 2s}) {
    auto again = hold(1, 5);
    again.until = t0 + patience;
    again.newborn = patience == 1s;
    again.by.id = mint_uuid();
    again.hops = patience == 1s ? 0 : 1;
    it.note(std::move(again), "boom", t0);
  }
  const auto letter = it.take(1);
  ASSERT_TRUE(letter) << "the second try has another deadline, way and trace";
  EXPECT_FALSE(letter->what.until) << "or it could never be delivered again";
}

TEST(dead_letters, are_taken_once_and_forgotten_by_entity) {
  dead_letters it;
  for (int i = 0; i < 2; ++i)
    for (const std::uint8_t n : std::initializer_list<std::uint8_t>{1, 2})
      it.note(hold(n, 5), "boom", t0);
  EXPECT_FALSE(it.take(0));
  EXPECT_FALSE(it.take(9));
  EXPECT_FALSE(it.find(0));
  EXPECT_TRUE(it.find(1)) << "that takes nothing";
  EXPECT_TRUE(it.take(1));
  EXPECT_FALSE(it.take(1));
  EXPECT_EQ(it.forget(block(2)), 1u);
  EXPECT_TRUE(it.all().empty());
}

TEST(dead_letters, are_bounded) {
  dead_letters it;
  for (std::uint8_t n = 0; n < 150; ++n)
    it.note(hold(n, 1), "once", t0);
  for (int i = 0; i < 2; ++i)
    for (std::uint8_t n = 0; n < 150; ++n)
      it.note(hold(n, 2), "twice", t0);
  EXPECT_LE(it.all().size(), 100u);
}

// -- the inspection

TEST_F(inspection_test, tells_of_entities_what_they_tell) {
  for (const std::uint8_t n : std::initializer_list<std::uint8_t>{3, 5, 4})
    entities.deliver(hold(n, 1));
  const auto said =
    ask(R"({"ask":"actors","kind":"seat_block","sort":"mailbox","limit":2})");
  const auto& rows = said.at("actors").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(
    boost::json::serialize(rows[0]),
    R"({"entity":")" + to_string(block(5))
      + R"(","mailbox":5,"waiting":1,"asking":true,"heard":60,)"
        R"("per_second":3E1,"version":4,"age_ms":2000,"idle_ms":5000})");
  EXPECT_EQ(said.at("total"), boost::json::value(3));
  EXPECT_EQ(said.at("cut"), boost::json::value(true));
}

TEST_F(inspection_test, shows_the_busy_without_figures) {
  entities.deliver(hold(99, 1));
  const auto said = ask(R"({"ask":"actors","sort":"mailbox"})");
  EXPECT_TRUE(said.at("actors").at(0).at("mailbox").is_null());
  EXPECT_EQ(said.at("silent"), boost::json::value(1));
  const auto state =
    ask(("{\"ask\":\"state\",\"entity\":\"" + to_string(block(99)) + "\"}")
          .c_str());
  EXPECT_EQ(state.at("resident"), boost::json::value(true));
  EXPECT_TRUE(state.at("state").is_null());
}

TEST_F(inspection_test, redacts_what_an_entity_folds) {
  entities.deliver(hold(3, 1));
  const auto state = ask(
    ("{\"ask\":\"state\",\"entity\":\"" + to_string(block(3)) + "\"}").c_str());
  EXPECT_EQ(boost::json::serialize(state.at("state")),
            R"({"is_open":true,"secret":"[redacted]"})");
  EXPECT_EQ(
    ask(("{\"ask\":\"state\",\"entity\":\"" + to_string(block(4)) + "\"}")
          .c_str())
      .at("resident"),
    boost::json::value(false));
}

TEST_F(inspection_test, counts_only_while_somebody_watches) {
  entities.deliver(hold(3, 1));
  EXPECT_TRUE(ask(R"({"ask":"hot"})").at("hot").as_array().empty());
  for (const std::uint8_t n : std::initializer_list<std::uint8_t>{3, 3, 5})
    entities.deliver(hold(n, 1));
  const auto said = ask(R"({"ask":"hot"})");
  const auto& rows = said.at("hot").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("deliveries"), boost::json::value(2));
}

TEST_F(inspection_test, counts_anew_each_minute) {
  const auto hot = [this] {
    return ask(R"({"ask":"hot","window_ms":60000})").at("hot").as_array();
  };
  hot();
  entities.deliver(hold(3, 1));
  now += 59s;
  EXPECT_EQ(hot().size(), 1u);
  now += 1s;
  EXPECT_EQ(hot().size(), 1u) << "what was counted is told once more";
  EXPECT_TRUE(hot().empty());
}

TEST_F(inspection_test, counts_as_long_as_it_was_asked_to) {
  ask(R"({"ask":"hot","window_ms":30000})");
  now += 29s;
  for (int i = 0; i < 64; ++i)
    entities.sweep();
  entities.deliver(hold(3, 1));
  EXPECT_EQ(ask(R"({"ask":"hot"})").at("hot").as_array().size(), 1u);
}

TEST_F(inspection_test, refuses_what_makes_no_sense_or_is_not_allowed) {
  EXPECT_NE(refusal("no JSON"), "");
  EXPECT_NE(refusal("[]"), "");
  EXPECT_NE(refusal("{}"), "");
  EXPECT_THAT(refusal(R"({"ask":"\u001b[2Jx"})"),
              testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_NE(refusal(R"({"ask":"actors","kind":"dog"})"), "");
  EXPECT_NE(refusal(R"({"ask":"state","entity":"x"})"), "");
  EXPECT_NE(refusal(R"({"ask":"node"})", cluster::rights::none), "");
  EXPECT_THAT(
    refusal(R"({"do":"restart","words":["x"]})", cluster::rights::inspector),
    testing::HasSubstr("administrator"));
  EXPECT_NE(
    refusal(R"({"do":"explode","words":["x"]})", cluster::rights::admin), "");
}

TEST_F(inspection_test, keeps_its_answers_schema) {
  const auto names = [](const boost::json::object& said) {
    std::vector<std::string> out;
    for (const auto& member : said)
      out.emplace_back(member.key().data(), member.key().size());
    return out;
  };
  EXPECT_THAT(
    names(ask(R"({"ask":"node"})")),
    testing::ElementsAre("name", "incarnation", "state", "residents",
                         "quarantined", "dead_letters", "requests_per_second",
                         "appends_per_second", "p50_ms", "p99_ms", "commit_ms",
                         "journal_waiting", "journal_stalled", "lists_waiting",
                         "lists_shards_behind", "lag_ms", "links"));
  EXPECT_THAT(names(ask(R"({"ask":"tree"})").at("tree").as_object()),
              testing::ElementsAre("name", "state", "children"));
  EXPECT_TRUE(ask(R"({"ask":"node"})").at("requests_per_second").is_null());
}

TEST_F(inspection_test, tells_how_far_the_lists_are_behind_at_that_moment) {
  const auto lag = [this] { return ask(R"({"ask":"node"})").at("lag_ms"); };
  EXPECT_EQ(lag(), 0);
  in.lists->lacking_since = t0 + 2s;
  EXPECT_EQ(lag(), 3'000);
  in.now = [] { return t0 + 65s; };
  EXPECT_EQ(lag(), 63'000) << "nothing was listed meanwhile";
  in.now = [] { return t0; };
  EXPECT_EQ(lag(), 0);
}

#include "node/inspect/cli/top_model.hpp"

#include <gmock/gmock.h>

using namespace usher::inspect;

namespace {

boost::json::array nodes() {
  return boost::json::parse(R"([
    {"incarnation":1,"name":"one","state":"serving","shards":128,"live":
      {"residents":5200,"requests_per_second":1234.5,"p50_ms":1.25,
       "p99_ms":9.0,"appends_per_second":88.0,"journal_waiting":3,"lag_ms":12}},
    {"incarnation":2,"name":"two","state":"overdue","shards":128,"live":null}])")
    .as_array();
}

boost::json::array hot() {
  return boost::json::parse(R"([
    {"entity":"seat_block:01a1fc77-b8cf-7000-9c07-ce6333ab6151","node":"one",
     "per_second":900.25},
    {"entity":"event:01a1fc77-b8cf-7000-9c07-ce6333ab6152","node":"two",
     "per_second":3.0}])")
    .as_array();
}

std::string text_of(const top_model& model, std::size_t rows = 24,
                    std::size_t columns = 80) {
  const auto lines = model.screen(rows, columns);
  EXPECT_EQ(lines.size(), rows);
  std::string out;
  for (const auto& line : lines) {
    EXPECT_LE(line.text.size(), columns) << line.text;
    out += line.text + '\n';
  }
  return out;
}

struct top_model_test : testing::Test {
  top_model_test() { model.take("2026-11-21T10:00:00Z", nodes(), hot(), {}); }

  void type(std::string_view keys) {
    for (char key : keys)
      model.press(key);
  }

  top_model model;
};

} // namespace

TEST_F(top_model_test, shows_nodes_and_hot_entities_in_80_columns) {
  const auto shown = text_of(model);
  EXPECT_THAT(shown, testing::HasSubstr(
                       "one         serving    128    5200  1234.5    1.2    "
                       "9.0    88.0     3     12"));
  EXPECT_THAT(shown, testing::HasSubstr(
                       "two         overdue    128       -       -      -      "
                       "-       -     -      -"));
  EXPECT_THAT(shown, testing::HasSubstr("seat_block:01a1fc77"));
  EXPECT_THAT(shown, testing::HasSubstr("2 nodes  1234.5 req/s"));
}

TEST_F(top_model_test, fits_any_terminal) {
  for (std::size_t rows : {1, 2, 5, 24, 60})
    for (std::size_t columns : {1, 20, 80, 200})
      text_of(model, rows, columns);
  top_model empty;
  text_of(empty, 3, 10);
}

TEST_F(top_model_test, sorts_nodes_by_what_is_known) {
  model.take("", boost::json::array{nodes()[1], nodes()[0]}, {}, {});
  const auto before = text_of(model);
  EXPECT_LT(before.find("two  "), before.find("one  "));
  type("s");
  const auto after = text_of(model);
  EXPECT_LT(after.find("one  "), after.find("two  "));
  EXPECT_THAT(after, testing::HasSubstr("sort: requests_per_second"));
}

TEST_F(top_model_test, filters_and_opens_the_chosen_entity) {
  EXPECT_THAT(model.chosen(), testing::StartsWith("seat_block:"));
  model.press(special_key::down);
  EXPECT_THAT(model.chosen(), testing::StartsWith("event:"));
  type("/seat_q");
  EXPECT_EQ(model.chosen(), "");
  model.press(special_key::backspace);
  model.press(special_key::backspace);
  EXPECT_EQ(model.press(special_key::enter), wish::nothing);
  EXPECT_THAT(model.chosen(), testing::StartsWith("seat_block:"));
  EXPECT_EQ(model.press(special_key::enter), wish::open);
  model.show("seat_block:x", "line 1\nline 2\x1b[31m\n");
  EXPECT_THAT(text_of(model), testing::HasSubstr("line 1\nline 2\n"));
  model.press(special_key::down);
  EXPECT_THAT(text_of(model), testing::Not(testing::HasSubstr("line 1")));
  EXPECT_EQ(model.press('q'), wish::nothing);
  EXPECT_EQ(model.press('q'), wish::quit);
}

TEST_F(top_model_test, shows_the_living_before_the_dead) {
  boost::json::array all;
  for (int i = 0; i < 10; ++i)
    all.push_back(boost::json::object{
      {"incarnation", i}, {"name", "old"}, {"state", "dead"}, {"shards", 999}});
  for (auto& one : nodes())
    all.push_back(one);
  model.take("", all, hot(), {});
  for (const auto* keys : {"", "s", "sss", "s"}) {
    type(keys);
    const auto shown = text_of(model);
    EXPECT_LT(shown.find("one  "), shown.find("old  ")) << shown;
    EXPECT_LT(shown.find("two  "), shown.find("old  ")) << shown;
  }
}

TEST_F(top_model_test, shows_what_is_missing_as_missing) {
  top_model fresh;
  EXPECT_THAT(text_of(fresh), testing::HasSubstr("- nodes  - req/s"));
  fresh.lose({"PostgreSQL hangs"});
  EXPECT_THAT(text_of(fresh), testing::HasSubstr("- nodes  - req/s"));
  EXPECT_THAT(text_of(fresh), testing::HasSubstr("! PostgreSQL hangs"));
  fresh.take("", boost::json::array{nodes()[1]}, {}, {});
  EXPECT_THAT(text_of(fresh), testing::HasSubstr("1 node  - req/s"));
}

TEST_F(top_model_test, keeps_what_was_known_and_says_that_it_is_old) {
  model.lose({"PostgreSQL hangs"});
  EXPECT_THAT(text_of(model),
              testing::HasSubstr("10:00:00Z OLD  2 nodes  1234.5 req/s"));
  EXPECT_THAT(text_of(model), testing::HasSubstr("! PostgreSQL hangs"));
  model.take("2027", nodes(), hot(), {});
  EXPECT_THAT(text_of(model), testing::Not(testing::HasSubstr("OLD")));
}

TEST_F(top_model_test, stands_still_while_paused) {
  type("p");
  model.take("2027", {}, {}, {"trouble"});
  EXPECT_THAT(text_of(model), testing::HasSubstr("PAUSED"));
  EXPECT_THAT(text_of(model), testing::HasSubstr("2026"));
  type("p");
  model.take("2027", {}, {}, {"tro\x1b[2Juble"});
  EXPECT_THAT(text_of(model), testing::HasSubstr("! trouble"));
}

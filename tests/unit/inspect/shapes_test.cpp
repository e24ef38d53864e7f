#include "node/inspect/shapes.hpp"
#include "tests/support/every_fact.hpp"

#include <gmock/gmock.h>

#include <regex>
#include <set>

using namespace usher;
using namespace usher::inspect;

namespace {

std::string shown_fact(std::string_view name, std::string_view body) {
  return boost::json::serialize(
    show_facts("[[\"" + std::string{name} + "\"," + std::string{body} + "]]"));
}

} // namespace

TEST(text_fields, names_every_text_of_every_fact_and_state_and_nothing_else) {
  std::set<std::pair<std::string, std::string>> listed;
  for (const auto& one : text_fields())
    EXPECT_TRUE(listed.emplace(one.scope, one.path).second)
      << one.scope << ' ' << one.path << " is there twice";
  const auto all = all_texts();
  EXPECT_THAT(listed, testing::UnorderedElementsAreArray(all));
}

TEST(text_fields, hides_whatever_is_called_like_a_secret_or_a_person) {
  const std::regex delicate{
    "(email|phone|hash|token|secret|password|user_name|first_name|last_name|"
    "reason)"};
  for (const auto& one : text_fields()) {
    const std::string path{one.path};
    EXPECT_FALSE(one.is_shown && std::regex_search(path, delicate))
      << one.scope << ' ' << path;
  }
}

TEST(show_facts, shows_texts_of_facts_only_where_one_may_be_shown) {
  test::for_each_kind_of_fact([](auto kind) {
    using fact = typename decltype(kind)::type;
    for (const auto& one : test::every_fact<fact>()) {
      const auto name =
        std::visit([](const auto& x) { return x.fact_name; }, one);
      const auto text =
        boost::json::serialize(show_facts(encode_facts(std::vector{one})));
      const auto fields = text_fields();
      const auto count = std::ranges::count_if(fields, [&](const auto& field) {
        return field.scope == name && field.is_shown
               && !field.path.starts_with("family") && field.path != "revealed";
      });
      // The filler writes `text "1" ..` into every text.
      EXPECT_EQ(text.find("text \\\"") != std::string::npos, count > 0) << text;
    }
  });
}

TEST(show_facts, redacts_an_account_and_shows_its_times) {
  account::registered what;
  what.who = {"ada@mail.example", "ada", "Ada", "Lovelace", "+44 1"};
  what.password_hash = "$argon2id$v=19$secret";
  what.at = timestamp{duration{1'700'000'000'000}};
  const auto text = boost::json::serialize(
    show_facts(encode_facts(std::vector<account::fact>{what})));
  for (const auto* secret : {"ada", "Ada", "Lovelace", "+44", "argon2"})
    EXPECT_EQ(text.find(secret), std::string::npos) << text;
  EXPECT_THAT(text, testing::HasSubstr(R"("at":"2023-11-14T22:13:20.000Z")"));
}

TEST(show_facts, keeps_the_secret_of_a_draw_until_it_is_drawn) {
  const uuid secret{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  waiting_room::opened room;
  room.draw_secret = secret;
  const auto before = boost::json::serialize(
    show_facts(encode_facts(std::vector<waiting_room::fact>{room})));
  EXPECT_THAT(before, testing::HasSubstr(R"("draw_secret":"[redacted]")"));
  const auto after = boost::json::serialize(show_facts(encode_facts(
    std::vector<waiting_room::fact>{waiting_room::drawn{7, 2, secret}})));
  EXPECT_THAT(after, testing::HasSubstr(to_string(secret)));
}

TEST(show_facts, shows_nothing_as_null_and_never_as_zero) {
  const auto text = shown_fact(
    "booking_session.opened/1",
    R"({"event":"00000000-0000-0000-0000-000000000000","email":"","at":0})");
  EXPECT_THAT(text, testing::HasSubstr(R"("event":null)"));
  EXPECT_THAT(text, testing::HasSubstr(R"("email":null)"));
  EXPECT_THAT(text, testing::HasSubstr(R"("at":null)"));
}

TEST(show_facts, redacts_what_a_newer_version_wrote) {
  EXPECT_EQ(shown_fact("account.renamed/1", R"({"who":"Ada"})"),
            R"([{"fact":"account.renamed/1","body":"[redacted]"}])");
  EXPECT_EQ(shown_fact("organization.created/1",
                       R"({"name":"Hall","contact":"Ada","fee":7})"),
            R"([{"fact":"organization.created/1","body":{"name":"Hall",)"
            R"("contact":"[redacted]","fee":"[redacted]"}}])");
}

TEST(show_facts, redacts_a_value_of_another_shape) {
  EXPECT_EQ(shown_fact("organization.created/1", R"({"name":{"first":"Ada"}})"),
            R"([{"fact":"organization.created/1","body":)"
            R"({"name":"[redacted]"}}])");
}

TEST(show_facts, says_null_for_what_cannot_be_read) {
  for (const auto* row : {"", "{", "{}", "[[1,2]]", "[[\"a\"]]"})
    EXPECT_TRUE(show_facts(row).is_null()) << row;
}

TEST(show_facts, strips_escapes_from_shown_texts_and_names) {
  EXPECT_EQ(shown_fact("organization.created/1", R"({"name":"\u001b[31mA"})"),
            R"([{"fact":"organization.created/1","body":{"name":"A"}}])");
  EXPECT_EQ(shown_fact("x\\u001b[2J", "{}"),
            R"([{"fact":"x","body":"[redacted]"}])");
}

TEST(show_fold, turns_maps_into_objects_and_hides_stored_answers) {
  const auto text = boost::json::serialize(show_fold(
    entity_kind::account,
    R"({"state":{"families":[["00000000-0000-0000-0000-000000000007",)"
    R"({"token_hash":"secret","until":1000}]]},"answers":[{"request":)"
    R"("00000000-0000-0000-0000-000000000009","body_hash":5,"status":201,)"
    R"("at":2000,"answer":"{\"email\":\"ada\"}"}]})"));
  EXPECT_EQ(
    text, R"({"state":{"families":{"00000000-0000-0000-0000-000000000007":)"
          R"({"token_hash":"[redacted]","until":"1970-01-01T00:00:01.000Z"}}},)"
          R"("answers":[{"request":"00000000-0000-0000-0000-000000000009",)"
          R"("status":201,"at":"1970-01-01T00:00:02.000Z"}]})");
}

TEST(parse_entity, reads_a_kind_with_an_id_or_the_id_alone) {
  const std::string id = "01a1fc77-b8cf-7000-9c07-ce6333ab6151";
  EXPECT_EQ(parse_entity("seat_block:" + id)->kind, entity_kind::seat_block);
  EXPECT_FALSE(parse_entity(id)->kind);
  EXPECT_EQ(to_string(parse_entity(id)->key), id);
  for (const auto& bad :
       std::vector<std::string>{"", "x", "seat:" + id, "seat_block:", ":" + id})
    EXPECT_FALSE(parse_entity(bad)) << bad;
  for (auto kind : all_kinds())
    EXPECT_EQ(kind_named(to_string(kind)), kind);
}

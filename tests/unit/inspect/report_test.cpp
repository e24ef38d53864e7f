#include "node/inspect/cli/inspector.hpp"

#include <gmock/gmock.h>

#include <future>

using namespace usher;
using namespace usher::inspect;

TEST(report, has_one_envelope_in_json) {
  report what;
  what.body = {{"rows", boost::json::array{1, nullptr}}};
  EXPECT_EQ(
    as_json("journal", timestamp{duration{1000}}, what),
    R"({"command":"journal","schema":2,"at":"1970-01-01T00:00:01.000Z",)"
    R"("complete":true,"missing":[],"cut":false,"findings":[],)"
    R"("rows":[1,null]})");
  what.is_cut = true;
  what.findings = {"odd"};
  what.missing = {{"two", "no answer"}};
  const auto full = boost::json::parse(as_json("x", {}, what)).as_object();
  EXPECT_EQ(full.at("complete"), boost::json::value(false));
  EXPECT_EQ(full.at("cut"), boost::json::value(true));
  EXPECT_EQ(boost::json::serialize(full.at("missing")),
            R"([{"who":"two","why":"no answer"}])");
}

TEST(report, lets_nothing_unprintable_out) {
  report what;
  what.body = {{"name", "\x1b[31mred\x07"}};
  what.findings = {"a\x1b[2Jb"};
  what.missing = {{"\x1b]0;x\x07two", "\x9b"}};
  for (const auto& text : {as_json("x", {}, what), as_text(what)})
    for (const char c : text)
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
}

TEST(report, counts_as_people_do_and_says_how_to_see_more) {
  EXPECT_EQ(counted(1, "entity is", "entities are"), "1 entity is");
  EXPECT_EQ(counted(2, "entity is", "entities are"), "2 entities are");
  report what;
  what.is_cut = true;
  EXPECT_EQ(as_text(what), "(there is more: see --limit)\n");
  what.more = "--max";
  EXPECT_EQ(as_text(what), "(there is more: see --max)\n");
}

TEST(report, exits_by_what_it_found) {
  report what;
  EXPECT_EQ(outcome_of(what), outcome::ok);
  what.findings = {"odd"};
  EXPECT_EQ(outcome_of(what), outcome::findings);
  what.missing = {{"two", "silent"}};
  EXPECT_EQ(outcome_of(what), outcome::partial);
}

TEST(table, aligns_numbers_right_and_shows_nothing_as_a_dash) {
  table shown({"NAME", "N", "X"});
  shown.add({"a", 5, nullptr});
  shown.add({"Nguyễn", 1234, 0.25});
  EXPECT_EQ(shown.text(), "NAME       N    X\n"
                          "a          5    -\n"
                          "Nguyễn  1234  0.2\n");
}

TEST(ask_all, tells_who_answered_and_why_others_did_not) {
  const messenger by = [](const peer& who, const std::string& question,
                          std::chrono::steady_clock::time_point) {
    if (who.name == "two")
      throw std::runtime_error("connection refused");
    if (who.name == "three")
      return std::string{R"({"refused":"not allowed"})"};
    return std::string{who.name == "four" ? "[junk" : question};
  };
  std::vector<peer> peers{{1, "one", "a"},
                          {2, "two", "b"},
                          {3, "three", "c"},
                          {4, "four", "d"},
                          {5, "five", ""}};
  const auto said =
    ask_all(by, peers, {{"ask", "node"}},
            std::chrono::steady_clock::now() + std::chrono::seconds{5});
  ASSERT_EQ(said.size(), 5u);
  EXPECT_TRUE(said[0].what);
  EXPECT_EQ(said[1].why, "connection refused");
  EXPECT_EQ(said[2].why, "not allowed");
  EXPECT_FALSE(said[3].what);
  report lenient;
  note_silence(said, false, lenient);
  EXPECT_EQ(lenient.missing.size(), 2u);
  EXPECT_THAT(lenient.findings,
              testing::ElementsAre("three refused: not allowed"));
  report strict;
  note_silence(said, true, strict);
  EXPECT_EQ(strict.missing.size(), 3u);
}

TEST(ask_all, waits_for_nobody_who_hangs) {
  std::promise<void> over;
  const messenger by =
    [until = over.get_future().share()](const peer& who, const std::string&,
                                        std::chrono::steady_clock::time_point) {
      if (who.name == "stuck")
        until.wait_for(std::chrono::seconds{10});
      return std::string{R"({"name":"one"})"};
    };
  const auto begun = std::chrono::steady_clock::now();
  const auto said =
    ask_all(by, {{1, "stuck", "a"}, {2, "one", "b"}}, {{"ask", "node"}},
            begun + std::chrono::milliseconds{300});
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
  ASSERT_EQ(said.size(), 2u);
  EXPECT_FALSE(said[0].what);
  EXPECT_EQ(said[0].who.name, "stuck");
  EXPECT_EQ(said[0].why, "no answer in time");
  EXPECT_TRUE(said[1].what);
  over.set_value();
}

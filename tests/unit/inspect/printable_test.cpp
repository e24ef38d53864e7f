#include "node/inspect/printable.hpp"

#include <gmock/gmock.h>

using usher::inspect::all_printable;
using usher::inspect::printable;

TEST(printable, leaves_what_people_write_in_any_script) {
  for (const auto* text :
       {"Hoa Sữa: Live in Saigon", "서울 콘서트", "🎫 €5", ""})
    EXPECT_EQ(printable(std::string_view{text}), text);
}

TEST(printable, strips_escape_sequences_whole) {
  EXPECT_EQ(printable("a\x1b[31;1mred\x1b[0mb"), "aredb");
  EXPECT_EQ(printable("a\x1b]0;a new title\x07z"), "az");
  EXPECT_EQ(printable("a\x1b]8;;http://evil\x1b\\z"), "az");
  EXPECT_EQ(printable("a\x1bPdevice\x1b\\z"), "az");
  EXPECT_EQ(printable("a\x1b"
                      "cz"),
            "az");
}

TEST(printable, ends_with_a_sequence_that_has_no_end) {
  EXPECT_EQ(printable("a\x1b"), "a");
  EXPECT_EQ(printable("a\x1b[31"), "a");
  EXPECT_EQ(printable("a\x1b]never ends"), "a");
}

TEST(printable, strips_controls_of_both_blocks_and_keeps_one_line) {
  EXPECT_EQ(printable("a\x07\x08\x7f\xc2\x9b"
                      "31mb"),
            "a31mb");
  EXPECT_EQ(printable("one\ntwo\tthree\r\n"), "one two three  ");
  EXPECT_EQ(printable(std::string_view{"a\0b", 3}), "ab");
}

TEST(printable, strips_what_reorders_or_hides_text) {
  EXPECT_EQ(printable("\u202egpj.exe"), "gpj.exe");
  EXPECT_EQ(printable("a\u200b\u2066b\ufeff"), "ab");
}

TEST(printable, replaces_what_is_no_utf8) {
  for (const auto* bad : {"\xff", "\xc0", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xe1\xbb", "\x80"}) {
    const auto shown = printable("<" + std::string{bad} + ">");
    EXPECT_TRUE(shown.starts_with("<\xef\xbf\xbd")) << shown;
    EXPECT_TRUE(shown.ends_with(">")) << shown;
  }
}

TEST(printable, cleans_documents_with_their_names) {
  const auto shown = all_printable(
    boost::json::parse(R"({"a\u001b[1m":["\u0007x",1,null,{"b":"\u202ey"}]})"));
  EXPECT_EQ(boost::json::serialize(shown), R"({"a":["x",1,null,{"b":"y"}]})");
}

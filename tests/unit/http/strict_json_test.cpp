#include "node/http/form.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace usher;
using namespace usher::http;
using namespace std::chrono_literals;

namespace {

enum class color : std::uint8_t { red, blue };
BOOST_DESCRIBE_ENUM(color, red, blue)

struct row {
  std::string label;
  std::uint16_t seats = 0;
};

BOOST_DESCRIBE_STRUCT(row, (), (label, seats))

struct options {
  static constexpr bool missing_keeps_default = true;
  std::int32_t hold_seconds = 600;
  bool no_orphans = false;
};

BOOST_DESCRIBE_STRUCT(options, (), (hold_seconds, no_orphans))

struct layout_form {
  std::string name;
  std::vector<row> rows;
  std::optional<timestamp> opens;
  std::optional<event_id> event;
  std::optional<color> paint;
  std::optional<options> settings;
  std::optional<std::int64_t> big;
  std::optional<std::uint64_t> natural;
  std::optional<double> rating;
};

BOOST_DESCRIBE_STRUCT(layout_form, (),
                      (name, rows, opens, event, paint, settings, big, natural,
                       rating))

struct seats_form {
  std::vector<std::string> seats;
};

BOOST_DESCRIBE_STRUCT(seats_form, (), (seats))

bool valid(std::string_view text) {
  // A copy of its own size, for the address sanitizer.
  const std::vector<char> exact(text.begin(), text.end());
  json_document document;
  return document.parse({exact.data(), exact.size()});
}

/// Each error as `field code`.
std::vector<std::string> errors(std::string_view text, errc expected) {
  const auto read = read_form<layout_form>(text);
  EXPECT_TRUE(read.has_error()) << text;
  std::vector<std::string> out;
  if (read.has_error()) {
    EXPECT_EQ(read.error().code, expected) << text;
    for (const auto& e : read.error().fields)
      out.push_back(e.field + " " + std::string(to_string(e.code)));
  }
  return out;
}

using list = std::vector<std::string>;

TEST(strict_json, takes_what_rfc_8259_allows) {
  for (const auto* good :
       {"{}", "[]", " \t\r\n1 ", "\"\"", "null", "true", "-0", "1e10", "0.5",
        R"({"a":[1,{"b":"\u00e9\ud83d\ude00\n"}],"A":{}})",
        "\"Kh\xc3\xa1n \xed\x95\x9c \xf0\x9f\x98\x80\"", "18446744073709551615",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"})
    EXPECT_TRUE(valid(good)) << good;
}

TEST(strict_json, refuses_everything_else) {
  for (const std::string bad : {"",
                                " ",
                                "{",
                                "[1,]",
                                "{\"a\":1,}",
                                "{a:1}",
                                "'a'",
                                "01",
                                "1.",
                                ".5",
                                "+1",
                                "NaN",
                                "Infinity",
                                "-Infinity",
                                "1e999",
                                "-1e999",
                                "nul",
                                "[1 2]",
                                "{} {}",
                                "1 2",
                                "//\n1",
                                "/**/1",
                                "\"\t\"",
                                "\"\\x\"",
                                "\"\\u12\"",
                                "\"\\u0000\"",
                                "{\"\\u0000\":1}",
                                "\"\\ud800\"",
                                "\"\\udc00\"",
                                "\"\\ud800\\u0041\"",
                                "\xef\xbb\xbf{}",
                                "\"\xff\"",
                                "\"\xc0\xaf\"",
                                "\"\xed\xa0\x80\"",
                                "\"\xf4\x90\x80\x80\"",
                                "\"\xc3\"",
                                "\"abc",
                                "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"})
    EXPECT_FALSE(valid(bad)) << bad;
  EXPECT_FALSE(valid(std::string_view("1\0", 2)));
  EXPECT_FALSE(valid(std::string_view("\"a\0\"", 4)));
}

TEST(strict_json, refuses_duplicate_keys_however_they_are_written) {
  for (const auto* bad :
       {R"({"a":1,"a":1})", R"({"a":1,"b":[{"c":1,"d":{},"c":2}]})",
        R"({"a":1,"\u0061":2})", R"({"":1,"":2})",
        R"({"a":{"b":1},"x":0,"a":{"b":1}})"})
    EXPECT_FALSE(valid(bad)) << bad;
  EXPECT_TRUE(valid(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
}

TEST(strict_json, survives_mutations) {
  const std::string seed_text =
    R"({"a":[1,-2.5e3,{"b":"\u00e9 \ud83d\ude00"}],"c":true,"d":null})";
  ASSERT_TRUE(valid(seed_text));
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 dice(seed);
    auto text = seed_text;
    for (auto n = 1 + dice() % 4; n > 0; --n)
      text[dice() % text.size()] = static_cast<char>(dice() % 256);
    valid(text);
    EXPECT_FALSE(valid(seed_text.substr(0, dice() % seed_text.size())));
  }
}

TEST(form, reads_a_described_struct) {
  const auto read = read_form<layout_form>(
    R"({"rows":[{"label":"1","seats":24},{"seats":0,"label":"\u00e9\n"}],)"
    R"("name":"Arena","opens":"2026-11-21T10:00:00+07:00","paint":"blue",)"
    R"("event":"019AA5B4-9a3c-7000-8000-000000000001",)"
    R"("settings":{"no_orphans":true},"big":-9223372036854775808,)"
    R"("natural":18446744073709551615,"rating":2})");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->name, "Arena");
  ASSERT_EQ(read->rows.size(), 2u);
  EXPECT_EQ(read->rows[0].seats, 24);
  EXPECT_EQ(read->rows[1].label, "é\n");
  EXPECT_EQ(to_rfc3339(read->opens.value()), "2026-11-21T03:00:00.000Z");
  EXPECT_EQ(to_string(read->event.value().value),
            "019aa5b4-9a3c-7000-8000-000000000001");
  EXPECT_EQ(read->paint, color::blue);
  EXPECT_EQ(read->settings.value().hold_seconds, 600);
  EXPECT_TRUE(read->settings.value().no_orphans);
  EXPECT_EQ(read->big, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read->natural, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read->rating, 2.0);
}

TEST(form, lets_optional_members_be_null_or_missing) {
  const auto read =
    read_form<layout_form>(R"({"name":"","rows":[],"opens":null})");
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->opens);
  EXPECT_FALSE(read->settings);
}

TEST(form, says_where_and_what_is_wrong) {
  EXPECT_EQ(errors("{", errc::invalid_json), list{});
  EXPECT_EQ(errors("[]", errc::wrong_type), list{" wrong_type"});
  EXPECT_EQ(errors("{}", errc::missing_field),
            (list{"name missing_field", "rows missing_field"}));
  EXPECT_EQ(
    errors(R"({"name":1,"rows":[{"label":"1","seats":"2"},{"label":"1"}]})",
           errc::wrong_type),
    (list{"name wrong_type", "rows[0].seats wrong_type",
          "rows[1].seats missing_field"}));
  EXPECT_EQ(
    errors(R"({"name":"","rows":{},"x":1,"Name":"","settings":{"y":1}})",
           errc::wrong_type),
    (list{"rows wrong_type", "settings.y unknown_field", "x unknown_field",
          "Name unknown_field"}));
  EXPECT_EQ(errors(R"({"name":null,"rows":[null]})", errc::wrong_type),
            (list{"name wrong_type", "rows[0] wrong_type"}));
}

TEST(form, refuses_values_out_of_range) {
  const auto seats = [](std::string_view n) {
    return errors(R"({"name":"","rows":[{"label":"","seats":)" + std::string(n)
                    + "}]}",
                  errc::invalid_value);
  };
  for (const auto* bad : {"-1", "65536", "1.5", "1.0", "1e2",
                          "99999999999999999999", "18446744073709551615"})
    EXPECT_EQ(seats(bad), list{"rows[0].seats invalid_value"}) << bad;
  EXPECT_EQ(
    errors(R"({"name":"","rows":[],"opens":"yesterday","event":"1",)"
           R"("paint":"green","big":9223372036854775808,"natural":-1})",
           errc::invalid_value),
    (list{"opens invalid_value", "event invalid_value", "paint invalid_value",
          "big invalid_value", "natural invalid_value"}));
}

TEST(form, answers_400_when_shape_and_value_are_wrong) {
  EXPECT_EQ(
    errors(R"({"name":"","rows":[],"natural":-1,"x":1})", errc::unknown_field),
    (list{"natural invalid_value", "x unknown_field"}));
}

TEST(form, bounds_lists_texts_and_its_own_errors) {
  const auto read = read_form<seats_form>(R"({"seats":["a","b","c"]})",
                                          form_limits{.items = 2});
  EXPECT_EQ(read.error().code, errc::invalid_value);
  const auto text =
    read_form<seats_form>(R"({"seats":["abc"]})", form_limits{.text_bytes = 2});
  EXPECT_EQ(text.error().fields.at(0).field, "seats[0]");
  std::string many = "{";
  for (int i = 0; i < 100; ++i)
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "é"
            + std::string(100, 'x') + "\":1";
  const auto unknown = read_form<seats_form>(many + "}");
  EXPECT_EQ(unknown.error().fields.size(), 32u);
  EXPECT_LE(unknown.error().fields.back().field.size(), 64u);
}

} // namespace

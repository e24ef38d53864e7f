#include "node/http/route.hpp"

#include <gtest/gtest.h>

#include <random>

using namespace usher;
using namespace usher::http;

namespace {

const route_table table({
  {method::get, "/", 0},
  {method::get, "/v1/events", 1},
  {method::post, "/v1/events", 2},
  {method::get, "/v1/events/{id}", 3},
  {method::get, "/v1/events/{id}/seats", 4},
  {method::get, "/v1/events/search", 5},
  {method::del, "/v1/sessions/{id}/seats/{seat}", 6},
  {method::post, "/v1/sessions/{id}/seats", 7},
});

std::optional<std::size_t> handler(method verb, std::string_view path) {
  const auto out = table.find(verb, path);
  const auto* match = std::get_if<route_match>(&out);
  return match != nullptr ? std::optional(match->to->handler) : std::nullopt;
}

std::string allow(method verb, std::string_view path) {
  const auto out = table.find(verb, path);
  const auto* wrong = std::get_if<wrong_method>(&out);
  return wrong != nullptr ? wrong->allow : "";
}

TEST(route_table, finds_routes_by_method_and_path) {
  EXPECT_EQ(handler(method::get, "/"), 0u);
  EXPECT_EQ(handler(method::get, "/v1/events"), 1u);
  EXPECT_EQ(handler(method::post, "/v1/events"), 2u);
  EXPECT_EQ(handler(method::get, "/v1/events/7"), 3u);
  EXPECT_EQ(handler(method::get, "/v1/events/7/seats"), 4u);
  EXPECT_EQ(handler(method::del, "/v1/sessions/1/seats/A-2-17"), 6u);
}

TEST(route_table, prefers_text_and_comes_back_from_it) {
  EXPECT_EQ(handler(method::get, "/v1/events/search"), 5u);
  EXPECT_EQ(handler(method::get, "/v1/events/search/seats"), 4u);
}

TEST(route_table, takes_parameters_as_sent_and_decodes_them_strictly) {
  const auto find = [](std::string_view path) {
    return std::get<route_match>(table.find(method::del, path));
  };
  const auto match = find("/v1/sessions/ab-c/seats/Kh%C3%A1n+%C4%91-1-2");
  EXPECT_EQ(match.parameters[0], "ab-c");
  EXPECT_EQ(match.parameters[1], "Kh%C3%A1n+%C4%91-1-2");
  EXPECT_EQ(match.decoded(1), "Khán+đ-1-2");
  EXPECT_EQ(find("/v1/sessions/a/seats/%C3").decoded(1), std::nullopt);
  EXPECT_EQ(find("/v1/sessions/a/seats/%0A").decoded(1), std::nullopt);
  EXPECT_EQ(find("/v1/sessions/a/seats/%C0%AF").decoded(1), std::nullopt);
}

TEST(route_table, knows_what_is_not_there) {
  for (const auto* path :
       {"/v2", "/v1", "/v1/events/", "/v1/events//seats", "//v1/events",
        "/V1/events", "/v1/events/7/seats/", "/v1/events/7/x", "/%761/events"})
    EXPECT_TRUE(std::holds_alternative<no_route>(table.find(method::get, path)))
      << path;
}

TEST(route_table, says_which_methods_a_path_has) {
  EXPECT_EQ(allow(method::put, "/v1/events"), "GET, HEAD, POST");
  EXPECT_EQ(allow(method::get, "/v1/sessions/1/seats"), "POST");
  EXPECT_EQ(allow(method::options, "/v1/events/7"), "GET, HEAD");
  EXPECT_EQ(handler(method::head, "/v1/events"), 1u);
}

TEST(route_table_death, does_not_take_a_table_with_mistakes) {
  EXPECT_DEATH(route_table({{method::get, "v1", 0}}), "");
  EXPECT_DEATH(route_table({{method::get, "/{a", 0}}), "");
  EXPECT_DEATH(
    route_table({{method::get, "/{a}", 0}, {method::get, "/{b}", 1}}), "");
  EXPECT_DEATH(route_table({{method::get, "/{a}/{b}/{c}/{d}/{e}", 0}}), "");
}

TEST(route_table, survives_any_path) {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    std::mt19937 dice(seed);
    std::string path;
    for (auto n = dice() % 12; n > 0; --n) {
      static const std::array<std::string_view, 7> parts{
        "/", "/v1", "/events", "/sessions", "/seats", "/7", "a"};
      path += parts[dice() % parts.size()];
    }
    EXPECT_FALSE(table.find(method::get, path).valueless_by_exception());
  }
}

constexpr std::array<std::string_view, 3> names{"page", "limit", "search"};

errc refusal(std::string_view raw) {
  const auto read = query::parse(raw, names);
  return read ? errc::ok : read.error().code;
}

TEST(query, reads_decoded_parameters) {
  const auto read = query::parse("page=2&search=Kh%C3%A1n+%26&limit=", names);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text("search"), "Khán &");
  EXPECT_EQ(read->text("limit"), "");
  EXPECT_EQ(*read->number("page", 1, 100, 1), 2u);
  EXPECT_EQ(read->number("limit", 1, 100, 20).error().code,
            errc::invalid_value);
  EXPECT_EQ(*query::parse("", names)->number("limit", 1, 100, 20), 20u);
  EXPECT_EQ(query::parse("", names)->text("page"), std::nullopt);
}

TEST(query, bounds_numbers) {
  for (const auto* bad : {"page=0", "page=101", "page=-1", "page=1.5",
                          "page=+1", "page=99999999999999999999"}) {
    const auto read = query::parse(bad, names);
    ASSERT_TRUE(read);
    const auto number = read->number("page", 1, 100, 1);
    ASSERT_TRUE(number.has_error()) << bad;
    EXPECT_EQ(number.error().fields.at(0).field, "page");
  }
}

TEST(query, refuses_what_is_unknown_or_said_twice) {
  EXPECT_EQ(refusal("page=1&Page=2"), errc::unknown_field);
  EXPECT_EQ(refusal("p%61ge=1"), errc::unknown_field);
  EXPECT_EQ(refusal("=1"), errc::unknown_field);
  EXPECT_EQ(refusal("page=1&limit=1&page=1"), errc::bad_request);
  EXPECT_EQ(refusal("search=%ff"), errc::bad_request);
  EXPECT_EQ(refusal("search=%0a"), errc::bad_request);
  EXPECT_EQ(refusal("search=%"), errc::bad_request);
  EXPECT_EQ(refusal("&page=1&&"), errc::ok);
}

} // namespace

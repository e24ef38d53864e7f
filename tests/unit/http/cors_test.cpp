#include "node/http/cors.hpp"

#include <gmock/gmock.h>

using namespace usher::http;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

const cors_policy two{{"https://tickets.example", "http://localhost:3000"}};

} // namespace

TEST(cors, lets_an_origin_of_the_list_read_the_answer) {
  EXPECT_THAT(
    two.lines_for("https://tickets.example"),
    AllOf(HasSubstr("Access-Control-Allow-Origin: https://tickets.example\r\n"),
          HasSubstr("Vary: Origin\r\n"), HasSubstr("ETag"),
          HasSubstr("Retry-After"), Not(HasSubstr("Credentials"))));
}

TEST(cors, tells_other_origins_nothing_but_that_answers_differ) {
  for (auto other :
       {"https://evil.example", "https://tickets.example.evil.example",
        "http://tickets.example", "HTTPS://TICKETS.EXAMPLE", "null", "*", ""})
    EXPECT_EQ(two.lines_for(other), "Vary: Origin\r\n") << other;
}

TEST(cors, answers_a_preflight_with_what_the_path_takes) {
  EXPECT_THAT(
    two.preflight_lines("http://localhost:3000", "GET, HEAD, POST"),
    AllOf(HasSubstr("Access-Control-Allow-Methods: GET, HEAD, POST\r\n"),
          HasSubstr("Idempotency-Key"), HasSubstr("Authorization"),
          HasSubstr("Vary: Access-Control-Request-Method")));
  EXPECT_EQ(two.preflight_lines("https://evil.example", "GET"), "");
}

// Browsers refuse an answer that says it twice.
TEST(cors, names_the_origin_once_in_the_answer_to_a_preflight) {
  EXPECT_THAT(two.preflight_lines("http://localhost:3000", "GET"),
              Not(HasSubstr("Access-Control-Allow-Origin")));
}

TEST(cors, is_silent_where_no_origin_is_allowed) {
  const cors_policy none{{}};
  EXPECT_EQ(none.lines_for("https://tickets.example"), "");
  EXPECT_EQ(none.preflight_lines("https://tickets.example", "GET"), "");
}

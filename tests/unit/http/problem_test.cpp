#include "node/http/problem.hpp"
#include "node/http/text.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace usher;
using namespace usher::http;

namespace {

TEST(problem, has_a_title_in_each_language_for_every_code) {
  for (unsigned e = 0; e <= static_cast<unsigned>(errc::quarantined); ++e) {
    const auto code = static_cast<errc>(e);
    for (auto l : {language::korean, language::vietnamese}) {
      const auto text = title(code, l);
      EXPECT_FALSE(text.empty());
      EXPECT_TRUE(text.ends_with('.')) << text;
      EXPECT_TRUE(valid_utf8(text)) << text;
      EXPECT_NE(text, sentence(code));
    }
    EXPECT_EQ(title(code, language::english), sentence(code));
  }
}

TEST(problem, has_words_in_each_language_for_every_advice) {
  for (unsigned i = 0; i <= static_cast<unsigned>(last_advice); ++i) {
    const auto what = static_cast<advice>(i);
    EXPECT_EQ(title(what, language::english), sentence(what));
    for (auto l : {language::korean, language::vietnamese}) {
      const std::string text{title(what, l)};
      EXPECT_TRUE(text.ends_with('.')) << text;
      EXPECT_TRUE(valid_utf8(text)) << text;
      EXPECT_NE(text, sentence(what));
      const auto written =
        problem_json({.code = errc::orphan_seat,
                      .extra = R"("seats":["A-1-1"],)" + as_member(what),
                      .speaks = l});
      EXPECT_NE(written.find(R"("detail":")" + text + '"'), std::string::npos)
        << written;
      EXPECT_NE(written.find(as_member(what)), std::string::npos) << written;
    }
  }
}

TEST(problem, speaks_the_language_that_is_liked_best) {
  EXPECT_EQ(pick_language(""), language::english);
  EXPECT_EQ(pick_language("vi"), language::vietnamese);
  EXPECT_EQ(pick_language("vi-VN,vi;q=0.9,en;q=0.8"), language::vietnamese);
  EXPECT_EQ(pick_language("KO-kr"), language::korean);
  EXPECT_EQ(pick_language("en;q=0.5, ko;q=0.8"), language::korean);
  EXPECT_EQ(pick_language("de, fr;q=0.9, vi;q=0.1"), language::vietnamese);
  EXPECT_EQ(pick_language("vi;q=0, *"), language::english);
  EXPECT_EQ(pick_language("vi;q=9, kor, ,;;,"), language::english);
}

TEST(problem, is_found_again_by_the_id_that_its_caller_gave) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto parent = "00-" + trace + "-00f067aa0ba902b7-01";
  EXPECT_EQ(pick_trace_id(parent, "mine"), trace);
  EXPECT_EQ(pick_trace_id("", "mine"), "mine");
  EXPECT_EQ(pick_trace_id("", ""), "");
  EXPECT_EQ(pick_trace_id("", std::string(300, 'x')).size(), 128u);
  for (const auto& broken :
       {std::string("00-") + trace, "00-" + trace + "x00f067aa0ba902b7-01",
        "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
        "00-" + std::string(32, 'Z') + "-00f067aa0ba902b7-01"})
    EXPECT_EQ(pick_trace_id(broken, "mine"), "mine") << broken;
}

TEST(problem, has_a_trace_that_its_caller_may_ask_to_be_kept) {
  const std::string digits = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto id = parse_trace_id(digits).value();
  const auto parent = "00-" + digits + "-00f067aa0ba902b7-";
  EXPECT_EQ(pick_trace(parent + "01", "mine"), (trace{id, true}));
  EXPECT_EQ(pick_trace(parent + "0b", "mine"), (trace{id, true}));
  EXPECT_EQ(pick_trace(parent + "00", "mine"), (trace{id, false}));
  EXPECT_EQ(pick_trace("", digits), (trace{id, false})) << "balancers do that";
  EXPECT_EQ(pick_trace("", to_string(id)), (trace{id, false}));
  EXPECT_EQ(pick_trace("", "mine"), trace{});
  EXPECT_EQ(pick_trace(parent, ""), trace{}) << "it lacks its end";
}

TEST(problem, says_in_one_sentence_what_its_fields_say) {
  const std::vector<field_error> fields{
    {"limit", errc::invalid_value, "1 to 100"}, {"page", errc::wrong_type, ""}};
  const auto text =
    problem_json({.code = errc::invalid_value, .fields = fields});
  EXPECT_NE(text.find(R"("detail":"limit: 1 to 100; )"
                      R"(page: A field has the wrong type.")"),
            std::string::npos)
    << text;
}

TEST(problem, says_that_sentence_in_one_language) {
  const std::vector<field_error> fields{
    {"limit", errc::invalid_value, "1 to 100"}, {"page", errc::wrong_type, ""}};
  const auto text = problem_json({.code = errc::invalid_value,
                                  .fields = fields,
                                  .speaks = language::vietnamese});
  EXPECT_NE(
    text.find(R"("detail":"limit: Một giá trị nằm ngoài phạm vi cho )"
              R"(phép.; page: Một trường có kiểu dữ liệu không đúng.")"),
    std::string::npos)
    << text;
  EXPECT_NE(text.find(R"("message":"1 to 100")"), std::string::npos) << text;
}

TEST(problem, is_written_as_rfc_9457_says) {
  EXPECT_EQ(problem_json({.code = errc::not_found}),
            R"({"type":"urn:usher:problem:not_found",)"
            R"("title":"There is no such thing.","status":404,)"
            R"("code":"not_found"})");
  const std::vector<field_error> fields{
    {"rows[1].seats", errc::wrong_type, "Must be a number."},
    {"na\"me", errc::missing_field, ""}};
  EXPECT_EQ(problem_json({.code = errc::wrong_type,
                          .detail = "Two fields.",
                          .fields = fields,
                          .extra = R"("seats":["A-1-1"])",
                          .trace_id = "abc",
                          .speaks = language::korean}),
            R"({"type":"urn:usher:problem:wrong_type",)"
            R"("title":"필드의 형식이 올바르지 않습니다.","status":400,)"
            R"("code":"wrong_type","detail":"Two fields.","errors":[)"
            R"({"field":"rows[1].seats","code":"wrong_type",)"
            R"("message":"Must be a number."},)"
            R"({"field":"na\"me","code":"missing_field",)"
            R"("message":"필수 필드가 없습니다."}],)"
            R"("seats":["A-1-1"],"trace_id":"abc"})");
}

} // namespace

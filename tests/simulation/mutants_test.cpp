#include "tests/simulation/play.hpp"

#include <gtest/gtest-spi.h>

/// The checks are believed because they see what is wrong on purpose.
using namespace usher;
using namespace usher::simulation;

namespace {

/// What the checks say of the first of so many runs that they complain of;
/// empty if none.
std::string complaints(const scene& s, std::uint64_t runs) {
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    testing::TestPartResultArray heard;
    {
      const testing::ScopedFakeTestPartResultReporter listen(
        testing::ScopedFakeTestPartResultReporter::
          INTERCEPT_ONLY_CURRENT_THREAD,
        &heard);
      play(seed, s);
    }
    std::string all;
    for (int i = 0; i < heard.size(); ++i)
      all += heard.GetTestPartResult(i).message();
    if (!all.empty())
      return all;
  }
  return {};
}

} // namespace

TEST(a_mutant, that_replies_before_the_commit_is_caught) {
  EXPECT_NE(complaints({{200, 0, 300}, {}, {true, false, false}}, 50)
              .find("promised and forgot"),
            std::string::npos);
}

TEST(a_mutant, that_forgets_what_its_words_rest_on_is_caught) {
  EXPECT_NE(complaints({{0, 0, 300}, {}, {false, false, false, true}}, 50)
              .find("something left before what it rests on"),
            std::string::npos);
}

TEST(a_mutant, that_forgets_the_compensation_is_caught) {
  plot what;
  what.cancels = true;
  EXPECT_NE(complaints({{0, 200, 300}, what, {false, true, false}}, 2000)
              .find("without its tickets"),
            std::string::npos);
}

TEST(a_mutant, that_forgets_the_round_of_a_session_is_caught) {
  hazards danger;
  danger.late_letters = 80;
  mutants wrong;
  wrong.forget_rounds = true;
  EXPECT_NE(
    complaints({danger, {}, wrong}, 300).find("gave back what is in a cart"),
    std::string::npos);
}

/// The next life would not know what the last one has submitted: the store
/// refuses a second row with the same version, and ends the process.
TEST(a_mutant, that_restarts_before_its_past_is_durable_is_caught) {
  EXPECT_DEATH(complaints({{0, 3000, 300}, {}, {false, false, true}}, 50),
               "broken invariant");
}

#include "node/inspect/cli/command_line.hpp"

#include <gmock/gmock.h>

using namespace usher::inspect;

namespace {

int run(std::vector<std::string> words) {
  words.insert(words.begin(), "usher");
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  return command_line{}.run(static_cast<int>(argv.size()), argv.data());
}

} // namespace

TEST(command_line, refuses_numbers_that_make_no_sense) {
  constexpr auto entity = "event:01a1fc77-b8cf-7000-9c07-ce6333ab6151";
  for (const auto& words : std::vector<std::vector<std::string>>{
         {"nodes", "--deadline", "100000d"},
         {"nodes", "--deadline", "0s"},
         {"nodes", "--deadline", "9223372036854775807ms"},
         {"hot", "--window", "11min"},
         {"hot", "--window", "99999999999d"},
         {"follow", "event", "--max", "-1"},
         {"follow", "event", "--max", "0"},
         {"journal", entity, "--from", "-1"}})
    EXPECT_EQ(run(words), 2) << testing::PrintToString(words);
}

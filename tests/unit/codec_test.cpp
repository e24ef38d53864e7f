#include "actors/entity/life.hpp"
#include "tests/support/every_fact.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

/// Names of facts are for ever, and so is what old rows say.
using namespace usher;
using namespace usher::test;

namespace {

constexpr auto golden = "tests/unit/golden/facts.txt";

/// One line a fact: its name and its JSON, with every member set.
template <class Fact>
void list(std::ostream& out) {
  for (const auto& what : every_fact<Fact>())
    out << encode_facts<Fact>({what}) << '\n';
}

template <class Fact>
void expect_round_trips() {
  const auto all = every_fact<Fact>();
  EXPECT_EQ(all.size(), std::variant_size_v<Fact>);
  std::vector<Fact> read;
  decode_facts<Fact>(encode_facts(all),
                     [&](const Fact& what) { read.push_back(what); });
  EXPECT_EQ(read, all);
}

} // namespace

TEST(codec, reads_back_every_fact_of_every_entity) {
  for_each_kind_of_fact(
    []<class Fact>(std::type_identity<Fact>) { expect_round_trips<Fact>(); });
}

/// A difference here means that rows written yesterday read otherwise today.
/// What changes its shape gets the next number; new facts are added to the
/// file by USHER_GOLDEN=write.
TEST(codec, writes_facts_as_ever) {
  std::ostringstream now;
  for_each_kind_of_fact(
    [&]<class Fact>(std::type_identity<Fact>) { list<Fact>(now); });
  if (std::getenv("USHER_GOLDEN"))
    std::ofstream(golden) << now.str();
  std::ifstream file(golden);
  ASSERT_TRUE(file) << "run from the top of the repository";
  std::ostringstream ever;
  ever << file.rdbuf();
  EXPECT_EQ(now.str(), ever.str());
}

TEST(codec, reads_an_old_fact_that_lacks_a_member) {
  decode_facts<seat_block::fact>(
    R"([["seat_block.closed/1",{}],["seat_block.lapsed/1",{"session":)"
    R"("00000000-0000-0000-0000-000000000001"}]])",
    [](const seat_block::fact& what) {
      if (auto* lapsed = std::get_if<seat_block::lapsed>(&what)) {
        EXPECT_FALSE(lapsed->session.value.is_nil());
        EXPECT_TRUE(lapsed->seats.empty());
      }
    });
}

TEST(codec, says_of_a_numbered_seat_only_what_is_not_true_of_all) {
  const booking_session::item seat{"A-1-2", "A", {}, {}, 4'500, 1, false};
  const auto text = json::text_of(seat);
  EXPECT_EQ(text.find("places"), std::string::npos) << text;
  EXPECT_EQ(text.find("general"), std::string::npos) << text;
  EXPECT_EQ(json::get<booking_session::item>(text), seat);
  auto in_full = text;
  in_full.insert(in_full.size() - 1,
                 R"(,"places":1,"general_admission":false)");
  EXPECT_EQ(json::get<booking_session::item>(in_full), seat) << "as of old";
  const booking_session::item floor{"Floor", "Floor", {}, {}, 4'500, 3, true};
  EXPECT_EQ(json::get<booking_session::item>(json::text_of(floor)), floor);
}

TEST(codec, refuses_what_is_no_list_of_facts) {
  for (const auto* row :
       {"", "{}", "[1]", R"([["a"]])", R"([[1,{}]])", R"([["no.such/1",{}]])",
        R"([["seat_block.held/1",3]])",
        R"([["seat_block.held/1",{"seats":1}]])"})
    EXPECT_THROW(
      decode_facts<seat_block::fact>(row, [](const seat_block::fact&) {}),
      json::bad_shape)
      << row;
}

#include "node/membership/letter_keeper.hpp"
#include "tests/support/stores.hpp"

#include <gtest/gtest.h>

/// Dead letters that outlive their node.
using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;
using cluster::dead_letters;

namespace {

template <class Condition>
bool soon(Condition is_so) {
  const auto end = std::chrono::steady_clock::now() + 8s;
  while (!is_so())
    if (std::this_thread::sleep_for(5ms);
        std::chrono::steady_clock::now() > end)
      return false;
  return true;
}

/// One life of a node that is called so.
struct life {
  life(const pg_store& it, const std::string& name)
    : keeper(std::make_unique<letter_keeper>(it.options(), name, letters)) {}

  /// A command on which its entity crashes twice.
  entity_id crash(const std::string& text) {
    const auto who = any_block();
    for (int i = 0; i < 2; ++i)
      letters.note({who, seat_block::hold{{}, {text}, {}}}, "boom: " + text,
                   timestamp{1'700'000'000'123ms});
    return who;
  }

  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> out;
    for (const auto& one : letters.all())
      out.push_back(one.number);
    return out;
  }

  dead_letters letters;
  std::unique_ptr<letter_keeper> keeper;
};

using numbers = std::vector<std::uint64_t>;

std::size_t kept(const pg_store& it, const std::string& name) {
  return pg_dead_letters{it.options()}.load(name).size();
}

} // namespace

TEST(letters, are_there_again_in_the_next_life_of_the_node) {
  pg_store it;
  entity_id first, second;
  {
    life one{it, "one"};
    first = one.crash("A-1 \"\n\x01");
    second = one.crash("A-2");
    EXPECT_TRUE(soon([&] { return kept(it, "one") == 2; }));
  }
  life again{it, "one"};
  ASSERT_TRUE(soon([&] { return again.numbers() == numbers{1, 2}; }));
  const auto all = again.letters.all();
  EXPECT_EQ(all[0].what.to, first);
  EXPECT_EQ(all[1].what.to, second);
  EXPECT_EQ(all[0].crashes, 2u);
  EXPECT_EQ(all[0].at, timestamp{1'700'000'000'123ms});
  EXPECT_EQ(all[0].why, "boom: A-1 \"\n\x01");
  again.crash("A-3");
  EXPECT_EQ(again.numbers(), (numbers{1, 2, 3}));
  EXPECT_TRUE(again.letters.take(1));
  EXPECT_TRUE(soon([&] { return kept(it, "one") == 2; }));
  life other{it, "other"};
  other.crash("A-4");
  EXPECT_TRUE(soon([&] { return kept(it, "other") == 1; }));
  EXPECT_EQ(kept(it, "one"), 2u);
  const auto of_all = pg_dead_letters{it.options()}.load_all();
  ASSERT_EQ(of_all.size(), 2u);
  EXPECT_EQ(of_all.at("one").size(), 2u);
  EXPECT_EQ(of_all.at("other").size(), 1u);
}

TEST(letters, of_the_last_moment_are_kept_at_the_end) {
  pg_store it;
  {
    life one{it, "one"};
    one.crash("A-1");
  }
  EXPECT_EQ(kept(it, "one"), 1u);
}

TEST(letters, that_came_before_the_database_answered_are_numbered_after) {
  dead_letters of_now;
  const auto note = [&](dead_letters& into) {
    const auto who = any_block();
    for (int i = 0; i < 2; ++i)
      into.note({who, seat_block::view{}}, "boom", {});
    return who;
  };
  dead_letters of_then;
  const auto old = note(of_then);
  const auto young = note(of_now);
  of_now.restore(of_then.all());
  const auto all = of_now.all();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].number, 1u);
  EXPECT_EQ(all[0].what.to, old);
  EXPECT_EQ(all[1].number, 2u);
  EXPECT_EQ(all[1].what.to, young);
}

#include "node/inspect/by_hand.hpp"
#include "tests/support/memory_store.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

/// Its writes are done, but nobody hears of it in time.
struct slow_registry : memory_registry {
  using memory_registry::drain;
  using memory_registry::memory_registry;

  bool pin(shard_no shard, const std::string& name) override {
    memory_registry::pin(shard, name);
    throw unavailable("silent");
  }

  void unpin(shard_no shard) override {
    memory_registry::unpin(shard);
    throw unavailable("silent");
  }

  bool drain(const std::string& name) override {
    memory_registry::drain(name);
    throw unavailable("silent");
  }
};

struct by_hand : testing::Test {
  by_hand() {
    for (const auto* name : {"one", "two"}) {
      introduction who;
      who.name = name;
      who.is_worker = true;
      quick.join(who, 4s);
    }
  }

  std::shared_ptr<memory_tables> tables = std::make_shared<memory_tables>();
  memory_registry quick{tables};
  slow_registry slow{tables};
};

} // namespace

TEST_F(by_hand, says_why_it_does_not) {
  EXPECT_NE(inspect::pin(quick, 7, "three"), "");
  EXPECT_NE(inspect::drain(quick, "three"), "");
  EXPECT_EQ(inspect::pin(quick, 7, "two"), "");
  EXPECT_EQ(inspect::drain(quick, "one"), "");
  EXPECT_NE(inspect::drain(quick, "two"), "") << "it is the last";
}

TEST_F(by_hand, does_not_call_undone_what_may_be_done) {
  EXPECT_THROW(inspect::pin(slow, 7, "two"), inspect::not_known);
  EXPECT_EQ(quick.look().pins.at(7), "two");
  EXPECT_THROW(inspect::unpin(slow, 7), inspect::not_known);
  EXPECT_THROW(inspect::drain(slow, "one"), inspect::not_known);
  EXPECT_EQ(quick.look().members[0].state, member_state::draining);
}

TEST_F(by_hand, knows_that_what_was_not_begun_is_not_done) {
  tables->down = true;
  EXPECT_THROW(inspect::pin(quick, 7, "two"), unavailable);
  EXPECT_THROW(inspect::drain(quick, "one"), unavailable);
}

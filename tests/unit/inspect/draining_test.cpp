#include "node/inspect/draining.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace std::chrono_literals;
using inspect::why_not_drain;

namespace {

struct draining : testing::Test {
  draining() {
    add("one");
    add("two");
  }

  cluster_member& add(const std::string& name) {
    auto& one = all.members.emplace_back();
    one.self = static_cast<incarnation>(all.members.size());
    one.about.name = name;
    one.lease_until = all.now + 4s;
    return one;
  }

  cluster_view all;
};

const auto is_refused = testing::HasSubstr("nobody would have its shards");

} // namespace

TEST_F(draining, leaves_the_shards_to_another_worker_that_serves) {
  EXPECT_EQ(why_not_drain(all, "one"), "");
  all.members[1].state = member_state::draining;
  EXPECT_THAT(std::string{why_not_drain(all, "one")}, is_refused);
}

TEST_F(draining, counts_neither_fronts_nor_the_late) {
  all.members[1].about.is_worker = false;
  EXPECT_THAT(std::string{why_not_drain(all, "one")}, is_refused);
  EXPECT_EQ(why_not_drain(all, "two"), "") << "it has no shards to give";
  all.members[1].about.is_worker = true;
  all.members[1].lease_until = all.now - 1ms;
  EXPECT_THAT(std::string{why_not_drain(all, "one")}, is_refused);
}

TEST_F(draining, says_nothing_of_who_is_not_there) {
  EXPECT_EQ(why_not_drain(all, "three"), "");
}

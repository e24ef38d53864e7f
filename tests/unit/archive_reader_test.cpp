#include "persistence/journal/archive_reader.hpp"
#include "tests/support/scenario.hpp"
#include "tests/support/scheduled.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;

namespace {

/// Notes what is kept together.
struct noting_archive final : persistence::archive {
  std::vector<history> load(const std::vector<entity_id>& which) override {
    return std::vector<history>(which.size());
  }

  std::vector<usher::alarm> due(incarnation, timestamp, std::size_t) override {
    return {};
  }

  void save(const std::vector<snapshot>& some) override {
    ++tries;
    if (is_away)
      throw persistence::unavailable("told to");
    auto& versions = calls.emplace_back();
    for (const auto& one : some)
      versions.push_back(one.now);
  }

  bool is_away = false;
  int tries = 0;
  std::vector<std::vector<version>> calls;
};

} // namespace

TEST(archive_reader, keeps_many_snapshots_in_calls_that_can_be_committed) {
  scheduled cfg;
  caf::actor_system sys{cfg};
  auto& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  auto store = std::make_shared<noting_archive>();
  persistence::reader_settings settings{store};
  settings.largest_keep = 1'000;
  auto reader = sys.spawn<persistence::archive_reader>(settings);
  store->is_away = true;
  version now = 0;
  for (const std::size_t bytes : {400, 500, 400, 3'000, 400})
    caf::anon_send(
      reader,
      snapshot{{entity_kind::payment, nth(1)}, ++now, std::string(bytes, 'x')});
  sched.run();
  EXPECT_EQ(store->tries, 1);
  store->is_away = false;
  sched.advance_time(std::chrono::milliseconds{100});
  sched.run();
  using testing::ElementsAre;
  EXPECT_THAT(store->calls, ElementsAre(ElementsAre(1, 2), ElementsAre(3),
                                        ElementsAre(4), ElementsAre(5)));
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  sched.run();
}

#include "persistence/journal/committer.hpp"
#include "tests/support/sale.hpp"

#include <gmock/gmock.h>

#include <future>

/// The thread that commits, before a store that commits when it is told to.
using namespace usher;
using namespace usher::test;
using namespace std::chrono_literals;
using persistence::verdict;

namespace {

/// Commits a batch when it was told what becomes of it; a batch is called by
/// how many rows are before it.
struct slow_store final : persistence::journal {
  verdict commit(const persistence::batch& what) override {
    std::unique_lock guard{lock};
    begun.push_back(what.rows.size());
    changed.notify_all();
    auto& mine = verdicts[what.from];
    changed.wait(guard, [&] { return !mine.empty(); });
    const auto next = mine.front();
    mine.pop_front();
    if (!next)
      throw persistence::unavailable("told to");
    return *next;
  }

  void say(std::uint64_t from, std::optional<verdict> next) {
    const std::lock_guard guard{lock};
    verdicts[from].push_back(next);
    changed.notify_all();
  }

  /// The rows of all batches so far, when there are so many of them.
  std::vector<std::size_t> batches(std::size_t n) {
    std::unique_lock guard{lock};
    changed.wait_for(guard, 5s, [&] { return begun.size() >= n; });
    return begun;
  }

  std::mutex lock;
  std::condition_variable changed;
  std::map<std::uint64_t, std::deque<std::optional<verdict>>> verdicts;
  std::vector<std::size_t> begun;
};

struct committer_test : testing::Test {
  committer_test() {
    settings.store = store;
    settings.gauge = std::make_shared<persistence::writer_gauge>();
    settings.gives_up = [this] { return gives_up.load(); };
    settings.fenced = [this] { is_fenced = true; };
    for (shard_no shard = 0; shard < shard_count; ++shard)
      settings.shards.push_back({shard, 1});
  }

  void begin() {
    commits.emplace(settings, [this](persistence::round next) {
      const std::lock_guard guard{lock};
      done.push_back(std::move(next));
      changed.notify_all();
    });
  }

  static submission row(version now, std::string facts = "[]") {
    submission out;
    out.record = entry{{entity_kind::booking_session, nth(1)},
                       now,
                       t0,
                       std::move(facts),
                       false,
                       {}};
    return out;
  }

  /// The numbers up to which all is durable, when there are so many of them.
  std::vector<std::uint64_t> durable(std::size_t n) {
    std::unique_lock guard{lock};
    changed.wait_for(guard, 5s, [&] { return done.size() >= n; });
    std::vector<std::uint64_t> out;
    for (const auto& one : done)
      out.push_back(one.upto);
    return out;
  }

  std::shared_ptr<slow_store> store = std::make_shared<slow_store>();
  std::atomic<bool> gives_up = false;
  std::atomic<bool> is_fenced = false;
  persistence::commit_settings settings;
  std::mutex lock;
  std::condition_variable changed;
  std::vector<persistence::round> done;
  std::optional<persistence::committer> commits;
};

using sizes = std::vector<std::size_t>;
using numbers = std::vector<std::uint64_t>;

} // namespace

TEST_F(committer_test, makes_one_batch_of_what_comes_during_a_commit) {
  begin();
  commits->add(row(1));
  EXPECT_EQ(store->batches(1), sizes{1});
  for (version v = 2; v <= 5; ++v)
    commits->add(row(v));
  EXPECT_TRUE(durable(0).empty());
  store->say(0, verdict::durable);
  EXPECT_EQ(store->batches(2), (sizes{1, 4}));
  store->say(1, verdict::durable);
  EXPECT_EQ(durable(2), (numbers{1, 5}));
}

TEST_F(committer_test, offers_the_same_batch_until_the_database_is_back) {
  begin();
  commits->add(row(1));
  store->batches(1);
  commits->add(row(2));
  store->say(0, std::nullopt);
  store->say(0, std::nullopt);
  store->say(0, verdict::durable);
  store->say(1, verdict::durable);
  EXPECT_EQ(durable(2), (numbers{1, 2}));
  EXPECT_EQ(store->batches(4), (sizes{1, 1, 1, 1}));
}

TEST_F(committer_test, says_nothing_more_once_it_is_fenced) {
  begin();
  commits->add(row(1));
  store->batches(1);
  commits->add(row(2));
  store->say(0, verdict::fenced);
  commits.reset();
  EXPECT_TRUE(is_fenced);
  EXPECT_TRUE(done.empty());
}

TEST_F(committer_test, cuts_what_is_too_much_for_one_batch) {
  settings.largest_batch = 2;
  begin();
  commits->add(row(1));
  store->batches(1);
  for (version v = 2; v <= 6; ++v)
    commits->add(row(v));
  for (std::uint64_t from : {0, 1, 3, 5})
    store->say(from, verdict::durable);
  EXPECT_EQ(store->batches(4), (sizes{1, 2, 2, 1}));
  EXPECT_EQ(durable(4), (numbers{1, 3, 5, 6}));
}

TEST_F(committer_test, cuts_what_is_too_long_for_one_batch) {
  settings.largest_batch_bytes = 4'000;
  begin();
  commits->add(row(1));
  store->batches(1);
  const std::string some(1'500, 'x');
  const std::string too_much(9'000, 'x');
  version v = 1;
  for (const auto& facts : {some, some, too_much, some, some, some})
    commits->add(row(++v, facts));
  for (std::uint64_t from : {0, 1, 3, 4, 6})
    store->say(from, verdict::durable);
  EXPECT_EQ(store->batches(5), (sizes{1, 2, 1, 2, 1}));
  EXPECT_EQ(durable(5), (numbers{1, 3, 4, 6, 7}));
}

TEST_F(committer_test, says_how_much_memory_waits_for_it) {
  begin();
  commits->add(row(1, std::string(5'000, 'x')));
  store->batches(1);
  auto words = submission{};
  words.answers.push_back(
    {{}, answer{errc::ok, {}, document{200, std::string(3'000, 'x')}}});
  commits->add(std::move(words));
  const auto held = settings.gauge->bytes_held.load();
  EXPECT_GT(held, 8'000u);
  EXPECT_LT(held, 10'000u);
  store->say(0, verdict::durable);
  durable(2);
  const std::lock_guard guard{lock};
  std::uint64_t given_back = 0;
  for (const auto& one : done)
    given_back += one.then.bytes;
  EXPECT_EQ(given_back, held);
}

TEST_F(committer_test, ends_though_the_database_never_comes_back) {
  begin();
  commits->add(row(1));
  store->batches(1);
  gives_up = true;
  store->say(0, std::nullopt);
  commits.reset();
  EXPECT_TRUE(done.empty());
}

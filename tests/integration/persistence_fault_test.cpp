#include "tests/support/stores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <random>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

/// Rows whose facts are "slow" rest half a second inside the statement, after
/// the fence and before the commit.
constexpr auto slow_rows = R"sql(
CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM pg_sleep(0.5); RETURN new; END$$;
CREATE TRIGGER slow BEFORE INSERT ON journal FOR EACH ROW
  WHEN (new.facts = 'slow') EXECUTE FUNCTION rest())sql";

/// A takeover rests half a second between its fence and its commit.
constexpr auto slow_takeover = R"sql(
CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM pg_sleep(0.5); RETURN new; END$$;
CREATE TRIGGER slow AFTER UPDATE ON member FOR EACH ROW
  WHEN (old.alive AND NOT new.alive) EXECUTE FUNCTION rest())sql";

constexpr auto gaps = R"sql(
SELECT count(*) FROM (
  SELECT lsn, epoch, age(xmin) AS age,
         row_number() OVER (PARTITION BY shard, epoch ORDER BY lsn) AS n,
         lag(age(xmin)) OVER (PARTITION BY shard ORDER BY lsn) AS before
  FROM journal) x
WHERE lsn <> (epoch::bigint << 32) + n OR age > before)sql";

std::vector<std::string> numbers(int n) {
  std::vector<std::string> out;
  for (int i = 1; i <= n; ++i)
    out.push_back(std::to_string(i));
  return out;
}

int backend_of(const pg_store& it, const std::string& last_query) {
  auto rows = it.ask(
    "SELECT pid FROM pg_stat_activity WHERE datname = '" + it.database
    + "' AND usename = 'usher_app' AND query LIKE '%" + last_query + "%'");
  return rows.at(0)[0].as<int>();
}

/// Waits until a statement rests where one of the triggers above lets it.
void wait_until_one_rests(const pg_store& it) {
  const auto resting = "SELECT count(*) FROM pg_stat_activity WHERE datname = '"
                       + it.database + "' AND wait_event = 'PgSleep'";
  for (int i = 0; i < 10'000 && it.ask(resting)[0][0].as<int>() == 0; ++i)
    std::this_thread::sleep_for(1ms);
}

/// A call gives up after 2.8 s; a busy machine adds to that.
constexpr auto in_time = 4s;

template <class F>
duration time_of(F f) {
  auto start = clock_type::now();
  f();
  return std::chrono::duration_cast<duration>(clock_type::now() - start);
}

/// Writes 1, 2, 3 .. to three entities until told to stop, and checks that they
/// are there: every one, once, in order.
class steady_writer {
public:
  explicit steady_writer(pg_store& it) : it_(it), writer_(it) {
    for (int i = 0; i < 3; ++i)
      who_.push_back(any_block());
    thread_ = std::thread([this] { run(); });
  }

  /// How many batches are durable by now.
  int written() const { return written_; }

  void stop_and_check() {
    stop_ = true;
    thread_.join();
    for (const auto& history : it_.reader().load(who_))
      EXPECT_EQ(facts_of(history), numbers(written_));
    EXPECT_EQ(it_.ask(gaps)[0][0].as<int>(), 0);
  }

private:
  void run() {
    while (!stop_) {
      for (const auto& who : who_) {
        writer_.add(who, std::to_string(written_ + 1));
        writer_.next.alarms.push_back({who, now() + 1h});
      }
      EXPECT_EQ(writer_.commit_stubbornly(), verdict::durable);
      ++written_;
    }
  }

  pg_store& it_;
  node writer_;
  std::vector<entity_id> who_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

} // namespace

TEST(pg_fence, makes_a_takeover_wait_for_a_batch_on_its_way) {
  pg_store it;
  node old(it, 1ms);
  it.ask(slow_rows);
  auto who = any_block();
  old.add(who, "slow");
  auto first = std::async(std::launch::async, [&] { return old.commit(); });
  wait_until_one_rests(it);
  node heir(it);
  EXPECT_EQ(it.ask("SELECT count(*) FROM journal")[0][0].as<int>(), 1);
  EXPECT_EQ(first.get(), verdict::durable);
  old.add(who, "late");
  EXPECT_EQ(old.commit(), verdict::fenced);
  heir.versions[who] = 1;
  heir.add(who, "2");
  EXPECT_EQ(heir.commit(), verdict::durable);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("slow", "2"));
}

TEST(pg_fence, makes_a_batch_wait_for_a_takeover_on_its_way) {
  pg_store it;
  node old(it, 1ms);
  it.ask(slow_takeover);
  std::this_thread::sleep_for(20ms);
  auto takeover = std::async(std::launch::async, [&] { return node(it).self; });
  wait_until_one_rests(it);
  auto who = any_block();
  old.add(who, "late");
  old.next.alarms = {{who, now()}};
  EXPECT_EQ(old.commit(), verdict::fenced);
  takeover.get();
  auto found = load_one(it, who);
  EXPECT_TRUE(found.tail.empty());
  EXPECT_FALSE(found.due);
}

TEST(pg_fence, lets_nothing_be_lost_or_doubled_while_nodes_bury_each_other) {
  pg_store it;
  auto who = any_block();
  int written = 0;
  auto writer = std::make_unique<node>(it);
  for (int round = 0; round < 20; ++round) {
    std::promise<void> going;
    auto heir = std::async(std::launch::async, [&] {
      going.get_future().wait();
      it.ask("UPDATE member SET lease_until = now() - interval '1 hour', "
             "ttl = '0'");
      return std::make_unique<node>(it);
    });
    for (int i = 0;; ++i) {
      if (i == 5)
        going.set_value();
      writer->add(who, std::to_string(written + 1));
      if (writer->commit() == verdict::fenced)
        break;
      ++written;
      ASSERT_LT(i, 5'000) << "never fenced";
    }
    writer = heir.get();
    writer->versions[who] = static_cast<version>(written);
    ASSERT_EQ(it.ask("SELECT count(*) FROM journal")[0][0].as<int>(), written);
  }
  EXPECT_EQ(facts_of(load_one(it, who)), numbers(written));
  EXPECT_EQ(it.ask(gaps)[0][0].as<int>(), 0);
}

TEST(pg_fault, knows_a_batch_whose_answer_it_did_not_wait_for) {
  pg_store it;
  node writer(it);
  it.ask(slow_rows);
  auto options = it.options();
  options.patience = 200ms;
  pg_journal hasty(options, writer.self);
  auto who = any_block();
  writer.add(who, "slow");
  writer.next.upto = 1;
  // The server goes on with the first try while the second comes in.
  EXPECT_THROW(hasty.commit(writer.next), unavailable);
  EXPECT_EQ(writer.commit(), verdict::durable);
  EXPECT_THAT(facts_of(load_one(it, who)), testing::ElementsAre("slow"));
}

TEST(pg_fault, survives_its_sessions_being_terminated) {
  pg_store it;
  steady_writer writer(it);
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  for (int i = 0; i < 150 || (i < 2'000 && writer.written() <= 50); ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(dice() % 20'000));
    it.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
           "WHERE usename = 'usher_app'");
  }
  EXPECT_GT(writer.written(), 50);
  writer.stop_and_check();
}

TEST(pg_fault, survives_kill_9_of_the_server) {
  pg_store it;
  steady_writer writer(it);
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  for (int i = 0; i < 8; ++i) {
    auto before = writer.written();
    std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 200));
    server().kill_9();
    server().start();
    auto waited = time_of([&] {
      for (int n = 0; writer.written() <= before && n < 20'000; ++n)
        std::this_thread::sleep_for(1ms);
    });
    EXPECT_GT(writer.written(), before);
    EXPECT_LE(waited, in_time);
  }
  writer.stop_and_check();
}

TEST(pg_fault, says_unavailable_in_time_when_the_session_is_stopped) {
  pg_store it;
  node writer(it);
  auto who = any_block();
  writer.add(who, "1");
  ASSERT_EQ(writer.commit(), verdict::durable);
  auto backend = backend_of(it, "INSERT INTO journal");
  kill(backend, SIGSTOP);
  writer.add(who, "2");
  auto took = time_of([&] { EXPECT_THROW(writer.offer(), unavailable); });
  EXPECT_LE(took, in_time);
  // A new session finds the way at once; the stopped one comes too late.
  EXPECT_EQ(writer.commit(), verdict::durable);
  kill(backend, SIGCONT);
  writer.add(who, "3");
  EXPECT_EQ(writer.commit(), verdict::durable);
  EXPECT_EQ(facts_of(load_one(it, who)), numbers(3));
}

TEST(pg_fault, says_unavailable_in_time_when_nobody_answers) {
  pg_store it;
  node writer(it);
  auto backend = backend_of(it, "INSERT INTO member");
  auto postmaster = server().postmaster();
  kill(postmaster, SIGSTOP);
  kill(backend, SIGSTOP);
  for (int i = 0; i < 2; ++i) // with the session there was, and without one
    EXPECT_LE(time_of([&] {
                EXPECT_THROW(it.members().renew(writer.self, 4s), unavailable);
              }),
              in_time);
  kill(backend, SIGCONT);
  kill(postmaster, SIGCONT);
  EXPECT_TRUE(it.members().renew(writer.self, 4s));
}

TEST(pg_fault, says_unavailable_at_once_when_the_server_is_down) {
  pg_store it;
  node writer(it);
  server().stop();
  for (int i = 0; i < 2; ++i)
    EXPECT_LE(time_of([&] {
                EXPECT_THROW(it.members().renew(writer.self, 1h), unavailable);
              }),
              1s);
  server().start();
  EXPECT_TRUE(it.members().renew(writer.self, 1h));
}

TEST(pg_registry, buries_nobody_before_the_server_was_up_for_one_lease) {
  pg_store it;
  node sleeper(it, 2s);
  server().stop();
  std::this_thread::sleep_for(1s);
  server().start();
  std::this_thread::sleep_for(
    1200ms); // its lease is over, but who is at fault?
  // The first calls find the old sessions gone.
  EXPECT_THROW(it.members().join(anybody(), 1h), unavailable);
  EXPECT_THROW(it.members().look(), unavailable);
  node other(it);
  EXPECT_TRUE(other.leases.empty());
  std::this_thread::sleep_for(2100ms); // and it has been there for one, too
  other.take_over();
  EXPECT_EQ(other.leases.size(), shard_count);
}

TEST(pg_registry, gives_each_shard_to_one_when_many_grab_at_once) {
  pg_store it;
  std::vector<std::future<std::size_t>> grabs;
  for (int i = 0; i < 8; ++i)
    grabs.push_back(std::async(std::launch::async, [&] {
      pg_registry mine(it.options());
      auto self = mine.join(anybody(), 1h).self;
      return mine.take(self, all_shards()).size();
    }));
  std::size_t all = 0;
  for (auto& grab : grabs)
    all += grab.get();
  EXPECT_EQ(all, shard_count);
}

#include "persistence/lists/projector_actor.hpp"
#include "tests/support/sales.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <random>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> tables{"event_list",  "layout_list",
                                      "order_list",  "payment_list",
                                      "ticket_list", "membership_list"};

/// All that the lists hold, in an order of its own.
std::string contents(const pg_store& it) {
  std::string out;
  for (const auto& table : tables)
    for (const auto& row :
         it.ask("SELECT x::text FROM " + table + " x ORDER BY 1"))
      out += table + row[0].c_str() + '\n';
  return out;
}

int count(const pg_store& it, const std::string& what) {
  return it.ask("SELECT count(*) FROM " + what)[0][0].as<int>();
}

account_id someone() {
  return {mint_uuid()};
}

/// A sale of everything that lists know, with some failures among it.
void tell_a_story(seller& it, int sales = 20) {
  const auto owner = someone();
  const auto event = it.publish(it.found(owner));
  layout::created hall{owner, "Hall", {{"A", {}, 500, 0}, {"B", {}, 20, 0}}};
  it.say<layout::fact>({entity_kind::layout, mint_uuid()}, {hall});
  for (int i = 0; i < sales; ++i) {
    auto one = it.check_out(event, someone());
    it.say_aside({entity_kind::booking_session, one.session.value});
    if (i % 5 == 1) {
      it.tell(one.payment, payment::failed{"callback"});
      it.tell(one.session, booking_session::payment_failed{one.payment, {}});
      it.tell(one.session, booking_session::expired{});
    } else if (i % 5 == 2) {
      it.tell(one.session, booking_session::cancelled{});
      it.tell(one.payment, payment::completed{"callback", now()});
      it.tell(one.payment, payment::refund_started{});
      it.tell(one.payment, payment::refunded{});
    } else {
      it.pay(one, event, someone());
    }
  }
  it.tell(event, event::stock_changed{"A", true});
  it.tell(event, event::stock_changed{"B", true});
  it.tell(event, event::stock_changed{"A", false});
  it.tell(session_id{mint_uuid()}, booking_session::expired{}); // a cart
}

/// What the journal alone makes of it.
std::string from_the_journal(const pg_store& it) {
  for (const auto& table : tables)
    it.ask("DELETE FROM " + table);
  it.ask("DELETE FROM projection_checkpoint");
  projector lists(it.options());
  lists.catch_up(all_shards());
  return contents(it);
}

} // namespace

TEST(projector, reads_a_shard_with_more_than_one_step_takes) {
  pg_store it;
  seller says(it);
  const auto owner = someone();
  const shard_no shard = 7;
  for (int i = 0; i < 50; ++i) {
    entity_id hall{entity_kind::layout, mint_uuid()};
    while (shard_of(hall) != shard)
      hall.key = mint_uuid();
    says.say<layout::fact>(hall,
                           {layout::created{owner, "Hall", {{"A", {}, 5, 0}}}});
  }
  says.commit();
  projector lists(it.options());
  EXPECT_EQ(lists.step(all_shards()), std::vector{shard});
  lists.catch_up(all_shards());
  EXPECT_EQ(count(it, "layout_list"), 50);
}

TEST(projector, makes_rows_of_facts) {
  pg_store it;
  seller says(it);
  const auto owner = someone(), buyer = someone();
  const auto organization = says.found(owner);
  const auto event = says.publish(organization);
  const auto sale = says.sell(event, buyer);
  says.tell(event, event::stock_changed{"B", true});
  says.commit();
  projector(it.options()).apply(says.news);

  auto e = it.ask("SELECT phase, is_public, sections, exhausted, title, search "
                  "FROM event_list")[0];
  EXPECT_EQ(e[0].c_str(), std::string("published"));
  EXPECT_TRUE(e[1].as<bool>());
  EXPECT_EQ(e[2].as<int>(), 2);
  EXPECT_EQ(e[3].c_str(), std::string("{B}"));
  EXPECT_EQ(e[4].c_str(), std::string("Night of Lanterns"));
  EXPECT_THAT(e[5].c_str(), testing::HasSubstr("lotus arena"));
  auto o = it.ask("SELECT id, event, buyer, payment, status, amount, currency, "
                  "completed_at IS NOT NULL FROM order_list")[0];
  EXPECT_EQ(o[0].c_str(), to_string(sale.session.value));
  EXPECT_EQ(o[1].c_str(), to_string(event.value));
  EXPECT_EQ(o[2].c_str(), to_string(buyer.value));
  EXPECT_EQ(o[3].c_str(), to_string(sale.payment.value));
  EXPECT_EQ(o[4].c_str(), std::string("completed"));
  EXPECT_EQ(o[5].as<int>(), 2'400'000);
  EXPECT_TRUE(o[7].as<bool>());
  EXPECT_EQ(
    count(it, "ticket_list WHERE status = 'valid' AND seat LIKE 'A-1-%'"), 2);
  EXPECT_EQ(count(it, "payment_list WHERE status = 'completed'"), 1);
  EXPECT_EQ(count(it, "membership_list WHERE role = 'owner'"), 1);
}

TEST(projector, makes_the_same_of_one_batch_of_many_and_of_the_journal) {
  pg_store it;
  seller says(it);
  tell_a_story(says);
  says.commit();
  projector(it.options()).apply(says.news);
  const auto at_once = contents(it);
  EXPECT_EQ(count(it, "order_list"), 20);
  EXPECT_EQ(count(it, "order_list WHERE status = 'expired'"), 4);
  EXPECT_EQ(count(it, "payment_list WHERE status = 'refunded'"), 4);
  EXPECT_EQ(count(it, "ticket_list"), 24);
  EXPECT_EQ(from_the_journal(it), at_once);
  it.ask("DELETE FROM projection_checkpoint"); // made again over what is there
  projector lists(it.options());
  for (const auto& one : says.news)
    lists.apply({one});
  EXPECT_EQ(contents(it), at_once);
}

TEST(projector, skips_what_it_has_when_it_is_offered_again) {
  pg_store it;
  seller says(it);
  tell_a_story(says);
  says.commit();
  projector lists(it.options());
  lists.apply(says.news);
  const auto once = contents(it);
  it.ask("DELETE FROM ticket_list"); // to see whether it is written again
  lists.apply(says.news);
  projector(it.options()).apply(says.news);
  EXPECT_EQ(count(it, "ticket_list"), 0);
  EXPECT_NE(once, contents(it));
}

TEST(projector, goes_on_after_a_restart_in_mid_stream) {
  pg_store it;
  seller says(it);
  tell_a_story(says);
  says.commit();
  const auto half = says.news.begin() + 47;
  projector(it.options()).apply({says.news.begin(), half});
  projector(it.options()).apply({half - 20, says.news.end()});
  const auto live = contents(it);
  EXPECT_EQ(from_the_journal(it), live);
}

TEST(projector, reads_the_journal_when_another_was_ahead_of_it) {
  pg_store it;
  seller says(it);
  projector first(it.options()), second(it.options());
  first.catch_up(all_shards());
  tell_a_story(says, 60);
  says.commit();
  second.catch_up(all_shards());
  says.news.clear();
  tell_a_story(says, 60);
  says.commit();
  first.apply(says.news);
  EXPECT_GT(first.done().overtaken, 0u);
  const auto live = contents(it);
  EXPECT_EQ(count(it, "order_list"), 120);
  EXPECT_EQ(from_the_journal(it), live);
}

TEST(projector, shares_a_shard_with_another_without_doing_a_thing_twice) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 300);
  says.commit();
  std::vector<std::thread> rivals;
  for (int i = 0; i < 3; ++i)
    rivals.emplace_back([&] {
      projector mine(it.options());
      for (std::size_t at = 0; at < says.news.size(); at += 25) {
        const auto end = std::min(at + 25, says.news.size());
        mine.apply({says.news.begin() + static_cast<std::ptrdiff_t>(at),
                    says.news.begin() + static_cast<std::ptrdiff_t>(end)});
      }
    });
  for (auto& one : rivals)
    one.join();
  const auto live = contents(it);
  EXPECT_EQ(count(it, "order_list"), 300);
  EXPECT_EQ(from_the_journal(it), live);
}

TEST(projector, leaves_out_what_it_cannot_read_or_store_and_goes_on) {
  pg_store it;
  seller says(it);
  const auto owner = someone();
  wanted_event odd;
  odd.title = std::string("a\0b", 3); // PostgreSQL stores no such text
  const auto organization = says.found(owner);
  says.publish(organization, odd);
  says.sell(says.publish(organization), someone());
  says.commit();
  says.news[3].what.facts = R"([["event.of_the_future/1",{}]])";
  projector lists(it.options());
  lists.apply(says.news);
  EXPECT_EQ(lists.done().unreadable, 2u);
  EXPECT_EQ(count(it, "event_list"), 1);
  EXPECT_EQ(count(it, "ticket_list"), 2);
}

TEST(projector, does_everything_once_through_kill_9_of_the_server) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 600);
  says.commit();
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  std::atomic<bool> over = false;
  std::thread assassin([&] {
    for (int i = 0; i < 4 && !over; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 150));
      server().kill_9();
      server().start();
    }
    over = true;
  });
  projector lists(it.options());
  std::size_t at = 0;
  while (at < says.news.size() || !over) {
    const auto end = std::min(at + 40, says.news.size());
    try {
      lists.apply({says.news.begin() + static_cast<std::ptrdiff_t>(at),
                   says.news.begin() + static_cast<std::ptrdiff_t>(end)});
      at = end;
      std::this_thread::sleep_for(2ms);
    } catch (const unavailable&) {
      std::this_thread::sleep_for(2ms);
    }
  }
  assassin.join();
  const auto live = contents(it);
  EXPECT_EQ(count(it, "order_list"), 600);
  EXPECT_EQ(from_the_journal(it), live);
}

namespace {

/// A projector that lives as an actor.
class following {
public:
  following(pg_store& it, std::size_t most_waiting)
    : gauge(std::make_shared<projector_gauge>()) {
    projector_settings settings;
    settings.database = it.options();
    settings.gauge = gauge;
    settings.shards = all_shards();
    settings.largest_batch = 50;
    settings.most_waiting = most_waiting;
    settings.pause = 20ms;
    settings.now = now;
    lists_ = system_.spawn<projector_actor, caf::detached>(settings);
  }

  ~following() { caf::anon_send_exit(lists_, caf::exit_reason::user_shutdown); }

  void hear(const std::vector<published_entry>& news) {
    caf::anon_send(
      lists_,
      publication{std::make_shared<std::vector<published_entry>>(news)});
  }

  void leave(std::vector<shard_no> shards) {
    caf::anon_send(lists_, disowned{std::move(shards)});
  }

  /// Waits until `what` holds; 10 s at most.
  template <class What>
  static void wait_for(What what) {
    for (int i = 0; i < 1'000 && !what(); ++i)
      std::this_thread::sleep_for(10ms);
  }

  const std::shared_ptr<projector_gauge> gauge;

private:
  struct config : caf::actor_system_config {
    config() {
      add_message_types<caf::id_block::usher>();
      set("scheduler.max-threads", 1);
    }
  };

  config config_;
  caf::actor_system system_{config_};
  caf::actor lists_;
};

} // namespace

TEST(projector_actor, catches_up_and_then_follows_though_the_server_goes_away) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 10);
  says.commit();
  says.news.clear(); // before the actor was there
  following actor(it, 100'000);
  following::wait_for([&] { return count(it, "order_list") == 10; });
  tell_a_story(says, 10);
  says.commit();
  server().stop();
  for (const auto& one : says.news)
    actor.hear({one});
  following::wait_for([&] { return actor.gauge->stalled.load(); });
  EXPECT_TRUE(actor.gauge->stalled);
  const auto seen = now();
  EXPECT_GE(actor.gauge->lag(seen), seen - says.news.front().what.at);
  EXPECT_EQ(actor.gauge->lag(seen + 1h), actor.gauge->lag(seen) + 1h)
    << "it grows while nothing moves";
  server().start();
  following::wait_for([&] {
    return actor.gauge->lag(now() + 1h) == 0ms && actor.gauge->waiting == 0
           && count(it, "order_list") == 20;
  });
  const auto live = contents(it);
  EXPECT_EQ(actor.gauge->forgotten, 0u);
  EXPECT_EQ(actor.gauge->lag(now() + 1h), 0ms) << "nothing is missing";
  EXPECT_EQ(from_the_journal(it), live);
}

namespace {

/// An actor that has caught up, so that what it hears is all that it lists.
class listening : public following {
public:
  explicit listening(pg_store& it, std::size_t most_waiting = 100'000)
    : following(it, most_waiting) {
    wait_for([&] { return gauge->batches > 0; });
    entries_ = gauge->entries;
    batches_ = gauge->batches;
  }

  /// Waits until so many entries more are in the lists.
  void wait_for_entries(std::size_t count) const {
    wait_for([&] { return gauge->entries == entries_ + count; });
  }

  std::uint64_t batches() const { return gauge->batches - batches_; }

private:
  std::uint64_t entries_ = 0;
  std::uint64_t batches_ = 0;
};

} // namespace

TEST(projector_actor, waits_for_more_in_a_crowd) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 1);
  says.commit();
  says.news.clear();
  listening actor(it);
  tell_a_story(says, 80);
  says.commit();
  const auto start = std::chrono::steady_clock::now();
  for (auto at = says.news.begin(); at != says.news.end();) {
    const auto end = at + std::min<std::ptrdiff_t>(20, says.news.end() - at);
    actor.hear({at, end});
    at = end;
    std::this_thread::sleep_for(5ms);
  }
  actor.wait_for_entries(says.news.size());
  const auto took = std::chrono::steady_clock::now() - start;
  const auto full = says.news.size() / 50; // these wait for nothing
  const auto paced = took / projector_settings{}.pace + 2;
  EXPECT_LE(actor.batches(), full + static_cast<std::uint64_t>(paced));
  EXPECT_EQ(contents(it), from_the_journal(it));
}

TEST(projector_actor, lists_at_once_what_comes_alone) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 1);
  says.commit();
  says.news.clear();
  listening actor(it);
  tell_a_story(says, 10);
  says.commit();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < says.news.size(); ++i) {
    actor.hear({says.news[i]});
    actor.wait_for_entries(i + 1);
  }
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(actor.batches(), says.news.size());
  EXPECT_LT(took, says.news.size() * projector_settings{}.pace / 2);
}

TEST(projector_actor, leaves_to_the_journal_what_is_too_much_to_keep) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 1);
  says.commit();
  says.news.clear();
  listening actor(it, 30);
  tell_a_story(says, 40);
  says.commit();
  server().stop();
  for (const auto& one : says.news)
    actor.hear({one});
  following::wait_for([&] { return actor.gauge->forgotten > 30; });
  server().start();
  following::wait_for([&] {
    return count(it, "order_list") == 41 && actor.gauge->behind == 0
           && actor.gauge->waiting == 0;
  });
  const auto live = contents(it);
  EXPECT_GT(actor.gauge->forgotten, 30u);
  EXPECT_EQ(from_the_journal(it), live);
}

TEST(projector_actor, leaves_no_gap_behind_when_shards_go_to_another_node) {
  pg_store it;
  seller says(it);
  tell_a_story(says, 1);
  says.commit();
  says.news.clear();
  listening actor(it, 30);
  tell_a_story(says, 40);
  says.commit();
  server().stop();
  const auto later = says.news.end() - 30;
  actor.hear({says.news.begin(), later}); // too much: left to the journal
  actor.hear({later, says.news.end()});
  following::wait_for([&] { return actor.gauge->waiting == 30; });
  ASSERT_EQ(actor.gauge->waiting, 30u);
  actor.leave(all_shards());
  server().start();
  following::wait_for([&] { return actor.gauge->waiting == 0; });
  projector next(it.options());
  next.catch_up(all_shards());
  const auto live = contents(it);
  EXPECT_EQ(from_the_journal(it), live);
}

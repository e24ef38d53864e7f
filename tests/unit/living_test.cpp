#include "actors/entity/life.hpp"
#include "tests/support/sale.hpp"

#include <gmock/gmock.h>

using namespace usher;
using namespace usher::test;

/// The life that all entities share: repeats, questions, waiting, alarms.
namespace {

constexpr uuid cart = nth(40);
const entity_id the_cart{entity_kind::booking_session, cart};
const entity_id the_hall{entity_kind::organization, nth(70)};
const entity_id the_block = block("A");

return_address bridge(std::uint64_t number) {
  return {1, {}, number};
}

request_key key(std::uint8_t n, std::uint64_t body = 1) {
  return {nth(n), body};
}

/// A life, and the journal it wrote so far.
struct lived {
  explicit lived(const entity_id& who) : self(who), alive(conceive(who)) {
    alive->remember({who, {}, {}, {}, {}});
  }

  outbox step(std::function<void(outbox&)> what) {
    outbox out;
    what(out);
    if (out.record)
      journal.push_back(*out.record);
    if (out.timer)
      due = out.timer->due;
    return out;
  }

  template <class Command>
  outbox receive(const Command& what,
                 std::optional<request_key> repeatable = {}, timestamp now = t0,
                 return_address from = bridge(7)) {
    return step([&](outbox& out) {
      alive->receive({self, any_command{what}, from, repeatable, false}, now,
                     out);
    });
  }

  /// Answers the question that was put last.
  outbox hear(const outbox& asked, answer what, timestamp now = t0) {
    return step([&](outbox& out) {
      alive->hear({asked.inside.at(0).from, std::move(what)}, now, out);
    });
  }

  /// A new life with the same past.
  void replay(bool with_snapshot = false) {
    history past{self, {}, journal, due, {}};
    if (with_snapshot) {
      past.base = alive->fold();
      past.tail.clear();
    }
    alive = conceive(self);
    alive->remember(past);
  }

  entity_id self;
  std::unique_ptr<life> alive;
  std::vector<entry> journal;
  std::optional<timestamp> due;
};

organization::command founding(const std::string& name = "Hall") {
  return organization::create{ada, name};
}

errc refusal(const outbox& out) {
  if (out.outside.size() == 1)
    return out.outside[0].what.refused;
  ADD_FAILURE() << out.outside.size() << " answers";
  return errc::internal;
}

document answered(const outbox& out) {
  if (out.outside.size() == 1)
    if (auto* text = std::get_if<document>(&out.outside[0].what.reply))
      return *text;
  ADD_FAILURE() << "no document";
  return {};
}

booking_session::command opening() {
  booking_session::open out;
  out.caller = ada;
  out.event = concert;
  return out;
}

/// A session with one hold of Ada's under way: it waits for block A.
struct busy : lived {
  busy() : lived(the_cart) {
    auto asked = receive(opening());
    asked = hear(asked, {errc::ok, {}, terms_of_sale()});
    hear(asked, {errc::ok, {}, allowance::entered_as{false, 4}});
    booking_session::hold wanted;
    wanted.caller = ada;
    wanted.wanted.seats = {"A-1-1"};
    question = receive(booking_session::command{wanted}, key(50));
  }

  outbox question;
};

booking_session::command look() {
  return booking_session::describe{ada};
}

booking_session::command extending() {
  return booking_session::extend{ada, false, {}, 0, {}};
}

} // namespace

// -- repeats

TEST(life, refuses_again_under_the_same_key_what_makes_no_sense) {
  lived session(the_cart);
  auto asked = session.receive(opening());
  asked = session.hear(asked, {errc::ok, {}, terms_of_sale()});
  session.hear(asked, {errc::ok, {}, allowance::entered_as{false, 4}});
  booking_session::hold wanted;
  wanted.caller = ada;
  wanted.wanted.seats = {"nonsense"};
  const auto first = session.receive(booking_session::command{wanted}, key(50));
  ASSERT_EQ(refusal(first), errc::unknown_seat);
  EXPECT_TRUE(first.record) << "a refusal that is stored";
  session.replay();
  const auto again = session.receive(booking_session::command{wanted}, key(50));
  EXPECT_FALSE(again.record);
  EXPECT_EQ(refusal(again), errc::unknown_seat);
  EXPECT_EQ(again.outside[0].what.more, first.outside[0].what.more);
  EXPECT_FALSE(again.outside[0].what.more.empty());
  EXPECT_EQ(
    refusal(session.receive(booking_session::command{wanted}, key(50, 2))),
    errc::key_reused);
  wanted.caller = bob; // 404: who sees nothing here leaves nothing here
  EXPECT_FALSE(
    session.receive(booking_session::command{wanted}, key(51)).record);
}

TEST(life, gives_the_same_bytes_to_the_same_key) {
  lived hall(the_hall);
  const auto first = answered(hall.receive(founding(), key(1)));
  EXPECT_EQ(first.status, 201);
  const auto out = hall.receive(founding(), key(1), t0 + 1h);
  EXPECT_FALSE(out.record);
  EXPECT_EQ(answered(out).json, first.json);
  EXPECT_EQ(answered(out).status, 201);
}

TEST(life, refuses_another_body_under_the_same_key) {
  lived hall(the_hall);
  hall.receive(founding(), key(1, 1));
  EXPECT_EQ(refusal(hall.receive(founding("Other"), key(1, 2))),
            errc::key_reused);
}

TEST(life, does_not_remember_refusals_that_may_end_otherwise) {
  lived session(the_cart);
  EXPECT_EQ(refusal(session.receive(look(), key(1))), errc::not_found);
  auto asked = session.receive(opening(), key(2));
  EXPECT_EQ(refusal(session.hear(asked, {errc::not_on_sale})),
            errc::not_on_sale);
  EXPECT_TRUE(session.journal.empty());
  EXPECT_EQ(session.receive(opening(), key(2)).inside.size(), 1u)
    << "it is judged anew";
}

TEST(life, remembers_answers_over_replay_and_snapshot) {
  for (const bool with_snapshot : {false, true}) {
    lived hall(the_hall);
    const auto first = answered(hall.receive(founding(), key(1)));
    hall.replay(with_snapshot);
    EXPECT_EQ(hall.alive->now(), 1u);
    EXPECT_EQ(answered(hall.receive(founding(), key(1))).json, first.json);
    EXPECT_EQ(refusal(hall.receive(founding(), key(2))), errc::already_exists);
  }
}

TEST(life, forgets_answers_after_a_day) {
  lived hall(the_hall);
  hall.receive(founding(), key(1));
  EXPECT_EQ(answered(hall.receive(founding(), key(1), t0 + 24h - 1ms)).status,
            201);
  EXPECT_EQ(refusal(hall.receive(founding(), key(1), t0 + 24h)),
            errc::already_exists);
  outbox out;
  EXPECT_NE(hall.alive->fold().state.find("answers\":[{"), std::string::npos);
  hall.alive->tidy(t0, t0 + 24h, out);
  EXPECT_NE(hall.alive->fold().state.find("answers\":[]"), std::string::npos);
}

TEST(life, tells_a_repeat_that_the_first_is_still_running) {
  busy session;
  EXPECT_EQ(refusal(session.receive(
              booking_session::command{booking_session::hold{}}, key(50))),
            errc::request_in_progress);
  session.receive(extending(), key(51));
  EXPECT_EQ(refusal(session.receive(extending(), key(51))),
            errc::request_in_progress);
}

TEST(life, keeps_an_answer_even_if_nothing_happened) {
  busy session;
  session.hear(session.question, {errc::ok, {}, granted_seats("A", {"A-1-1"})});
  booking_session::hold again;
  again.caller = ada;
  again.wanted.seats = {"A-1-1"};
  const auto out = session.receive(booking_session::command{again}, key(52));
  ASSERT_TRUE(out.record);
  EXPECT_EQ(out.record->facts, "[]");
  EXPECT_TRUE(out.record->request);
}

// -- questions

TEST(life, lets_commands_wait_in_order_while_it_asks) {
  busy session;
  auto first = session.receive(extending(), {}, t0, bridge(11));
  auto second = session.receive(
    booking_session::command{booking_session::cancel{ada}}, {}, t0, bridge(12));
  EXPECT_TRUE(first.outside.empty() && second.outside.empty());
  auto out = session.hear(session.question,
                          {errc::ok, {}, granted_seats("A", {"A-1-1"})});
  EXPECT_EQ(answered(out).status, 200);
  ASSERT_TRUE(out.again);
  EXPECT_EQ(out.again->from.number, 11u);
  auto asked = session.step(
    [&](outbox& o) { session.alive->receive(std::move(*out.again), t0, o); });
  ASSERT_EQ(asked.inside.size(), 1u); // the extension asks the block
  out = session.hear(asked, {});
  ASSERT_TRUE(out.again);
  EXPECT_EQ(out.again->from.number, 12u);
}

TEST(life, answers_queries_while_it_asks) {
  busy session;
  EXPECT_EQ(answered(session.receive(look())).status, 200);
  EXPECT_FALSE(session.alive->idle());
}

TEST(life, is_overloaded_rather_than_endless) {
  busy session;
  for (int i = 0; i < 256; ++i)
    EXPECT_TRUE(session.receive(extending()).outside.empty());
  EXPECT_EQ(refusal(session.receive(extending())), errc::overloaded);
}

TEST(life, never_loses_an_alarm_in_a_crowd) {
  busy session;
  for (int i = 0; i < 256; ++i)
    session.receive(extending());
  session.receive(booking_session::command{wake{}}, {}, t0 + 10min, {});
  auto out = session.hear(session.question, {errc::seat_unavailable});
  int waited = 0;
  bool woke = false;
  for (; out.again; ++waited) {
    woke = std::holds_alternative<wake>(
      std::get<booking_session::command>(out.again->what));
    auto next = std::move(*out.again);
    out = {};
    session.alive->receive(std::move(next), t0 + 10min, out);
  }
  EXPECT_EQ(waited, 257);
  EXPECT_TRUE(woke);
}

TEST(life, begins_nothing_whose_asker_has_gone) {
  lived it(the_hall);
  request late{it.self, any_command{founding()}, bridge(7), key(50)};
  late.until = t0;
  auto out = it.step([&](outbox& x) { it.alive->receive(late, t0 + 1ms, x); });
  EXPECT_EQ(refusal(out), errc::unavailable);
  EXPECT_TRUE(it.journal.empty());
  late.until = t0 + 5ms;
  it.step([&](outbox& x) { it.alive->receive(late, t0 + 1ms, x); });
  ASSERT_EQ(it.journal.size(), 1u);
  // What was done in time is told at any time.
  out = it.step([&](outbox& x) { it.alive->receive(late, t0 + 1h, x); });
  EXPECT_EQ(refusal(out), errc::ok);
}

TEST(life, begins_nothing_that_waited_here_for_too_long) {
  busy it;
  request late{it.self, any_command{extending()}, bridge(8)};
  late.until = t0 + 1s;
  EXPECT_TRUE(it.step([&](outbox& x) { it.alive->receive(late, t0, x); })
                .outside.empty());
  auto out = it.hear(it.question, {errc::not_found}, t0 + 2s);
  ASSERT_TRUE(out.again);
  out = it.step(
    [&](outbox& x) { it.alive->receive(std::move(*out.again), t0 + 2s, x); });
  EXPECT_EQ(refusal(out), errc::unavailable);
  EXPECT_TRUE(it.alive->idle());
}

TEST(life, does_all_that_follows_under_the_trace_of_the_request) {
  for (const bool is_sampled : {false, true}) {
    const trace by{nth(90), is_sampled};
    lived session(the_cart);
    request first{the_cart, any_command{opening()}, bridge(7)};
    first.by = by;
    auto asked = session.step(
      [&](outbox& out) { session.alive->receive(first, t0, out); });
    ASSERT_EQ(asked.inside.size(), 1u);
    EXPECT_EQ(asked.inside[0].by, by);
    asked = session.hear(asked, {errc::ok, {}, terms_of_sale()});
    ASSERT_EQ(asked.inside.size(), 1u);
    EXPECT_EQ(asked.inside[0].by, by);
    session.hear(asked, {errc::ok, {}, allowance::entered_as{false, 4}});
    ASSERT_FALSE(session.journal.empty());
    EXPECT_EQ(session.journal.back().trace, is_sampled ? by.id : uuid{})
      << "only who asks for it finds it in the journal";
  }
}

TEST(life, says_that_it_waited_long_and_for_whom) {
  lived quick(the_cart);
  auto asked = quick.receive(opening());
  const auto whom = asked.inside.at(0).to;
  EXPECT_FALSE(
    quick.hear(asked, {errc::ok, {}, terms_of_sale()}, t0 + 999ms).late);
  lived slow(the_cart);
  asked = slow.receive(opening());
  const auto heard =
    slow.hear(asked, {errc::ok, {}, terms_of_sale()}, t0 + 1'500ms);
  ASSERT_TRUE(heard.late);
  EXPECT_EQ(heard.late->asked, whom);
  EXPECT_EQ(heard.late->took, 1'500ms);
  EXPECT_TRUE(heard.late->is_over);
  lived lost(the_cart);
  lost.receive(opening());
  outbox out;
  lost.alive->tidy(t0, t0 + 5s, out);
  ASSERT_TRUE(out.late);
  EXPECT_EQ(out.late->asked, whom);
  EXPECT_FALSE(out.late->is_over);
}

TEST(life, drops_an_answer_that_nobody_waits_for) {
  busy session;
  auto late = session.question;
  outbox out;
  session.alive->tidy(t0, t0 + 5s, out);
  EXPECT_EQ(refusal(out), errc::outcome_unknown);
  EXPECT_TRUE(session.alive->idle());
  EXPECT_FALSE(
    session.hear(late, {errc::ok, {}, granted_seats("A", {"A-1-1"})}).record);
}

TEST(life, gives_up_no_question_before_its_time) {
  busy session;
  outbox out;
  session.alive->tidy(t0 - 1ms, t0, out);
  EXPECT_TRUE(out.outside.empty());
  EXPECT_FALSE(session.alive->idle());
}

TEST(life, tells_all_who_wait_when_it_ends) {
  busy session;
  session.receive(extending(), {}, t0, bridge(11));
  outbox out;
  session.alive->abandon(errc::outcome_unknown, out);
  ASSERT_EQ(out.outside.size(), 2u);
  EXPECT_EQ(out.outside[0].what.refused, errc::outcome_unknown);
  EXPECT_TRUE(session.alive->idle());
}

TEST(life, tells_whom_it_served_when_it_breaks_down) {
  busy session; // the block answers with what no block says
  outbox out;
  EXPECT_ANY_THROW(session.alive->hear(
    {session.question.inside.at(0).from, answer{errc::ok}}, t0, out));
  outbox last;
  session.alive->abandon(errc::outcome_unknown, last);
  EXPECT_EQ(refusal(last), errc::outcome_unknown);
}

TEST(life, names_the_command_that_broke_it_however_often_it_asked) {
  busy session; // the block answers with what no block says
  outbox out;
  EXPECT_ANY_THROW(session.alive->hear(
    {session.question.inside.at(0).from, answer{errc::ok}}, t0, out));
  auto culprit = session.alive->culprit();
  ASSERT_TRUE(culprit);
  EXPECT_EQ(culprit->to, the_cart);
  EXPECT_TRUE(culprit->key);
  const auto* held = std::get_if<booking_session::hold>(
    &std::get<booking_session::command>(culprit->what));
  ASSERT_TRUE(held);
  EXPECT_FALSE(held->started) << "as it came, not as far as it was";
  EXPECT_FALSE(session.alive->culprit());

  lived other(the_cart);
  auto asked = other.receive(opening());
  asked = other.hear(asked, {errc::ok, {}, terms_of_sale()});
  EXPECT_ANY_THROW(other.hear(asked, answer{errc::ok})); // nor any allowance
  culprit = other.alive->culprit();
  ASSERT_TRUE(culprit);
  EXPECT_TRUE(std::holds_alternative<booking_session::open>(
    std::get<booking_session::command>(culprit->what)));
}

// -- alarms

TEST(life, writes_an_alarm_only_if_it_must_ring_earlier) {
  lived it(the_block);
  it.receive(seat_block::command{seat_block::open{
    concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false}});
  auto hold = [&](std::uint8_t who, const char* seat, timestamp until) {
    return it
      .receive(seat_block::command{
        seat_block::hold{session_id{nth(who)}, {seat}, until}})
      .timer;
  };
  auto first = hold(1, "1-1", t0 + 10min);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->due, t0 + 10min);
  EXPECT_FALSE(hold(2, "1-2", t0 + 11min));
  auto earlier = hold(3, "1-3", t0 + 9min);
  ASSERT_TRUE(earlier);
  EXPECT_EQ(earlier->due, t0 + 9min);
}

TEST(life, sets_the_alarm_anew_when_it_rang_and_takes_it_away_at_the_end) {
  lived it(the_block);
  it.receive(seat_block::command{seat_block::open{
    concert, seats_of("A", 2, 4), seated, {seat_price, "EUR"}, false}});
  for (std::uint8_t n = 1; n <= 2; ++n)
    it.receive(
      seat_block::command{seat_block::hold{session_id{nth(n)},
                                           {"1-" + std::to_string(n)},
                                           t0 + std::chrono::minutes{n}}});
  auto out = it.receive(seat_block::command{wake{}}, {}, t0 + 1min, {});
  ASSERT_TRUE(out.timer);
  EXPECT_EQ(out.timer->due, t0 + 2min);
  out = it.receive(seat_block::command{wake{}}, {}, t0 + 2min, {});
  ASSERT_TRUE(out.timer);
  EXPECT_FALSE(out.timer->due);
}

TEST(life, asks_again_later_when_an_alarm_must_wait_for_somebody_else) {
  lived pay({entity_kind::payment, nth(50)});
  pay.receive(payment::command{
    payment::create{{cart}, concert, ada, {100, "EUR"}, "card", t0 + 15min}});
  const auto out = pay.receive(payment::command{wake{}}, {}, t0 + 15min, {});
  EXPECT_EQ(out.errands.size(), 1u);
  ASSERT_TRUE(out.timer);
  EXPECT_EQ(out.timer->due, t0 + 15min + 5s);
}

TEST(life, does_not_ring_again_at_once_for_what_is_overdue_already) {
  lived pay({entity_kind::payment, nth(50)});
  pay.receive(payment::command{
    payment::create{{cart}, concert, ada, {100, "EUR"}, "card", t0 + 15min}});
  payment::notify paid;
  paid.amount = {100, "EUR"};
  auto asked = pay.receive(payment::command{paid});
  pay.hear(asked, {errc::outcome_unknown});
  const auto end = t0 + 15min;
  asked = pay.receive(payment::command{wake{}}, {}, end, {});
  ASSERT_TRUE(asked.timer);
  EXPECT_EQ(asked.timer->due, end + 5s);
  const auto out = pay.hear(asked, {errc::outcome_unknown}, end + 1s);
  EXPECT_FALSE(out.timer);
}

TEST(life, knows_the_stored_alarm_after_replay) {
  lived pay({entity_kind::payment, nth(50)});
  pay.receive(payment::command{
    payment::create{{cart}, concert, ada, {100, "EUR"}, "card", t0 + 15min}});
  pay.replay();
  EXPECT_FALSE(pay.receive(payment::command{payment::describe{ada}}).timer);
  EXPECT_FALSE(pay.alive->overdue(t0 + 15min - 1ms));
  EXPECT_TRUE(pay.alive->overdue(t0 + 15min));
}

// -- the past

TEST(life, refuses_a_past_it_cannot_read) {
  auto broken = conceive(the_hall);
  EXPECT_ANY_THROW(
    broken->remember({the_hall,
                      {},
                      {{the_hall, 1, t0, R"([["no.such/1",{}]])", false, {}}},
                      {},
                      {}}));
}

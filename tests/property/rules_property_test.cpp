#include "tests/property/any_command.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// Whatever is asked, in whatever order, at whatever times: what must be true
/// of each entity is true. RC_PARAMS="seed=.." replays a run.
using namespace usher;
using namespace usher::test;

namespace {

// -- seat block

session_id any_session() {
  return {nth(static_cast<std::uint8_t>(31 + pick(0, 3)))};
}

std::vector<std::string> any_seats() {
  std::vector<std::string> out;
  for (auto n = pick(1, 3); n > 0; --n)
    out.push_back(std::to_string(pick(1, 2)) + '-'
                  + std::to_string(pick(1, 4)));
  return out;
}

seat_block::hold_best any_best(session_id who, std::uint32_t count,
                               timestamp until) {
  seat_block::hold_best out{who, count, until};
  if (pick(0, 1) == 0)
    out.has = any_seats();
  out.round = pick(0, 3);
  return out;
}

seat_block::hold any_hold(session_id who, timestamp until) {
  seat_block::hold out{who, any_seats(), until};
  if (pick(0, 1) == 0)
    out.has = any_seats();
  out.round = pick(0, 3);
  return out;
}

seat_block::command any_for_block(const history_of<seat_block::state>& past) {
  using namespace seat_block;
  const auto who = any_session();
  const auto until = past.last + std::chrono::minutes{pick(1, 20)};
  const auto count = pick(0, 4);
  switch (pick(0, 11)) {
    case 0:
    case 1:
    case 2:
      return any_hold(who, until);
    case 3:
      return any_best(who, count, until);
    case 4: {
      hold_places more{who, count, until};
      if (pick(0, 1) == 0)
        more.has = pick(0, 4);
      more.round = pick(0, 3);
      if (pick(0, 1) == 0)
        more.fewer = true;
      return more;
    }
    case 5:
      return seat_block::extend{who, any_seats(), 0, until, pick(0, 1) == 0};
    case 6:
      return release{who,
                     pick(0, 1) == 0 ? std::vector<std::string>{} : any_seats(),
                     0, pick(0, 3)};
    case 7:
    case 8: {
      auto mine = past.state.held.find(who);
      return confirm{
        who, mine == past.state.held.end() ? count : mine->second.size(),
        pick(0, 4)};
    }
    case 9:
      return pick(0, 1) == 0 ? take_back{who, count}
                             : take_back{who, count, until};
    case 10:
      return pick(0, 1) == 0 ? seat_block::command{block_seats{any_seats(), ""}}
                             : seat_block::command{unblock_seats{any_seats()}};
    default:
      return wake{};
  }
}

void check_piles(const seat_block::state& block) {
  std::map<std::uint32_t, int> piles;
  std::uint32_t held = 0;
  std::uint32_t sold = 0;
  for (const auto& [who, mine] : block.held) {
    RC_ASSERT(mine.size() > 0u);
    held += mine.size();
    for (auto seat : mine.seats)
      ++piles[seat];
  }
  for (const auto& [who, mine] : block.sold) {
    sold += mine.size();
    for (auto seat : mine.seats)
      ++piles[seat];
  }
  for (auto seat : block.blocked)
    ++piles[seat];
  for (const auto& [seat, n] : piles)
    RC_ASSERT(n == 1);
  RC_ASSERT(held == block.count_held);
  RC_ASSERT(sold == block.count_sold);
  RC_ASSERT(held + sold + block.blocked.size() + block.available()
            == block.total());
  RC_ASSERT(block.endings.size() == block.held.size());
}

/// What is sold stays with whom it was sold to, unless it is taken back.
void check_sold(const seat_block::state& before, const seat_block::state& after,
                const decision<seat_block::state>& said) {
  for (const auto& what : said.facts)
    if (std::holds_alternative<seat_block::returned>(what))
      return;
  for (const auto& [who, mine] : before.sold)
    RC_ASSERT(after.sold.at(who).size() >= mine.size());
}

void live_as_block(const section& plan) {
  live_through<seat_block::state>(
    block("A").key,
    [&](const auto& past) -> seat_block::command {
      if (!past.state.is_open)
        return seat_block::open{
          concert, plan, seated, {1, "EUR"}, pick(0, 1) == 0};
      return any_for_block(past);
    },
    [](const auto& before, const auto& past, const auto& said) {
      check_piles(past.state);
      check_sold(before, past.state, said);
      RC_ASSERT(past.state.now == before.now + said.facts.size());
      for (const auto& what : said.facts)
        if (auto* end = std::get_if<seat_block::lapsed>(&what))
          RC_ASSERT(before.held.at(end->session).until <= past.last);
    });
}

} // namespace

RC_GTEST_PROP(any_life_of, a_block_with_seats, ()) {
  live_as_block(seats_of("A", 2, 4));
}

RC_GTEST_PROP(any_life_of, a_block_of_general_admission, ()) {
  live_as_block(floor_of("A", 8));
}

/// Sessions tell the truth when they are asked; nobody has more than the limit.
RC_GTEST_PROP(any_life_of, an_allowance, ()) {
  constexpr std::uint32_t limit = 4;
  history_of<allowance::state> past(allowance::key_of(concert, ada));
  std::map<session_id, std::uint32_t> has;
  std::map<session_id, bool> alone;
  auto ask = [&](allowance::command what) {
    auto said = past.obey(what, t0);
    while (said.ask) {
      const session_id whom{said.ask->ask.to.key};
      alone[whom] = false;
      said = past.obey(
        with_answer(said.ask->then,
                    {errc::ok,
                     {},
                     booking_session::used{has[whom], !has.contains(whom)}}),
        t0);
    }
    return said;
  };
  for (auto n = pick(1, 40); n > 0; --n) {
    const auto who = any_session();
    if (!has.contains(who)) {
      const auto said = ask(allowance::enter{who, limit, t0 + 1h, {}, {}});
      has[who] = 0;
      alone[who] = !std::get<allowance::entered_as>(said.reply->reply).shared;
    } else if (alone[who]) {
      has[who] = pick(0, limit); // it counts for itself
    } else {
      const auto wanted = pick(0, limit);
      const auto said = ask(allowance::claim{who, wanted, {}, {}});
      if (!said.reply || said.reply->granted())
        has[who] = wanted;
    }
    std::uint32_t sum = 0;
    for (const auto& [session, tickets] : has)
      sum += tickets;
    RC_ASSERT(sum <= limit);
  }
  RC_ASSERT(past.folded() == past.replayed());
}

RC_GTEST_PROP(any_life_of, a_payment, ()) {
  bool settled = false;
  live_through<payment::state>(
    nth(50),
    [&](const auto& past) -> payment::command {
      using namespace payment;
      if (past.state.status == status::none)
        return create{{nth(40)}, concert, ada, {100, "EUR"}, "", t0 + 15min};
      if (pick(0, 5) == 0)
        return refund_done{pick(0, 1) == 0};
      if (pick(0, 5) == 0)
        return wake{};
      notify out;
      out.what = static_cast<report>(pick(0, 2));
      out.amount = {pick(0, 3) == 0 ? 99 : 100, "EUR"};
      if (pick(0, 1) == 0) {
        out.told = true; // the session has answered
        out.got = granting(booking_session::settled{pick(0, 1) == 0});
      }
      return out;
    },
    [&](const auto& before, const auto& past, const auto& said) {
      using payment::status;
      const auto is = past.state.status;
      if (before.status == status::completed)
        RC_ASSERT(is == status::completed || is == status::refunding);
      if (before.status == status::refunding)
        RC_ASSERT(is == status::refunding || is == status::refunded);
      if (before.status == status::refunded)
        RC_ASSERT(is == status::refunded);
      for (const auto& call : said.errands)
        if (std::holds_alternative<refund_call>(call))
          RC_ASSERT(is == status::refunding && !settled);
      settled = past.state.is_settled;
    });
}

RC_GTEST_PROP(any_life_of, an_account, ()) {
  live_through<account::state>(
    nth(1),
    [](const auto& past) -> account::command {
      using namespace account;
      const auto family = nth(static_cast<std::uint8_t>(60 + pick(0, 30)));
      const auto token = "t" + std::to_string(pick(0, 3));
      const auto until = past.last + std::chrono::minutes{pick(1, 60)};
      if (!past.state.exists) {
        register_person out;
        out.asked = 2;
        out.got = granting();
        return out;
      }
      switch (pick(0, 8)) {
        case 0:
          return set_password{"hash " + token};
        case 1:
        case 2:
          return sign_out{family, token};
        case 3:
        case 4:
          return rotate{family, token, "t" + std::to_string(pick(0, 3)), until};
        default:
          return sign_in{family, token, until};
      }
    },
    [](const auto& before, const auto& past, const auto& said) {
      RC_ASSERT(past.state.families.size() <= account::most_families);
      if (said.reply && said.reply->refused == errc::token_reused)
        RC_ASSERT(past.state.families.size() + 1 == before.families.size());
    });
}

namespace {

const std::vector<section> floor_of_hall{floor_of("A", 10), floor_of("B", 10)};

event::command an_event_to_make() {
  event::profile what;
  what.title = "Concert";
  what.venue = "Arena";
  what.currency = "EUR";
  what.timezone = "Europe/Berlin";
  what.starts_at = t0 + 48h;
  what.sale_starts_at = t0 + std::chrono::minutes{pick(1, 100)};
  what.sale_ends_at = // not before the first command comes
    what.sale_starts_at + std::chrono::minutes{pick(10, 100)};
  what.ticket_types = {{{}, "Floor", 2000, {"A", "B"}}};
  what.rules.waiting_room.enabled = pick(0, 1) == 0;
  event::create out;
  out.caller = ada;
  out.wanted = std::make_shared<const event::profile>(std::move(what));
  return out;
}

event::command a_change_of_a_draft() {
  event::revision wanted;
  wanted.title = "Concert " + std::to_string(pick(0, 3));
  if (pick(0, 1) == 0)
    wanted.ticket_types =
      std::vector<event::ticket_type>{{{}, "Any", pick(0, 9), {"B", "A"}}};
  event::revise out;
  out.caller = ada;
  out.wanted = std::make_shared<const event::revision>(std::move(wanted));
  return out;
}

answer house_answers(const letter& asked) {
  if (find_in<organization::role_of>(asked.what))
    return {errc::ok, {}, organization::member_role{organization::role::owner}};
  if (find_in<layout::read>(asked.what))
    return {errc::ok,
            {},
            std::make_shared<const std::vector<section>>(floor_of_hall)};
  return pick(0, 9) == 0 ? nobody_answers(asked) : answer{};
}

} // namespace

RC_GTEST_PROP(any_life_of, an_event, ()) {
  live_through<event::state>(
    concert.value,
    [](const auto& past) -> event::command {
      using namespace event;
      if (past.state.phase == phase::none)
        return an_event_to_make();
      if (pick(0, 6) == 0)
        return a_change_of_a_draft();
      if (pick(0, 4) == 0)
        return note_stock{pick(0, 1) == 0 ? "A" : "B", pick(0, 1) == 0,
                          pick(0, 9)};
      if (pick(0, 9) == 0)
        return event::pause{pick(0, 1) == 0};
      if (pick(0, 19) == 0)
        return note_request{};
      if (pick(0, 2) == 0)
        return wake{};
      advance out;
      out.caller = ada;
      out.to = static_cast<step>(pick(0, 9) == 0 ? 3 : pick(0, 2));
      return out;
    },
    [](const auto& before, const auto& past, const auto& said) {
      using event::phase;
      const auto& now = past.state;
      RC_ASSERT(now.phase != phase::none || said.ask);
      if (before.phase == phase::cancelled)
        RC_ASSERT(now.phase == phase::cancelled);
      RC_ASSERT(now.phase >= before.phase);
      if (before.sale_started)
        RC_ASSERT(now.sale_started);
      if (now.phase == phase::published && before.phase < phase::published)
        RC_ASSERT(before.phase == phase::approved);
      if (!before.sale_started && now.sale_started)
        RC_ASSERT(past.last >= now.what.sale_starts_at);
    },
    house_answers);
}

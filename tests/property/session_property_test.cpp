#include "actors/booking_session/booking_session.hpp"
#include "tests/property/any_command.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// Any life of a session in a world that grants, refuses and falls silent as
/// it likes.
using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

namespace {

constexpr uuid cart = nth(40);

/// Whoever a session asks. It keeps book of what the blocks have granted.
struct fickle_world {
  std::set<uuid> confirmed;  ///< blocks that sold in the saga under way
  std::map<uuid, int> taken; ///< holds granted less releases, in this saga

  answer grant(const letter& asked) {
    if (find_in<event::admit>(asked.what))
      return {errc::ok, {}, terms_of_sale()};
    if (auto* claim = find_in<allowance::claim>(asked.what))
      return {claim->total > 4 ? errc::limit_reached : errc::ok};
    if (find_in<allowance::enter>(asked.what))
      return {errc::ok, {}, allowance::entered_as{pick(0, 1) == 0, 4}};
    if (find_in<seat_block::confirm>(asked.what))
      confirmed.insert(asked.to.key);
    if (auto* hold = find_in<seat_block::hold>(asked.what))
      return {errc::ok, {}, seats(asked.to, hold->seats)};
    if (auto* best = find_in<seat_block::hold_best>(asked.what))
      return {errc::ok, {}, best_seats(asked.to, *best)};
    if (auto* places = find_in<seat_block::hold_places>(asked.what))
      return {errc::ok, {}, granted_places(places->count)};
    if (find_in<payment::inquire>(asked.what)) {
      payment::standing out;
      out.now = static_cast<payment::status>(pick(1, 6));
      return {errc::ok, {}, out};
    }
    return {};
  }

  static seat_block::granted best_seats(const entity_id& to,
                                        const seat_block::hold_best& asked) {
    using seat_block::compromise;
    if (asked.at_most.value_or(compromise::accessible) == compromise::accessible
        || pick(0, 1) == 0)
      return seats(to, best_of(asked.count));
    auto none = seats(to, {});
    const auto least = static_cast<std::uint32_t>(*asked.at_most)
                       + (asked.no_orphan.value_or(false) ? 0 : 1);
    none.needs = static_cast<compromise>(pick(least, 2));
    return none;
  }

  static std::vector<std::string> best_of(std::uint32_t count) {
    std::vector<std::string> out;
    for (std::uint32_t n = 0; n < count; ++n)
      out.push_back("9-" + std::to_string(pick(1, 500)));
    return out;
  }

  static seat_block::granted seats(const entity_id& to,
                                   const std::vector<std::string>& names) {
    const std::string section = to == block("A") ? "A" : "B";
    std::vector<std::string> ids;
    for (const auto& name : names)
      ids.push_back(section + '-' + name);
    return granted_seats(section, ids);
  }
};

booking_session::command any_wish() {
  hold out;
  out.caller = ada;
  switch (pick(0, 3)) {
    case 0:
      out.wanted.best_available = pick(1, 3);
      break;
    case 1:
      out.wanted.places = {{standing_place, pick(1, 3)}};
      break;
    default:
      for (auto n = pick(1, 3); n > 0; --n)
        out.wanted.seats.push_back((pick(0, 1) == 0 ? "A-1-" : "B-1-")
                                   + std::to_string(pick(1, 4)));
  }
  return out;
}

booking_session::command any_settlement(const state& session) {
  settle out;
  const auto attempt = pick(0, 3) == 0 ? pick(1, 3) : session.attempts;
  out.payment = payment_of(cart, attempt);
  out.how =
    static_cast<booking_session::outcome>(pick(0, 4) < 3 ? 0 : pick(1, 2));
  return out;
}

booking_session::command any_for(const state& session) {
  switch (session.status == status::none ? 0 : pick(1, 14)) {
    case 0: {
      open out;
      out.caller = ada;
      out.event = concert;
      return out;
    }
    case 1:
    case 2:
    case 3:
      return any_wish();
    case 4:
      if (!session.items.empty() && pick(0, 1) == 0)
        return booking_session::reduce{ada, session.items.front().id, 1};
      return booking_session::remove{
        ada, session.items.empty() ? "A-1-1" : session.items.front().id};
    case 5:
      return booking_session::extend{ada, false, {}, 0, {}};
    case 6:
      switch (pick(0, 7)) {
        case 0:
          return cancel{ada};
        case 1:
          return wind_up{};
        default:
          return share{};
      }
    case 7:
    case 8:
    case 9: {
      checkout out;
      out.caller = ada;
      out.method = "card";
      return out;
    }
    case 10:
    case 11:
    case 12:
      return any_settlement(session);
    default:
      return wake{};
  }
}

/// Blocks that may have sold to the session, and by which sale; one that is
/// asked to sell and is not heard any more has. No letter that undoes a sale
/// means one that comes after it.
struct sales {
  std::map<uuid, std::uint32_t> sold;
  std::uint32_t undone = 0; ///< the last one that was meant

  void take_back(const letter& one) {
    const auto* told = find_in<seat_block::take_back>(one.what);
    if (!told)
      return;
    undone = std::max(undone, told->sale);
    if (auto found = sold.find(one.to.key);
        found != sold.end() && found->second <= told->sale)
      sold.erase(found);
  }

  void keep_book(const decision<state>& said) {
    for (const auto& one : said.letters)
      take_back(one);
    if (!said.ask)
      return;
    take_back(said.ask->ask);
    if (auto* asked = find_in<seat_block::confirm>(said.ask->ask.what)) {
      RC_ASSERT(asked->sale > undone);
      sold[said.ask->ask.to.key] = asked->sale;
    }
  }
};

/// No letter that gives seats back means any that are held after it, and each
/// means all that were held before. Who cancels holds nothing after it.
struct rounds {
  std::uint32_t begun = 0; ///< by the last letter
  std::uint32_t held = 0;  ///< the last one that was held in

  void hold(std::optional<std::uint32_t> round) {
    RC_ASSERT(round.value_or(0) >= begun);
    held = std::max(held, round.value_or(0));
  }

  void keep_book(const decision<state>& said) {
    for (const auto& one : said.letters)
      if (auto* told = find_in<seat_block::release>(one.what)) {
        RC_ASSERT(said.facts.empty() || told->round == 0 || told->round > held);
        begun = std::max(begun, told->round);
      }
    if (!said.ask)
      return;
    const auto& asked = said.ask->ask.what;
    if (auto* seats = find_in<seat_block::hold>(asked))
      hold(seats->round);
    if (auto* best = find_in<seat_block::hold_best>(asked))
      hold(best->round);
    if (auto* places = find_in<seat_block::hold_places>(asked))
      hold(places->round);
    if (auto* longer = find_in<seat_block::extend>(asked))
      hold(longer->round);
  }
};

void check_step(const state& before, const state& after,
                const decision<state>& said, const fickle_world& world,
                const std::map<uuid, std::uint32_t>& sold) {
  if (after.status == status::cancelled)
    RC_ASSERT(sold.empty());
  if (after.status == status::completed)
    for (const auto& share : by_block(after.items))
      RC_ASSERT(sold.contains(share.block.value));
  RC_ASSERT(tickets_in(after.items) <= 4u);
  if (before.status == status::completed)
    RC_ASSERT(after.status == status::completed
              && after.tickets == before.tickets);
  if (before.status == status::cancelled)
    RC_ASSERT(after.status == status::cancelled);
  for (const auto& what : said.facts) {
    auto* done = std::get_if<completed>(&what);
    if (!done)
      continue;
    std::int64_t sum = 0;
    for (const auto& one : done->tickets)
      sum += one.price;
    RC_ASSERT(sum == before.bills.at(done->payment));
    RC_ASSERT(sum == total_of(before.items));
    RC_ASSERT(!before.refunds.contains(done->payment));
    for (const auto& share : by_block(before.items))
      RC_ASSERT(world.confirmed.contains(share.block.value));
  }
}

} // namespace

RC_GTEST_PROP(any_life_of, a_session, ()) {
  history_of<state> past(cart);
  auto now = t0;
  const auto kindness = pick(6, 29); // of 30 answers
  sales book;
  rounds counted;
  for (auto n = pick(1, 40); n > 0; --n) {
    now += duration{static_cast<std::int64_t>(pick(0, 40)) * 1000};
    fickle_world world;
    auto before = past.state;
    auto said = past.obey(any_for(past.state), now);
    book.keep_book(said);
    counted.keep_book(said);
    check_step(before, past.state, said, world, book.sold);
    while (said.ask) {
      const auto fate = pick(0, 29);
      if (fate == 29)
        break; // the answer is lost, and the question given up
      const auto got = fate < kindness ? world.grant(said.ask->ask)
                       : fate < 27
                         ? answer{find_in<event::admit>(said.ask->ask.what)
                                    ? errc::not_on_sale
                                    : errc::hold_expired}
                         : answer{errc::outcome_unknown};
      before = past.state;
      said = past.obey(with_answer(said.ask->then, got), now);
      book.keep_book(said);
      counted.keep_book(said);
      check_step(before, past.state, said, world, book.sold);
    }
    if (pick(0, 12) == 0)
      past.take_snapshot();
  }
  RC_ASSERT(past.folded() == past.replayed());
  RC_ASSERT(past.folded() == past.from_snapshot());
}

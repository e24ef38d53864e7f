#include "actors/booking_session/booking_session.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "tests/property/any_command.hpp"
#include "tests/support/drawn_section.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

/// The best seats of an event with several sections: a real session asks real
/// blocks.
using namespace usher;
using namespace usher::test;

namespace {

/// A block of one row with some seats gone, and what it could do for a party.
struct half_sold {
  std::string name;
  std::string row;
  history_of<seat_block::state> block;

  half_sold(std::string called, std::string drawn)
    : name(std::move(called)),
      row(std::move(drawn)),
      block(test::block(name).key) {
    auto plan = read_drawing({row}).plan;
    plan.name = name;
    block.obey(seat_block::open{concert, plan, seated, {1, "EUR"}, false}, t0);
    std::vector<std::string> gone;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i] == 'x' || row[i] == 'A')
        gone.push_back("1-" + std::to_string(i + 1));
    if (!gone.empty())
      block.obey(seat_block::hold{{nth(39)}, gone, t0 + 1h}, t0);
  }

  /// 0: side by side, 1: so that a single seat is left, 2: in pieces, 3: with
  /// accessible seats, 4: not at all.
  int burden_of(std::size_t party) const {
    const auto together = fewest_left_alone(party);
    if (together)
      return *together == 0 ? 0 : 1;
    const auto plain = std::ranges::count(row, '.');
    const auto kept = std::ranges::count(row, 'a');
    const auto wanted = static_cast<std::ptrdiff_t>(party);
    return plain >= wanted ? 2 : plain + kept >= wanted ? 3 : 4;
  }

  /// New single seats, over every way to sit side by side, if there is one.
  std::optional<std::size_t> fewest_left_alone(std::size_t party) const {
    std::optional<std::size_t> fewest;
    const std::string all(party, '.');
    for (auto at = row.find(all); at != std::string::npos;
         at = row.find(all, at + 1)) {
      auto after = row;
      after.replace(at, party, party, 'x');
      const auto before_them = at > 0 && is_alone(after, at - 1) ? 1U : 0U;
      const auto end = at + party;
      const auto behind = end < row.size() && is_alone(after, end) ? 1U : 0U;
      fewest = std::min<std::size_t>(fewest.value_or(2), before_them + behind);
    }
    return fewest;
  }

  /// A free seat that is not accessible, and no free one beside it.
  static bool is_alone(const std::string& in, std::size_t at) {
    auto is_free = [&](std::size_t i) {
      return i < in.size() && (in[i] == '.' || in[i] == 'a');
    };
    return in[at] == '.' && !is_free(at + 1) && (at == 0 || !is_free(at - 1));
  }
};

std::vector<half_sold> any_sections() {
  std::vector<half_sold> out;
  for (auto n = pick(1, 4); n > 0; --n)
    out.emplace_back("S" + std::to_string(out.size()),
                     *rc::gen::container<std::string>(
                       pick(1, 8), rc::gen::elementOf(std::string{"..xxaA"})));
  return out;
}

/// What the block that is asked says.
answer answer_of(std::vector<half_sold>& sections, const letter& asked) {
  const auto& what = std::get<seat_block::command>(asked.what);
  for (auto& one : sections)
    if (test::block(one.name) == asked.to)
      return *one.block.obey(what, t0).reply;
  return {errc::not_found};
}

booking_session::opened an_open_session() {
  booking_session::opened out;
  out.event = concert;
  out.buyer = ada;
  out.max_per_user = 4;
  out.expires_at = t0 + 10min;
  out.last_moment = t0 + 20min;
  return out;
}

/// The sections as they are listed: the first is the best.
std::shared_ptr<const event::terms>
selling(const std::vector<half_sold>& sections) {
  auto out = std::make_shared<event::terms>(*terms_of_sale());
  out->sections.clear();
  for (const auto& one : sections)
    out->sections.push_back(sold_as(one.block.state.plan, seated,
                                    -static_cast<int>(out->sections.size())));
  return out;
}

} // namespace

RC_GTEST_PROP(any_party, goes_where_it_must_put_up_with_the_least, ()) {
  auto sections = any_sections();
  const auto party = pick(1, 4);
  history_of<booking_session::state> session(nth(40));
  evolve(session.state, an_open_session());
  booking_session::hold wish;
  wish.caller = ada;
  wish.wanted.best_available = party;

  auto said = session.obey(wish, t0);
  said = session.obey(
    with_answer(said.ask->then, {errc::ok, {}, selling(sections)}), t0);
  std::size_t asks = 0;
  for (; said.ask; ++asks)
    said = session.obey(
      with_answer(said.ask->then, answer_of(sections, said.ask->ask)), t0);

  std::vector<int> burdens;
  for (const auto& one : sections)
    burdens.push_back(one.burden_of(party));
  const auto least = std::ranges::min_element(burdens); // the first of them
  RC_ASSERT(asks <= sections.size() + 1);
  if (*least == 4) {
    RC_ASSERT(said.reply->refused == errc::not_enough_seats);
    return;
  }
  RC_ASSERT(session.state.items.size() == party);
  const auto& chosen =
    sections[static_cast<std::size_t>(std::distance(burdens.begin(), least))];
  for (const auto& seat : session.state.items)
    RC_ASSERT(seat.section == chosen.name);
}

RC_GTEST_PROP(any_party, that_did_not_hear_what_it_got_gets_it_again, ()) {
  auto sections = any_sections();
  auto& block = sections.front().block;
  seat_block::hold_best wish{{nth(40)}, pick(1, 4), t0 + 10min};
  wish.has = std::vector<std::string>{};
  const auto once = block.obey(wish, t0);
  const auto again = block.obey(wish, t0);
  RC_ASSERT(again.facts.empty());
  RC_ASSERT(again.reply->refused == once.reply->refused);
  if (!once.reply->granted())
    return;
  const auto& first = std::get<seat_block::granted>(once.reply->reply);
  const auto& second = std::get<seat_block::granted>(again.reply->reply);
  RC_ASSERT(first.seats == second.seats);
}

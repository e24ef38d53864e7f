#include "actors/seat_block/seat_block.hpp"
#include "protocol/command.hpp"

#include <algorithm>
#include <ranges>

namespace usher::seat_block {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

/// How the stock stands when all of that has happened.
letter stock_letter(const state& block, bool exhausted, const facts& happened) {
  return {{entity_kind::event, block.event.value},
          event::command{event::note_stock{block.plan.name, exhausted,
                                           block.now + happened.size()}}};
}

std::uint32_t gone(const state& block) {
  return block.count_sold + static_cast<std::uint32_t>(block.blocked.size());
}

/// Tells the event when the last seat goes. That may be lost: see wake_at.
said with_stock(const state& block, said what, std::uint32_t sold_now) {
  if (sold_now > 0 && gone(block) + sold_now == block.total())
    what.letters.push_back(stock_letter(block, true, what.facts));
  return what;
}

/// That in which it held what it bought, as a fact says it.
std::optional<std::uint32_t> round_of(const reservation& bought) {
  return bought.round > 0 ? std::optional{bought.round} : std::nullopt;
}

/// What is sold already is sold by this sale from now on, so that nobody who
/// undoes an earlier one, and is late, undoes it. What the session holds
/// besides is not in its order.
said sell_again(const state& block, const reservation& bought,
                const confirm& cmd, timestamp now) {
  facts happened;
  if (auto rest = block.held.find(cmd.session); rest != block.held.end())
    happened.emplace_back(
      released{cmd.session, rest->second.seats, rest->second.places});
  happened.emplace_back(returned{cmd.session, bought.seats, bought.places});
  happened.emplace_back(
    held{cmd.session, bought.seats, bought.places, now, {}, round_of(bought)});
  happened.emplace_back(
    sold{cmd.session, bought.seats, bought.places, cmd.sale});
  return happened;
}

/// Nothing is sold, and no sale up to this one is to come through any more.
said forbid_sale(const state& block, const take_back& cmd) {
  auto mine = block.held.find(cmd.session);
  if (mine == block.held.end() || mine->second.sale >= cmd.sale)
    return facts{};
  return facts{extended{cmd.session, mine->second.until, cmd.sale}};
}

} // namespace

bool is_exhausted(const state& block) {
  return block.total() > 0 && gone(block) == block.total();
}

bool must_tell_event(const state& block) {
  return block.is_open && !block.is_closed
         && is_exhausted(block) != block.told_exhausted;
}

/// Another hundred each time: those who do not answer keep nobody waiting.
void send_away(const state& block, timestamp now, decision<state>& out) {
  constexpr std::ptrdiff_t at_once = 100; // or all would come back in one herd
  constexpr std::chrono::seconds between_turns{5};
  const auto holders = static_cast<std::ptrdiff_t>(block.held.size());
  const auto turns = std::max<std::ptrdiff_t>((holders - 1) / at_once + 1, 1);
  const auto first = now.time_since_epoch() / between_turns % turns * at_once;
  for (const auto& [session, mine] :
       block.held | std::views::drop(first) | std::views::take(at_once))
    out.letters.push_back(
      {{entity_kind::booking_session, session.value},
       booking_session::command{booking_session::wind_up{}}});
}

decision<state> speak_to_event(const state& block, std::vector<fact> happened) {
  tell_event next;
  next.exhausted = is_exhausted(block);
  auto [to, what] = stock_letter(block, next.exhausted, happened);
  return said{std::move(happened)}.asking(to, std::move(what), next);
}

/// Sells even what is overdue, as long as nobody else has taken it.
decision<state> decide_confirm(const state& block, const confirm& cmd,
                               timestamp now) {
  if (auto found = block.sold.find(cmd.session); found != block.sold.end()) {
    const auto& bought = found->second;
    if (bought.size() != cmd.count)
      return errc::not_held;
    return bought.sale < cmd.sale ? sell_again(block, bought, cmd, now)
                                  : said{facts{}};
  }
  if (block.is_closed)
    return errc::event_cancelled; // the money goes back
  auto mine = block.held.find(cmd.session);
  if (mine == block.held.end() || mine->second.size() != cmd.count)
    return errc::hold_expired;
  const bool is_undone = cmd.sale > 0 && cmd.sale <= mine->second.sale;
  if (is_undone)
    return errc::hold_expired;
  return with_stock(
    block,
    facts{sold{cmd.session, mine->second.seats, mine->second.places, cmd.sale}},
    cmd.count);
}

decision<state> decide_take_back(const state& block, const take_back& cmd,
                                 timestamp now) {
  auto found = block.sold.find(cmd.session);
  if (found == block.sold.end())
    return forbid_sale(block, cmd);
  const auto& bought = found->second;
  const bool means_all = cmd.sale == 0; // of a node that does not number them
  if (!means_all && bought.sale > cmd.sale)
    return facts{}; // what it means is gone already
  said undone = facts{returned{cmd.session, bought.seats, bought.places}};
  if (cmd.keep_until && *cmd.keep_until > now)
    undone.facts.emplace_back(held{cmd.session, bought.seats, bought.places,
                                   *cmd.keep_until, cmd.sale,
                                   round_of(bought)});
  if (is_exhausted(block))
    undone.letters.push_back(stock_letter(block, false, undone.facts));
  return undone;
}

} // namespace usher::seat_block

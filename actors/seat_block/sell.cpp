#include "actors/seat_block/seat_block.hpp"

namespace usher::seat_block {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

any_command event_stock(const state& block, bool exhausted) {
  return event::command{event::note_stock{block.plan.name, exhausted}};
}

/// Tells the event when the last seat goes.
said with_stock(const state& block, said what, std::uint32_t sold_now) {
  const auto blocked = static_cast<std::uint32_t>(block.blocked.size());
  if (sold_now > 0 && block.count_sold + blocked + sold_now == block.total())
    what.letters.push_back(
      {{entity_kind::event, block.event.value}, event_stock(block, true)});
  return what;
}

} // namespace

/// Sells even what is overdue, as long as nobody else has taken it.
decision<state> decide_confirm(const state& block, const confirm& cmd) {
  if (auto bought = block.sold.find(cmd.session); bought != block.sold.end())
    return bought->second.size() == cmd.count ? said{facts{}}
                                              : said{errc::not_held};
  if (block.is_closed)
    return errc::event_cancelled; // the money goes back
  auto mine = block.held.find(cmd.session);
  if (mine == block.held.end() || mine->second.size() != cmd.count)
    return errc::hold_expired;
  return with_stock(
    block, facts{sold{cmd.session, mine->second.seats, mine->second.places}},
    cmd.count);
}

decision<state> decide_take_back(const state& block, const take_back& cmd,
                                 timestamp now) {
  auto found = block.sold.find(cmd.session);
  if (found == block.sold.end())
    return facts{};
  const auto& bought = found->second;
  said undone = facts{returned{cmd.session, bought.seats, bought.places}};
  if (cmd.keep_until && *cmd.keep_until > now)
    undone.facts.emplace_back(
      held{cmd.session, bought.seats, bought.places, *cmd.keep_until});
  const auto blocked = static_cast<std::uint32_t>(block.blocked.size());
  if (block.count_sold + blocked == block.total())
    undone.letters.push_back(
      {{entity_kind::event, block.event.value}, event_stock(block, false)});
  return undone;
}

} // namespace usher::seat_block

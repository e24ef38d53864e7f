#include "actors/booking_session/booking_session.hpp"
#include "protocol/command.hpp"

#include <algorithm>
#include <iterator>

namespace usher::booking_session {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

said naming(errc why, const std::string& seat) {
  std::string more = "\"seats\":";
  json::put(more, std::vector<std::string>{seat});
  return {why, std::move(more)};
}

answer wrong_in(errc why, const std::string& field) {
  std::string more = "\"field\":";
  json::put_string(more, field);
  return {why, std::move(more)};
}

/// `<section>-<row>-<number>`: rows and numbers have no dash, sections may.
struct seat_name {
  std::string section;
  std::string seat;
};

std::optional<seat_name> parse_seat(const std::string& id) {
  auto number = id.rfind('-');
  if (number == std::string::npos || number == 0 || number + 1 == id.size())
    return std::nullopt;
  auto row = id.rfind('-', number - 1);
  if (row == std::string::npos || row == 0 || row + 1 == number)
    return std::nullopt;
  return seat_name{id.substr(0, row), id.substr(row + 1)};
}

/// Named seats by section, in canonical order. Empty if one is no seat id,
/// which is then told.
std::vector<visit> visits_by_name(const std::vector<std::string>& ids,
                                  std::optional<std::string>& not_an_id) {
  std::map<std::string, std::vector<std::string>> sorted;
  for (const auto& id : ids) {
    auto parsed = parse_seat(id);
    if (!parsed) {
      not_an_id = id;
      return {};
    }
    auto& seats = sorted[parsed->section];
    if (std::ranges::find(seats, parsed->seat) == seats.end())
      seats.push_back(std::move(parsed->seat));
  }
  std::vector<visit> out;
  for (auto& [section, seats] : sorted)
    out.push_back({{{section, {}}}, std::move(seats), 0});
  return out;
}

/// The sections of which `wanted` is true, best first.
template <class Predicate>
std::vector<candidate> candidates(const event::terms& terms, bool general,
                                  Predicate wanted) {
  std::vector<const event::sold_section*> found;
  for (const auto& section : terms.sections)
    if (section.general_admission == general && wanted(section))
      found.push_back(&section);
  std::ranges::stable_sort(found, std::ranges::greater{},
                           &event::sold_section::rating);
  std::vector<candidate> out;
  for (const auto* section : found)
    out.push_back({section->name, {}, general});
  return out;
}

/// Where places of a ticket type can be: rather without numbers. Where no
/// section has them all, each without numbers gives what it has, and another
/// the rest.
std::vector<candidate> homes_of(ticket_type_id type, std::uint32_t count,
                                const event::terms& terms) {
  auto here = [type](const event::sold_section& section) {
    return section.ticket_type == type;
  };
  auto out = candidates(terms, true, here);
  const bool is_numbered = out.empty();
  std::ranges::copy(candidates(terms, false, here), std::back_inserter(out));
  if (is_numbered || out.size() == 1 || count == 1)
    return out;
  const auto whole = out;
  for (const auto& one : whole) {
    out.push_back(one);
    out.back().fewer = one.general_admission;
  }
  return out;
}

/// What general wishes come to, now that the event's sections are known. Empty
/// if one makes no sense there: which, is told.
std::vector<visit> visits_by_terms(const wish& wanted,
                                   const event::terms& terms,
                                   answer& not_a_wish) {
  std::vector<visit> out;
  if (wanted.best_available > 0) {
    auto here = [&](const event::sold_section& section) {
      return wanted.section.empty() || section.name == wanted.section;
    };
    out.push_back({candidates(terms, false, here), {}, wanted.best_available});
    if (out.back().sections.empty()) {
      not_a_wish = wrong_in(errc::unknown_seat, wanted.section.empty()
                                                  ? "best_available"
                                                  : "best_available.section");
      return {};
    }
  }
  for (std::size_t i = 0; i < wanted.places.size(); ++i) {
    const auto& [type, count] = wanted.places[i];
    out.push_back({homes_of(type, count, terms), {}, count});
    if (out.back().sections.empty()) {
      not_a_wish = wrong_in(errc::invalid_value,
                            "ticket_types[" + std::to_string(i) + "].id");
      return {};
    }
  }
  std::ranges::sort(out, {},
                    [](const visit& v) { return v.sections.front().section; });
  return out;
}

std::uint32_t tickets_of(const std::vector<visit>& todo) {
  std::uint32_t n = 0;
  for (const auto& one : todo)
    n += one.places + static_cast<std::uint32_t>(one.seats.size());
  return n;
}

/// How many of the named seats are in the cart already.
std::uint32_t owned(const state& session, const wish& wanted) {
  std::uint32_t n = 0;
  for (const auto& id : std::set(wanted.seats.begin(), wanted.seats.end()))
    n += std::ranges::find(session.items, id, &item::id) != session.items.end()
           ? 1
           : 0;
  return n;
}

/// What the session knows to hold in a section. Of what else it holds there it
/// did not hear, and has it first when it asks again.
share_of_block known_in(const std::string& section, const state& session,
                        const hold& cmd) {
  std::vector<item> here;
  const auto is_here = [&](const item& one) { return one.section == section; };
  std::ranges::copy_if(session.items, std::back_inserter(here), is_here);
  std::ranges::copy_if(cmd.taken, std::back_inserter(here), is_here);
  return here.empty() ? share_of_block{} : by_block(here).front();
}

seat_block::command order_of(const state& session, const uuid& self,
                             const hold& cmd) {
  const session_id me{self};
  const auto round = round_of(session);
  const auto& next = cmd.todo.front();
  const auto& home = next.sections.front();
  auto mine = known_in(home.section, session, cmd);
  if (!next.seats.empty()) {
    seat_block::hold order{me, next.seats, session.expires_at};
    order.round = round;
    if (round)
      order.has = std::move(mine.seats);
    return order;
  }
  if (home.general_admission) {
    seat_block::hold_places order{me, next.places, session.expires_at,
                                  mine.places, round};
    if (home.fewer)
      order.fewer = true;
    return order;
  }
  seat_block::hold_best order{me, next.places, session.expires_at};
  order.has = std::move(mine.seats);
  order.round = round;
  if (next.sections.size() > 1) {
    order.at_most = home.known.needs;
    if (!home.known.orphan)
      order.no_orphan = true;
  }
  return order;
}

said fill_cart(const state& session, hold done) {
  added what{std::move(done.taken)};
  if (!session.has_held && session.items.empty()) // of old, nobody noted it
    what.first = true;
  return said{facts{std::move(what)}}.showing(200);
}

/// Goes to the next block, or, after the last, puts everything in the cart.
said go_on(const state& session, const uuid& self, hold next) {
  if (next.todo.empty())
    return fill_cart(session, std::move(next));
  const auto& visit = next.todo.front();
  const auto block =
    seat_block::block_of(session.terms.event, visit.sections.front().section);
  return said{}.asking({entity_kind::seat_block, block.value},
                       order_of(session, self, next), next);
}

said to_allowance(const state& session, const uuid& self, hold next) {
  allowance::claim question;
  question.session = {self};
  const auto has = tickets_in(session.items);
  question.total = has + tickets_of(next.todo) - owned(session, next.wanted);
  question.has = has;
  return said{}.asking(
    {entity_kind::allowance,
     allowance::key_of(session.terms.event, session.terms.buyer)},
    allowance::command{question}, std::move(next));
}

/// The blocks to visit are known: check the limit, and set out.
said set_out(const state& session, const uuid& self, hold next) {
  const auto fresh = tickets_of(next.todo) - owned(session, next.wanted);
  if (fresh == 0)
    return said{}.showing(200); // one holds it all already
  const auto has = tickets_in(session.items);
  const auto limit = session.terms.max_per_user;
  if (has + fresh > limit && !session.shared)
    return {errc::limit_reached,
            allowance::limit_members(limit, limit > has ? limit - has : 0)};
  if (session.shared)
    return to_allowance(session, self, std::move(next));
  next.granted = true;
  return go_on(session, self, std::move(next));
}

/// Gives back what was taken, last first, and tells why. That nothing came in
/// is noted: a round begins with it.
said give_up(const state& session, const uuid& self, const hold& cmd,
             const answer& why) {
  said out{why.refused, why.more};
  auto shares = by_block(cmd.taken);
  if (!shares.empty())
    out.facts.emplace_back(added{});
  const auto round = next_round(session, out.facts);
  for (auto share = shares.rbegin(); share != shares.rend(); ++share)
    out.letters.push_back({{entity_kind::seat_block, share->block.value},
                           seat_block::command{seat_block::release{
                             {self}, share->seats, share->places, round}}});
  if (session.shared && cmd.granted)
    out.letters.push_back(
      {{entity_kind::allowance,
        allowance::key_of(session.terms.event, session.terms.buyer)},
       allowance::command{
         allowance::claim{{self}, tickets_in(session.items), {}, {}}}});
  return out;
}

/// A block cannot serve: try the next that might, or give up.
said after_refusal(const state& session, const uuid& self, hold next) {
  auto& visit = next.todo.front();
  const bool sold_out = next.got->refused == errc::not_enough_seats;
  if (!visit.seats.empty() || visit.sections.size() == 1 || !sold_out)
    return give_up(session, self, next, *next.got);
  visit.sections.erase(visit.sections.begin());
  return go_on(session, self, std::move(next));
}

/// A section has the seats, but only for a party that puts up with more: it is
/// asked again after all that need less. What it needs rises each time. If it
/// is not more than it was asked for, they would leave a single one.
said go_elsewhere_first(const state& session, const uuid& self, hold next,
                        seat_block::compromise needs) {
  auto& sections = next.todo.front().sections;
  candidate later{sections.front().section, {needs, true}};
  sections.erase(sections.begin());
  auto place =
    std::ranges::upper_bound(sections, later.known, {}, &candidate::known);
  sections.insert(place, std::move(later));
  return go_on(session, self, std::move(next));
}

/// A section gave what it had: the next gives the rest.
said go_on_for_the_rest(const state& session, const uuid& self, hold next,
                        std::uint32_t had) {
  auto& visit = next.todo.front();
  visit.places -= had;
  visit.sections.erase(visit.sections.begin());
  return visit.sections.empty()
           ? give_up(session, self, next, answer{errc::not_enough_seats})
           : go_on(session, self, std::move(next));
}

said after_grant(const state& session, const uuid& self, hold next) {
  const auto& got = std::get<seat_block::granted>(next.got->reply);
  if (got.needs)
    return go_elsewhere_first(session, self, std::move(next), *got.needs);
  const auto& visit = next.todo.front();
  const bool has_numbers = !visit.sections.front().general_admission;
  std::uint32_t given = 0;
  for (const auto& seat : got.seats) {
    given += seat.places;
    auto in_cart = std::ranges::find(session.items, seat.id, &item::id);
    if (in_cart != session.items.end() && !in_cart->general_admission)
      continue;
    next.taken.push_back({seat.id, got.section, got.block, got.ticket_type,
                          got.price.amount, seat.places, !has_numbers});
  }
  if (given < visit.places)
    return go_on_for_the_rest(session, self, std::move(next), given);
  next.todo.erase(next.todo.begin());
  return go_on(session, self, std::move(next));
}

said first_step(const state& session, const uuid& self, const hold& cmd,
                timestamp now) {
  if (session.status == status::none || session.terms.buyer != cmd.caller)
    return errc::not_found;
  if (session.status == status::expired
      || (session.status == status::open && session.expires_at <= now))
    return errc::session_expired;
  if (session.status != status::open)
    return errc::session_not_open;
  auto next = cmd;
  next.started = true;
  if (cmd.wanted.seats.empty())
    return said{}.asking({entity_kind::event, session.terms.event.value},
                         event::command{event::admit{session_id{self}}}, next);
  std::optional<std::string> not_an_id;
  next.todo = visits_by_name(cmd.wanted.seats, not_an_id);
  if (not_an_id)
    return naming(errc::unknown_seat, *not_an_id);
  return set_out(session, self, std::move(next));
}

} // namespace

decision<state> decide_hold(const state& session, const uuid& self,
                            const hold& cmd, timestamp now) {
  if (!cmd.started)
    return first_step(session, self, cmd, now);
  auto next = cmd;
  if (next.todo.empty()) { // the event answered
    if (!next.got->granted())
      return {next.got->refused, next.got->more};
    answer not_a_wish;
    next.todo = visits_by_terms(
      next.wanted,
      *std::get<std::shared_ptr<const event::terms>>(next.got->reply),
      not_a_wish);
    if (!not_a_wish.granted())
      return {not_a_wish.refused, not_a_wish.more};
    return set_out(session, self, std::move(next));
  }
  if (!next.granted) { // the allowance answered
    if (!next.got->granted())
      return {next.got->refused, next.got->more};
    next.granted = true;
    return go_on(session, self, std::move(next));
  }
  return next.got->granted() ? after_grant(session, self, std::move(next))
                             : after_refusal(session, self, std::move(next));
}

} // namespace usher::booking_session

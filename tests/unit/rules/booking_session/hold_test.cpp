#include "tests/unit/rules/booking_session/carts.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::booking_session;

namespace {

using ids = std::vector<std::string>;

hold named(const ids& seats, account_id caller = ada) {
  hold out;
  out.caller = caller;
  out.wanted.seats = seats;
  return out;
}

hold best(std::uint32_t count, const std::string& section = {}) {
  hold out;
  out.caller = ada;
  out.wanted.best_available = count;
  out.wanted.section = section;
  return out;
}

hold places(ticket_type_id type, std::uint32_t count) {
  hold out;
  out.caller = ada;
  out.wanted.places = {{type, count}};
  return out;
}

auto seats_are(const ids& expected) {
  return [expected](const seat_block::hold& asked) {
    return asked.session == cart_id && asked.seats == expected
           && asked.until == t0 + 10min;
  };
}

constexpr auto nothing = seat_block::compromise::none;

auto puts_up_with(std::optional<seat_block::compromise> expected) {
  return [expected](const seat_block::hold_best& asked) {
    return asked.count == 2 && asked.at_most == expected;
  };
}

/// Side by side, and no single seat is to be left.
bool spares_the_next(const seat_block::hold_best& asked) {
  return puts_up_with(nothing)(asked) && asked.no_orphan == true;
}

/// Side by side, whatever is left.
bool may_leave_one(const seat_block::hold_best& asked) {
  return puts_up_with(nothing)(asked) && !asked.no_orphan;
}

/// A block's answer: it has the seats, but the party must put up with more.
seat_block::granted none_but_for(seat_block::compromise what) {
  auto out = granted_seats("A", {});
  out.needs = what;
  return out;
}

/// One ticket type is sold in all of these.
std::shared_ptr<const event::terms>
one_type_in(const std::vector<section>& plans) {
  auto out = std::make_shared<event::terms>(*terms_of_sale());
  out->sections.clear();
  for (const auto& plan : plans)
    out->sections.push_back(sold_as(plan, standing_place));
  return out;
}

item places_in(const std::string& floor, std::uint32_t n) {
  return {floor,
          floor,
          seat_block::block_of(concert, floor),
          standing_place,
          floor_price,
          n,
          true};
}

seat_block::granted granted_in(const std::string& floor, std::uint32_t n) {
  auto out = granted_places(n);
  out.section = floor;
  out.block = seat_block::block_of(concert, floor);
  out.seats = {{floor, n}};
  return out;
}

auto wants_places(std::uint32_t count, bool fewer) {
  return [=](const seat_block::hold_places& asked) {
    return asked.count == count && asked.fewer.value_or(false) == fewer;
  };
}

opened shared_session() {
  auto out = opened_by_ada();
  out.shared = true;
  return out;
}

} // namespace

TEST(holding, visits_the_blocks_in_one_order_and_fills_the_cart_at_the_end) {
  auto session = given({opened_by_ada()});
  session.when(named({"B-1-1", "A-1-2", "A-1-1"}))
    .then_asks<seat_block::hold>(block("A"), seats_are({"1-2", "1-1"}));
  session.when_granted(granted_seats("A", {"A-1-2", "A-1-1"}))
    .then_asks<seat_block::hold>(block("B"), seats_are({"1-1"}));
  session.when_granted(granted_seats("B", {"B-1-1"}))
    .then({added{{a_seat("A", "1-2"), a_seat("A", "1-1"), a_seat("B", "1-1")},
                 true}});
  EXPECT_EQ(total_of(session.state().items), price_of_two_blocks);
}

TEST(holding, gives_back_what_it_took_when_a_block_refuses_last_first) {
  auto session = given({opened_by_ada()});
  session.when(named({"A-1-1", "B-1-1", "C-1-1"}))
    .when_granted(granted_seats("A", {"A-1-1"}))
    .when_granted(granted_seats("B", {"B-1-1"}))
    .when_refused(errc::seat_unavailable)
    .then_refused(errc::seat_unavailable, {added{}})
    .then_letters(2)
    .then_tells<seat_block::release>(
      0, block("B"), [](const auto& told) { return told.seats == ids{"1-1"}; })
    .then_tells<seat_block::release>(0 + 1, block("A"));
  EXPECT_TRUE(session.state().items.empty());
}

TEST(holding, after_it_gave_seats_back_begins_another_round) {
  auto in_round = [](std::uint32_t expected) {
    return [=](const auto& told) { return told.round == expected; };
  };
  auto session = given({opened_by_ada(), added{{a_seat("A", "1-2")}}});
  session.when(named({"A-1-1", "B-1-1"}))
    .then_asks<seat_block::hold>(
      block("A"), [](const auto& asked) { return !asked.round && !asked.has; });
  session.when_granted(granted_seats("A", {"A-1-1"}))
    .when_refused(errc::seat_unavailable)
    .then_tells<seat_block::release>(0, block("A"), in_round(1));
  session.when(named({"A-1-1"}))
    .then_asks<seat_block::hold>(block("A"), in_round(1))
    .when_refused(errc::seat_unavailable)
    .then_refused(errc::seat_unavailable); // it took nothing
  session.when(best(1))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(block("A"), in_round(1));
  session.when_refused(errc::outcome_unknown);
  session.when(places(standing_place, 1))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_places>(block("FLOOR"), in_round(1));
  session.when_refused(errc::outcome_unknown);
  checkout pay;
  pay.caller = ada;
  pay.method = "card";
  session.when(pay).then_asks<seat_block::extend>(block("A"), in_round(1));
}

TEST(holding, never_gives_back_what_was_in_the_cart_before) {
  given({opened_by_ada(), added{{a_seat("A", "1-1")}}})
    .when(named({"A-1-1", "A-1-2", "B-1-1"}))
    .when_granted(granted_seats("A", {"A-1-1", "A-1-2"}))
    .when_refused(errc::seat_unavailable)
    .then_tells<seat_block::release>(
      0, block("A"), [](const auto& told) { return told.seats == ids{"1-2"}; })
    .then_letters(1);
}

TEST(holding, again_what_one_holds_is_no_error) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(named({"A-1-1", "B-1-1"})).then_nothing().then_asks_nobody();
  EXPECT_EQ(session.said().show, 200);
  session.when(named({"A-1-1", "A-1-1"})).then_nothing();
}

TEST(holding, says_once_that_it_is_the_first_of_the_session) {
  auto session = given({opened_by_ada(), extended{t0 + 15min}});
  const added first{{a_seat("A", "1-1")}, true};
  session.when(named({"A-1-1"}))
    .when_granted(granted_seats("A", {"A-1-1"}))
    .then({first});
  session.when(booking_session::remove{ada, "A-1-1"});
  EXPECT_TRUE(session.state().items.empty());
  session.when(named({"A-1-2"}))
    .when_granted(granted_seats("A", {"A-1-2"}))
    .then({added{{a_seat("A", "1-2")}}});
}

TEST(holding, is_the_first_also_after_one_that_came_to_nothing) {
  auto session = given({opened_by_ada()});
  session.when(named({"A-1-1", "B-1-1"}))
    .when_granted(granted_seats("A", {"A-1-1"}))
    .when_refused(errc::seat_unavailable)
    .then_refused(errc::seat_unavailable, {added{}});
  session.when(named({"A-1-1"}))
    .when_granted(granted_seats("A", {"A-1-1"}))
    .then({added{{a_seat("A", "1-1")}, true}});
}

TEST(holding, takes_what_is_new_beside_what_one_holds) {
  given({opened_by_ada(), added{{a_seat("A", "1-1")}}})
    .when(named({"A-1-1", "A-1-2"}))
    .when_granted(granted_seats("A", {"A-1-1", "A-1-2"}))
    .then({added{{a_seat("A", "1-2")}}});
}

TEST(holding, is_limited_to_what_one_buyer_may_have) {
  auto session = given({opened_by_ada(), two_blocks});
  session.when(named({"A-2-1", "A-2-2"})).then_refused(errc::limit_reached);
  EXPECT_EQ(session.said().reply->more, R"("limit":4,"left":1)");
  given({opened_by_ada(), two_blocks})
    .when(named({"A-2-1"}))
    .then_asks<seat_block::hold>(block("A"));
}

TEST(holding, asks_the_allowance_when_the_buyer_has_other_sessions) {
  auto session = given({shared_session(), added{{a_seat("A", "1-1")}}});
  session.when(named({"A-1-1", "A-1-2"}))
    .then_asks<allowance::claim>(the_allowance, [](const auto& asked) {
      return asked.session == cart_id && asked.total == 2 && asked.has == 1U;
    });
  session.when_refused(errc::limit_reached).then_refused(errc::limit_reached);
}

TEST(holding, has_the_allowance_say_what_is_left_when_it_counts) {
  given({shared_session(), two_blocks})
    .when(named({"A-2-1", "A-2-2"})) // more than the limit in any case
    .then_asks<allowance::claim>(
      the_allowance, [](const auto& asked) { return asked.total == 5; });
}

TEST(holding, tells_the_allowance_when_the_seats_were_gone) {
  given({shared_session(), added{{a_seat("A", "1-1")}}})
    .when(named({"A-1-2"}))
    .when_granted()
    .when_refused(errc::seat_unavailable)
    .then_letters(1)
    .then_tells<allowance::claim>(
      0, the_allowance, [](const auto& told) { return told.total == 1; });
}

TEST(holding, the_best_goes_to_the_next_section_when_the_first_is_full) {
  auto session = given({opened_by_ada()});
  session.when(best(2)).then_asks<event::admit>(the_event);
  session.when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(
      block("A"), [](const auto& asked) { return asked.count == 2; });
  session.when_refused(errc::not_enough_seats)
    .then_asks<seat_block::hold_best>(block("B"));
  session.when_granted(granted_seats("B", {"B-1-2", "B-1-3"}))
    .then({added{{a_seat("B", "1-2"), a_seat("B", "1-3")}, true}});
}

TEST(holding, the_best_sits_together_elsewhere_rather_than_apart) {
  given({opened_by_ada()})
    .when(best(2))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(block("A"), puts_up_with(nothing))
    .when_granted(none_but_for(seat_block::compromise::apart))
    .then_asks<seat_block::hold_best>(block("B"), puts_up_with(nothing))
    .when_granted(granted_seats("B", {"B-1-2", "B-1-3"}))
    .then({added{{a_seat("B", "1-2"), a_seat("B", "1-3")}, true}});
}

TEST(holding, the_best_is_where_a_party_must_put_up_with_the_least) {
  auto session = given({opened_by_ada()});
  session.when(best(2))
    .when_granted(terms_of_sale())
    .when_granted(none_but_for(seat_block::compromise::accessible))
    .when_granted(none_but_for(seat_block::compromise::apart))
    .then_asks<seat_block::hold_best>(
      block("B"), puts_up_with(seat_block::compromise::apart));
  session
    .when_refused(errc::not_enough_seats) // somebody was faster
    .then_asks<seat_block::hold_best>(block("A"), puts_up_with(std::nullopt))
    .when_granted(granted_seats("A", {"A-1-2", "A-1-4"}))
    .then({added{{a_seat("A", "1-2"), a_seat("A", "1-4")}, true}});
}

TEST(holding, the_best_leaves_no_single_seat_if_another_section_need_not) {
  given({opened_by_ada()})
    .when(best(2))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(block("A"), spares_the_next)
    .when_granted(none_but_for(nothing))
    .then_asks<seat_block::hold_best>(block("B"), spares_the_next)
    .when_granted(granted_seats("B", {"B-1-1", "B-1-2"}))
    .then({added{{a_seat("B", "1-1"), a_seat("B", "1-2")}, true}});
}

TEST(holding, the_best_leaves_a_single_seat_rather_than_part_people) {
  given({opened_by_ada()})
    .when(best(2))
    .when_granted(terms_of_sale())
    .when_granted(none_but_for(nothing))
    .then_asks<seat_block::hold_best>(block("B"), spares_the_next)
    .when_granted(none_but_for(seat_block::compromise::apart))
    .then_asks<seat_block::hold_best>(block("A"), may_leave_one)
    .when_granted(granted_seats("A", {"A-1-1", "A-1-2"}))
    .then({added{{a_seat("A", "1-1"), a_seat("A", "1-2")}, true}});
}

TEST(holding, the_best_leaves_a_single_seat_in_the_better_of_two_sections) {
  given({opened_by_ada()})
    .when(best(2))
    .when_granted(terms_of_sale())
    .when_granted(none_but_for(nothing))
    .when_granted(none_but_for(nothing))
    .then_asks<seat_block::hold_best>(block("A"), may_leave_one)
    .when_refused(errc::not_enough_seats) // somebody was faster
    .then_asks<seat_block::hold_best>(block("B"), puts_up_with(std::nullopt));
}

TEST(holding, the_best_of_one_section_looks_nowhere_else) {
  given({opened_by_ada()})
    .when(best(2, "B"))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(block("B"), puts_up_with(std::nullopt))
    .when_refused(errc::not_enough_seats)
    .then_refused(errc::not_enough_seats);
  auto session = given({opened_by_ada()});
  session.when(best(2, "Z"))
    .when_granted(terms_of_sale())
    .then_refused(errc::unknown_seat);
  EXPECT_EQ(session.said().reply->more, R"("field":"best_available.section")");
}

TEST(holding, counts_places_on_the_floor) {
  auto session = given({opened_by_ada()});
  session.when(places(standing_place, 3))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_places>(
      block("FLOOR"), [](const auto& asked) { return asked.count == 3; });
  session.when_granted(granted_places(3))
    .then({added{{floor_places(3)}, true}});
  session.when(places(standing_place, 1))
    .when_granted(terms_of_sale())
    .when_granted(granted_places(1));
  EXPECT_EQ(tickets_in(session.state().items), 4u);
  EXPECT_EQ(session.state().items.size(), 1u);
}

TEST(holding, takes_seats_when_the_floor_of_the_same_type_is_full) {
  auto session = given({opened_by_ada()});
  session.when(places(standing_place, 1))
    .when_granted(one_type_in({seats_of("A", 2, 4), floor_of("FLOOR", 10)}))
    .then_asks<seat_block::hold_places>(block("FLOOR"), wants_places(1, false));
  session.when_refused(errc::not_enough_seats)
    .then_asks<seat_block::hold_best>(block("A"), [](const auto& asked) {
      return asked.count == 1 && !asked.at_most;
    });
  session.when_granted(granted_seats("A", {"A-1-1"}))
    .then({added{{a_seat("A", "1-1")}, true}});
}

TEST(holding, is_spread_over_floors_where_none_has_room_for_all) {
  const auto two_floors = one_type_in({floor_of("L", 1), floor_of("R", 1)});
  auto session = given({opened_by_ada()});
  session.when(places(standing_place, 3))
    .when_granted(two_floors)
    .then_asks<seat_block::hold_places>(block("L"), wants_places(3, false))
    .when_refused(errc::not_enough_seats)
    .then_asks<seat_block::hold_places>(block("R"), wants_places(3, false))
    .when_refused(errc::not_enough_seats)
    .then_asks<seat_block::hold_places>(block("L"), wants_places(3, true))
    .when_granted(granted_in("L", 1))
    .then_asks<seat_block::hold_places>(block("R"), wants_places(2, true));
  auto full = session;
  session.when_granted(granted_in("R", 2))
    .then({added{{places_in("L", 1), places_in("R", 2)}, true}});
  full.when_granted(granted_in("R", 1))
    .then_refused(errc::not_enough_seats, {added{}})
    .then_letters(2)
    .then_tells<seat_block::release>(0, block("R"))
    .then_tells<seat_block::release>(
      1, block("L"), [](const auto& told) { return told.places == 1; });
}

TEST(holding, has_the_rest_in_seats_when_the_floor_has_a_part) {
  given({opened_by_ada()})
    .when(places(standing_place, 3))
    .when_granted(one_type_in({seats_of("A", 2, 4), floor_of("FLOOR", 10)}))
    .when_refused(errc::not_enough_seats) // the floor
    .when_refused(errc::not_enough_seats) // A
    .when_granted(granted_in("FLOOR", 1))
    .then_asks<seat_block::hold_best>(
      block("A"),
      [](const auto& asked) { return asked.count == 2 && !asked.at_most; })
    .when_granted(granted_seats("A", {"A-1-1", "A-1-2"}))
    .then({added{
      {places_in("FLOOR", 1), a_seat("A", "1-1"), a_seat("A", "1-2")}, true}});
}

TEST(holding, tells_a_block_what_it_has_there) {
  auto session = given({opened_by_ada(), added{{a_seat("A", "1-1")}}});
  session.when(best(2))
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_best>(
      block("A"), [](const auto& asked) { return asked.has == ids{"1-1"}; });
  session.when_refused(errc::not_enough_seats)
    .then_asks<seat_block::hold_best>(
      block("B"), [](const auto& asked) { return asked.has == ids{}; });
  auto twice = places(standing_place, 1);
  twice.wanted.places.emplace_back(standing_place, 1U);
  given({opened_by_ada(), added{{floor_places(2)}}})
    .when(twice)
    .when_granted(terms_of_sale())
    .then_asks<seat_block::hold_places>(
      block("FLOOR"), [](const auto& asked) { return asked.has == 2U; })
    .when_granted(granted_places(1))
    .then_asks<seat_block::hold_places>(
      block("FLOOR"), [](const auto& asked) { return asked.has == 3U; });
}

TEST(holding, asks_the_event_as_a_session_that_is_open) {
  for (const auto& wish : {best(2), places(standing_place, 1)})
    given({opened_by_ada()})
      .when(wish)
      .then_asks<event::admit>(
        the_event, [](const auto& asked) { return asked.opened == cart_id; });
}

TEST(holding, knows_no_ticket_type_of_another_event) {
  auto wanted = places(standing_place, 1);
  wanted.wanted.places.emplace_back(ticket_type_id{nth(77)}, 1U);
  auto session = given({opened_by_ada()});
  session.when(wanted)
    .when_granted(terms_of_sale())
    .then_refused(errc::invalid_value);
  EXPECT_EQ(session.said().reply->more, R"("field":"ticket_types[1].id")");
}

TEST(holding, refuses_what_is_no_seat_id) {
  for (const auto* name : {"A", "A-1", "-1-1", "A--1", "A-1-"})
    given({opened_by_ada()})
      .when(named({name}))
      .then_refused(errc::unknown_seat);
}

TEST(holding, keeps_the_price_of_the_moment_it_was_held) {
  auto dearer = granted_seats("A", {"A-1-2"});
  dearer.price.amount = 9900;
  auto session = given({opened_by_ada(), added{{a_seat("A", "1-1")}}});
  session.when(named({"A-1-2"})).when_granted(dearer);
  EXPECT_EQ(total_of(session.state().items), seat_price + 9900);
}

TEST(holding, is_for_the_owner_of_an_open_session_only) {
  given({opened_by_ada()})
    .when(named({"A-1-1"}, bob))
    .then_refused(errc::not_found);
  given({}).when(named({"A-1-1"})).then_refused(errc::not_found);
  given({opened_by_ada()})
    .when(named({"A-1-1"}), t0 + 10min)
    .then_refused(errc::session_expired);
  given_checkout().when(named({"A-2-1"})).then_refused(errc::session_not_open);
  given({opened_by_ada(), expired{}})
    .when(named({"A-1-1"}))
    .then_refused(errc::session_expired);
  given({opened_by_ada(), cancelled{}})
    .when(named({"A-1-1"}))
    .then_refused(errc::session_not_open);
}

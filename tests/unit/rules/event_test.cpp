#include "actors/event/event.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::event;

namespace {

constexpr organization_id hall{nth(70)};
constexpr layout_id arena{nth(72)};
const entity_id the_organization{entity_kind::organization, hall.value};
const entity_id the_layout{entity_kind::layout, arena.value};
const std::vector<section> plan{seats_of("A", 2, 4), floor_of("FLOOR", 10)};

profile a_concert() {
  profile out;
  out.organization = hall;
  out.layout = arena;
  out.title = "Concert";
  out.venue = "Arena";
  out.currency = "EUR";
  out.timezone = "Europe/Berlin";
  out.starts_at = t0 + 48h;
  out.sale_starts_at = t0 + 1h;
  out.sale_ends_at = t0 + 24h;
  out.ticket_types = {{{}, "Seat", 5000, {"A"}},
                      {{}, "Floor", 2000, {"FLOOR"}}};
  return out;
}

profile with_ids() {
  auto out = a_concert();
  out.ticket_types[0].id = seated;
  out.ticket_types[1].id = standing_place;
  return out;
}

std::vector<sold_section> sections() {
  return {sold_as(plan[0], seated), sold_as(plan[1], standing_place)};
}

const created a_draft{ada, with_ids(), sections(), t0};

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{concert.value, past};
}

scenario<state> given_published(std::vector<fact> more = {}) {
  std::vector<fact> past{a_draft, configured{ada}, approved{ada},
                         published{ada}};
  past.insert(past.end(), more.begin(), more.end());
  return given(past);
}

const entity_id the_room{entity_kind::waiting_room,
                         waiting_room::key_of(concert)};

scenario<state> given_published_with_room(const std::vector<fact>& more = {}) {
  auto draft = a_draft;
  draft.what.rules.waiting_room.enabled = true;
  std::vector<fact> past{draft, configured{ada}, approved{ada}, published{ada}};
  past.insert(past.end(), more.begin(), more.end());
  return given(past);
}

create creating(profile what, bool admin = false) {
  create out;
  out.caller = ada;
  out.admin = admin;
  out.wanted = std::make_shared<const profile>(std::move(what));
  return out;
}

advance taking(step to) {
  advance out;
  out.caller = ada;
  out.to = to;
  return out;
}

organization::member_role as(organization::role what) {
  return {what};
}

/// Which field the refusal is about.
std::string field_of(const scenario<state>& event) {
  return wrong_field_in(event.said().reply->more).value_or(wrong_field{}).field;
}

layout::sections the_plan() {
  return std::make_shared<const std::vector<section>>(plan);
}

} // namespace

TEST(event, is_made_by_an_editor_on_a_layout) {
  auto event = given({});
  event.when(creating(a_concert()))
    .then_asks<organization::role_of>(the_organization);
  event.when_granted(as(organization::role::editor))
    .then_asks<layout::read>(the_layout);
  event.when_granted(the_plan());
  EXPECT_EQ(event.state().phase, phase::draft);
  EXPECT_EQ(event.state().sections.size(), 2u);
  EXPECT_EQ(event.state().sections[0].block.value, block("A").key);
  EXPECT_NE(event.state().what.ticket_types[0].id,
            event.state().what.ticket_types[1].id);
  event.when(creating(a_concert())).then_refused(errc::already_exists);
}

TEST(event, is_not_found_for_who_may_not_make_it) {
  given({})
    .when(creating(a_concert()))
    .when_granted(as(organization::role::viewer))
    .then_refused(errc::not_found);
  given({})
    .when(creating(a_concert()))
    .when_refused(errc::not_found)
    .then_refused(errc::not_found);
  given({})
    .when(creating(a_concert(), true))
    .when_granted(as(organization::role::none))
    .then_asks<layout::read>(the_layout);
}

TEST(event, takes_no_silence_for_a_refusal) {
  for (auto silence : {errc::unavailable, errc::outcome_unknown}) {
    given({})
      .when(creating(a_concert()))
      .when_refused(silence)
      .then_refused(silence);
    given({})
      .when(creating(a_concert()))
      .when_granted(as(organization::role::editor))
      .when_refused(silence)
      .then_refused(silence);
    given({a_draft})
      .when(taking(step::configure))
      .when_refused(silence)
      .then_refused(silence);
  }
}

TEST(event, needs_exactly_one_ticket_type_a_section) {
  const auto wrong_in = [](const profile& what) {
    auto event = given({});
    event.when(creating(what))
      .when_granted(as(organization::role::owner))
      .when_granted(the_plan())
      .then_refused(errc::invalid_value);
    return field_of(event);
  };
  auto twice = a_concert();
  twice.ticket_types[1].sections.push_back("A");
  EXPECT_EQ(wrong_in(twice), "ticket_types[1].sections[1]");
  auto none = a_concert();
  none.ticket_types.pop_back();
  EXPECT_EQ(wrong_in(none), "ticket_types");
  auto stranger = a_concert();
  stranger.ticket_types[0].sections.push_back("Z");
  EXPECT_EQ(wrong_in(stranger), "ticket_types[0].sections[1]");
}

TEST(event, says_which_section_nobody_could_buy) {
  auto none = a_concert();
  none.ticket_types.pop_back();
  auto event = given({});
  event.when(creating(none))
    .when_granted(as(organization::role::owner))
    .when_granted(the_plan());
  EXPECT_EQ(wrong_field_in(event.said().reply->more)->message,
            "one for each section; FLOOR has none");
}

TEST(event, refuses_nonsense_before_it_asks_anybody) {
  const auto wrong_in = [](auto change) {
    auto what = a_concert();
    change(what);
    auto event = given({});
    event.when(creating(what)).then_refused(errc::invalid_value);
    return field_of(event);
  };
  EXPECT_EQ(wrong_in([](profile& p) { p.title.clear(); }), "title");
  EXPECT_EQ(wrong_in([](profile& p) { p.venue = std::string(301, 'x'); }),
            "venue");
  EXPECT_EQ(wrong_in([](profile& p) { p.timezone.clear(); }), "timezone");
  EXPECT_EQ(wrong_in([](profile& p) { p.sale_ends_at = p.sale_starts_at; }),
            "sale_ends_at");
  for (const auto* code : {"", "eur", "EURO", "ABC", "D A", " EU", "XTS"})
    EXPECT_EQ(wrong_in([&](profile& p) { p.currency = code; }), "currency");
}

TEST(event, is_not_made_for_a_sale_that_is_over) {
  auto event = given({});
  event.when(creating(a_concert()), t0 + 24h).then_refused(errc::invalid_value);
  EXPECT_EQ(field_of(event), "sale_ends_at");
  event.when(creating(a_concert()), t0 + 24h - 1ms)
    .then_asks<organization::role_of>(the_organization);
}

TEST(event, takes_its_steps_in_order_and_each_only_once) {
  auto event = given({a_draft});
  auto may = as(organization::role::owner);
  event.when(taking(step::approve))
    .when_granted(may)
    .then_refused(errc::wrong_state);
  event.when(taking(step::configure)).when_granted(may).then({configured{ada}});
  event.when(taking(step::configure)).when_granted(may).then_nothing();
  event.when(taking(step::publish))
    .when_granted(may)
    .then_refused(errc::wrong_state);
  event.when(taking(step::approve)).when_granted(may).then({approved{ada}});
  event.when(taking(step::configure))
    .when_granted(as(organization::role::viewer))
    .then_refused(errc::not_found);
  given({}).when(taking(step::approve)).then_refused(errc::not_found);
}

TEST(event, opens_every_block_before_it_is_published) {
  auto event = given({a_draft, configured{ada}, approved{ada}});
  event.when(taking(step::publish))
    .when_granted(as(organization::role::owner))
    .then_asks<layout::read>(the_layout);
  event.when_granted(the_plan())
    .then_asks<seat_block::open>(block("A"), [](const auto& asked) {
      return asked.price == money{5000, "EUR"} && asked.plan == plan[0]
             && asked.ticket_type == seated;
    });
  event.when_granted().then_asks<seat_block::open>(block("FLOOR"));
  event.when_granted().then({published{ada}});
  EXPECT_EQ(event.wakes_at(), t0 + 1h);
}

TEST(event, stays_as_it_was_when_a_block_does_not_open) {
  auto event = given({a_draft, configured{ada}, approved{ada}});
  event.when(taking(step::publish))
    .when_granted(as(organization::role::owner))
    .when_granted(the_plan())
    .when_refused(errc::outcome_unknown)
    .then_refused(errc::outcome_unknown);
  EXPECT_EQ(event.state().phase, phase::approved);
}

TEST(event, lets_sessions_open_only_within_the_sale) {
  auto event = given_published();
  event.when(admit{}, t0 + 1h - 1ms).then_refused(errc::not_on_sale);
  EXPECT_EQ(event.when(admit{}, t0 + 1h)
              .replied<std::shared_ptr<const terms>>()
              ->currency,
            "EUR");
  event.when(admit{}, t0 + 24h).then_refused(errc::not_on_sale);
  given({a_draft}).when(admit{}, t0 + 2h).then_refused(errc::not_found);
  given({a_draft, cancelled{ada}})
    .when(admit{}, t0 + 2h)
    .then_refused(errc::not_found);
  given_published({cancelled{ada}})
    .when(admit{}, t0 + 2h)
    .then_refused(errc::event_cancelled);
}

TEST(event, lets_open_sessions_go_on_unless_it_is_cancelled) {
  const admit again{session_id{nth(40)}};
  auto event = given_published({paused{true}});
  EXPECT_TRUE(
    event.when(again, t0 + 2h).replied<std::shared_ptr<const terms>>());
  EXPECT_TRUE(
    event.when(again, t0 + 24h).replied<std::shared_ptr<const terms>>());
  event.when(wake{}, t0 + 24h);
  EXPECT_TRUE(
    event.when(again, t0 + 25h).replied<std::shared_ptr<const terms>>());
  given_published({cancelled{ada}})
    .when(again, t0 + 2h)
    .then_refused(errc::event_cancelled);
  given({a_draft}).when(again, t0 + 2h).then_refused(errc::not_found);
  given({a_draft, cancelled{ada}})
    .when(again, t0 + 2h)
    .then_refused(errc::not_found);
}

TEST(event, stays_private_when_it_is_cancelled_before_it_was_published) {
  using shown = std::shared_ptr<const description>;
  const auto is_shown = [](scenario<state> event) {
    return is_public(*event.when(describe{}).replied<shown>());
  };
  EXPECT_FALSE(is_shown(given({a_draft})));
  EXPECT_FALSE(is_shown(given({a_draft, configured{ada}, approved{ada}})));
  EXPECT_FALSE(is_shown(given({a_draft, configured{ada}, cancelled{ada}})));
  EXPECT_TRUE(is_shown(given_published()));
  EXPECT_TRUE(is_shown(given_published({cancelled{ada}})));
  auto old = json::get<state>(std::string_view{R"({"phase":"configured"})"});
  revive(old);
  evolve(old, cancelled{ada});
  EXPECT_TRUE(old.never_published) << "from an older snapshot";
}

TEST(event, opens_no_session_while_an_operator_has_paused_it) {
  auto event = given_published();
  event.when(event::pause{true}, t0 + 2h).then({paused{true}});
  event.when(event::pause{true}, t0 + 2h).then_nothing();
  event.when(admit{}, t0 + 2h).then_refused(errc::not_on_sale);
  event.when(event::pause{false}, t0 + 2h).then({paused{false}});
  EXPECT_TRUE(
    event.when(admit{}, t0 + 2h).replied<std::shared_ptr<const terms>>());
  given({a_draft}).when(event::pause{true}).then_refused(errc::wrong_state);
}

TEST(event, starts_and_ends_its_sale_by_the_clock) {
  auto event = given_published();
  event.when(wake{}, t0 + 1h - 1ms).then_nothing();
  event.when(wake{}, t0 + 1h).then({sale_started{}});
  event.when(wake{}, t0 + 2h).then_nothing();
  EXPECT_EQ(event.wakes_at(), t0 + 24h);
  event.when(wake{}, t0 + 24h).then({ended{}});
  EXPECT_FALSE(event.wakes_at());
  given_published().when(wake{}, t0 + 24h).then({sale_started{}, ended{}});
}

TEST(event, closes_every_block_when_it_is_cancelled) {
  given_published()
    .when(taking(step::cancel))
    .when_granted(as(organization::role::owner))
    .then({cancelled{ada}})
    .then_letters(2)
    .then_tells<seat_block::close>(0, block("A"))
    .then_tells<seat_block::close>(1, block("FLOOR"));
}

TEST(event, closes_every_block_again_when_it_is_cancelled_again) {
  given_published({cancelled{ada}})
    .when(taking(step::cancel))
    .when_granted(as(organization::role::owner))
    .then_nothing()
    .then_letters(2);
}

TEST(event, asks_until_everybody_knows_that_it_is_cancelled) {
  auto event = given_published({cancelled{ada}});
  ASSERT_TRUE(event.wakes_at() && *event.wakes_at() <= t0) << "at once";
  event.when(wake{}).then_asks<seat_block::close>(block("A"));
  event.when_refused(errc::outcome_unknown)
    .then_asks<seat_block::close>(block("FLOOR"));
  event.when_granted().then_nothing();
  ASSERT_TRUE(event.wakes_at()) << "A may not have heard of it";
  event.when(wake{}).when_granted().when_granted().then({wound_up{}});
  EXPECT_FALSE(event.wakes_at());
  event.when(wake{}).then_nothing().then_asks_nobody();
}

TEST(event, closes_its_waiting_room_when_it_is_cancelled) {
  auto draft = a_draft;
  draft.what.rules.waiting_room.enabled = true;
  given({draft, configured{ada}, approved{ada}, published{ada}, cancelled{ada}})
    .when(wake{})
    .when_granted()
    .when_granted()
    .then_asks<waiting_room::close>(
      {entity_kind::waiting_room, waiting_room::key_of(concert)})
    .when_granted()
    .then({wound_up{}});
}

TEST(event, answers_for_requests_that_its_blocks_carry_out) {
  auto event = given_published();
  event.when(note_request{}).then_nothing();
  EXPECT_EQ(event.replied<document>().status, 200) << "kept under a key";
  given({}).when(note_request{}).then_refused(errc::not_found);
}

TEST(event, has_its_waiting_room_hold_its_calls_while_it_is_paused) {
  auto event = given_published_with_room();
  EXPECT_EQ(event.wakes_at(), t0 + 1h);
  event.when(event::pause{true}, t0).then({paused{true}}).then_asks_nobody();
  ASSERT_TRUE(event.wakes_at() && *event.wakes_at() <= t0) << "soon";
  event.when(wake{}).then_asks<waiting_room::open>(
    the_room,
    [](const auto& asked) { return asked.held == true && !asked.draw_secret; });
  event.when_refused(errc::outcome_unknown).then_nothing();
  ASSERT_TRUE(event.wakes_at() && *event.wakes_at() <= t0) << "once more";
  event.when(wake{}).when_granted().then({room_told{room_calls::held}});
  EXPECT_EQ(event.wakes_at(), t0 + 1h);
  event.when(event::pause{false});
  event.when(wake{}).then_asks<waiting_room::open>(
    the_room, [](const auto& asked) { return asked.held == false; });
  event.when_granted().then({room_told{room_calls::going}});
  given_published().when(event::pause{true}).then({paused{true}});
  EXPECT_EQ(given_published({paused{true}}).wakes_at(), t0 + 1h);
}

TEST(event, has_its_waiting_room_hold_its_calls_while_it_is_sold_out) {
  auto event = given_published_with_room({sale_started{}});
  event.when(note_stock{"A", true}, t0 + 2h);
  EXPECT_EQ(event.wakes_at(), t0 + 24h);
  event.when(note_stock{"FLOOR", true}, t0 + 2h).then_asks_nobody();
  event.when(note_stock{"FLOOR", false}, t0 + 2h);
  event.when(wake{}, t0 + 2h).then_nothing().then_asks_nobody();
  event.when(note_stock{"FLOOR", true}, t0 + 3h);
  event.when(wake{}, t0 + 3h).then_asks<waiting_room::open>(the_room);
  event.when_granted({}, t0 + 3h).then({room_told{room_calls::held}});
}

TEST(event, takes_no_news_of_the_stock_for_later_than_it_is) {
  auto event = given_published({sale_started{}});
  event.when(note_stock{"A", false, 9}).then({stock_changed{"A", false, 9}});
  event.when(note_stock{"A", true, 8}).then_nothing(); // it was overtaken
  EXPECT_TRUE(event.state().exhausted.empty());
  event.when(note_stock{"FLOOR", true, 3})
    .then({stock_changed{"FLOOR", true, 3}});
  event.when(note_stock{"FLOOR", true, 3}).then_nothing();
  event.when(note_stock{"A", true, 10}).then({stock_changed{"A", true, 10}});
  event.when(note_stock{"A", false}).then({stock_changed{"A", false}});
}

TEST(event, closes_its_waiting_room_when_the_sale_ends) {
  auto event = given_published_with_room({sale_started{}});
  event.when(wake{}, t0 + 24h).then({ended{}});
  ASSERT_TRUE(event.wakes_at() && *event.wakes_at() <= t0) << "soon";
  event.when(wake{}, t0 + 24h).then_asks<waiting_room::close>(the_room);
  event.when_granted({}, t0 + 24h).then({room_told{room_calls::over}});
  EXPECT_FALSE(event.wakes_at());
}

TEST(event, opens_its_waiting_room_before_it_is_published) {
  auto draft = a_draft;
  draft.what.rules.waiting_room.enabled = true;
  auto event = given({draft, configured{ada}, approved{ada}});
  auto publish = taking(step::publish);
  publish.draw_secret = nth(77);
  event.when(publish)
    .when_granted(as(organization::role::owner))
    .when_granted(the_plan())
    .when_granted()
    .when_granted()
    .then_asks<waiting_room::open>(
      {entity_kind::waiting_room, waiting_room::key_of(concert)},
      [](const auto& asked) {
        return asked.sale_starts_at == t0 + 1h && asked.draw_secret == nth(77)
               && asked.show_up_seconds == 120;
      });
  event.when_granted().then({published{ada}});
}

TEST(event, shows_what_the_clock_and_the_stock_make_of_it) {
  auto event = given_published({sale_started{}});
  EXPECT_EQ(status_of(given_published().state(), t0), "upcoming");
  EXPECT_EQ(status_of(event.state(), t0 + 2h), "on_sale");
  event.when(note_stock{"A", true}).then({stock_changed{"A", true}});
  event.when(note_stock{"A", true}).then_nothing();
  EXPECT_EQ(status_of(event.state(), t0 + 2h), "on_sale");
  event.when(note_stock{"FLOOR", true});
  EXPECT_EQ(status_of(event.state(), t0 + 2h), "sold_out");
  event.when(note_stock{"A", false}).then({stock_changed{"A", false}});
  EXPECT_EQ(status_of(event.state(), t0 + 2h), "on_sale");
  EXPECT_EQ(status_of(event.state(), t0 + 24h), "ended");
}

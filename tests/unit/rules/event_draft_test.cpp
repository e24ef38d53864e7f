#include "actors/event/event.hpp"
#include "protocol/command.hpp"
#include "protocol/event_profile.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;
using namespace usher::event;

/// Drafts that are changed.

namespace {

const std::vector<section> plan{seats_of("A", 2, 4), floor_of("FLOOR", 10)};
const entity_id the_organization{entity_kind::organization, nth(70)};
const entity_id the_layout{entity_kind::layout, nth(72)};

created a_draft() {
  profile what;
  what.organization = {the_organization.key};
  what.layout = {the_layout.key};
  what.title = "Concert";
  what.venue = "Arena";
  what.currency = "EUR";
  what.timezone = "Europe/Berlin";
  what.starts_at = t0 + 48h;
  what.sale_starts_at = t0 + 1h;
  what.sale_ends_at = t0 + 24h;
  for (const auto* name : {"A", "FLOOR"})
    what.ticket_types.push_back(
      {{derive_uuid(concert.value,
                    "ticket_type:" + std::to_string(what.ticket_types.size()))},
       name,
       5000,
       {name}});
  return {ada,
          what,
          {sold_as(plan[0], what.ticket_types[0].id),
           sold_as(plan[1], what.ticket_types[1].id)},
          t0};
}

scenario<state> given(const std::vector<fact>& past) {
  return scenario<state>{concert.value, past};
}

revise changing(revision wanted, bool admin = false) {
  revise out;
  out.caller = bob;
  out.admin = admin;
  out.wanted = std::make_shared<const revision>(std::move(wanted));
  return out;
}

revision entitled(const std::string& title) {
  revision out;
  out.title = title;
  return out;
}

any_reply as(organization::role what) {
  return organization::member_role{what};
}

layout::sections on(std::vector<section> all) {
  return std::make_shared<const std::vector<section>>(std::move(all));
}

} // namespace

TEST(event_draft, is_changed_by_an_editor) {
  auto event = given({a_draft()});
  event.when(changing(entitled("Recital")))
    .then_asks<organization::role_of>(the_organization);
  event.when_granted(as(organization::role::editor))
    .then_asks<layout::read>(the_layout);
  auto what = a_draft().what;
  what.title = "Recital";
  event.when_granted(on(plan)).then(
    {revised{ada, what, a_draft().sections, t0, bob}});
  EXPECT_EQ(event.said().show, 200);
  EXPECT_EQ(event.state().what, what);
  EXPECT_EQ(event.state().phase, phase::draft);
}

TEST(event_draft, is_sold_as_it_says_now) {
  revision wanted;
  wanted.ticket_types = std::vector<ticket_type>{{{}, "Any", 100, {"B", "A"}}};
  wanted.layout = layout_id{nth(73)};
  auto event = given({a_draft()});
  event.when(changing(wanted))
    .when_granted(as(organization::role::owner))
    .then_asks<layout::read>({entity_kind::layout, nth(73)});
  event.when_granted(on({seats_of("A", 1, 3), seats_of("B", 1, 3)}));
  ASSERT_EQ(event.state().sections.size(), 2u);
  EXPECT_EQ(event.state().sections[1].name, "B");
  EXPECT_EQ(event.state().terms->sections, event.state().sections);
  const auto& types = event.state().what.ticket_types;
  ASSERT_EQ(types.size(), 1u);
  EXPECT_EQ(event.state().sections[1].ticket_type, types[0].id);
}

TEST(event_draft, stays_if_nothing_is_to_be_otherwise) {
  given({a_draft()})
    .when(changing(entitled("Concert")))
    .when_granted(as(organization::role::owner))
    .when_granted(on(plan))
    .then_nothing();
}

TEST(event_draft, is_changed_by_nobody_else_and_not_into_nonsense) {
  given({a_draft()})
    .when(changing(entitled("x")))
    .when_granted(as(organization::role::viewer))
    .then_refused(errc::not_found);
  given({a_draft()})
    .when(changing(entitled("x"), true))
    .when_refused(errc::not_found)
    .then_asks<layout::read>(the_layout);
  given({a_draft()})
    .when(changing(entitled("")))
    .when_granted(as(organization::role::owner))
    .then_refused(errc::invalid_value);
  given({a_draft()})
    .when(changing(entitled("x")))
    .when_granted(as(organization::role::owner), t0 + 24h)
    .then_refused(errc::invalid_value);
  given({a_draft()})
    .when(changing(entitled("x")))
    .when_granted(as(organization::role::owner))
    .when_granted(on({seats_of("A", 2, 4)}))
    .then_refused(errc::invalid_value);
}

TEST(event_draft, is_the_only_thing_that_is_changed) {
  given({}).when(changing(entitled("x"))).then_refused(errc::not_found);
  const std::vector<std::vector<fact>> later{
    {a_draft(), configured{ada}},
    {a_draft(), configured{ada}, approved{ada}, published{ada}},
    {a_draft(), cancelled{ada}}};
  for (const auto& past : later)
    given(past)
      .when(changing(entitled("x")))
      .when_granted(as(organization::role::owner))
      .then_refused(errc::wrong_state);
}

TEST(event_draft, keeps_all_that_a_change_does_not_speak_of) {
  settings is;
  is.max_per_user = 3;
  is.waiting_room.batch = 5;
  settings_revision wanted;
  wanted.hold_seconds = 60;
  wanted.waiting_room.emplace().max_active = 7;
  apply(wanted, is);
  settings expected;
  expected.max_per_user = 3;
  expected.hold_seconds = 60;
  expected.waiting_room.batch = 5;
  expected.waiting_room.max_active = 7;
  EXPECT_EQ(is, expected);
}

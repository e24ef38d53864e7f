#include "actors/event/event.hpp"
#include "actors/layout/layout.hpp"
#include "actors/organization/organization.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

using namespace usher;
using namespace usher::test;

/// Organizations and layouts.

TEST(organization, belongs_to_who_made_it) {
  scenario<organization::state> them{nth(70)};
  them.when(organization::create{ada, ""}).then_refused(errc::invalid_value);
  them.when(organization::create{ada, "Hall"})
    .then({organization::created{ada, "Hall"}});
  them.when(organization::create{bob, "Hall"})
    .then_refused(errc::already_exists);
  EXPECT_EQ(them.when(organization::role_of{ada})
              .replied<organization::member_role>()
              .is,
            organization::role::owner);
  EXPECT_EQ(them.when(organization::role_of{bob})
              .replied<organization::member_role>()
              .is,
            organization::role::none);
}

TEST(organization, has_a_name_of_so_many_letters_in_any_language) {
  std::string name;
  for (int i = 0; i < 200; ++i)
    name += "극";
  scenario<organization::state>{nth(70)}
    .when(organization::create{ada, name})
    .then({organization::created{ada, name}});
  scenario<organization::state>{nth(70)}
    .when(organization::create{ada, name + "장"})
    .then_refused(errc::invalid_value);
}

TEST(organization, is_hidden_from_strangers) {
  scenario<organization::state> them{nth(70),
                                     {organization::created{ada, "Hall"}}};
  them.when(organization::describe{bob}).then_refused(errc::not_found);
  EXPECT_EQ(them.when(organization::describe{ada}).said().show, 200);
  scenario<organization::state> nobody{nth(71)};
  nobody.when(organization::role_of{ada}).then_refused(errc::not_found);
}

TEST(organization, takes_in_people_and_lets_them_go) {
  using organization::appoint;
  using organization::role;
  using organization::role_changed;
  const account_id eve{nth(3)};
  scenario<organization::state> them{nth(70),
                                     {organization::created{ada, "Hall"}}};
  const auto role_of = [&](account_id who) {
    return them.when(organization::role_of{who})
      .replied<organization::member_role>()
      .is;
  };
  them.when(appoint{bob, bob, role::editor}).then_refused(errc::not_found);
  them.when(appoint{ada, bob, role::admin})
    .then({role_changed{bob, role::admin, ada}});
  EXPECT_EQ(them.said().show, 200);
  them.when(appoint{ada, bob, role::admin}).then_nothing();
  EXPECT_EQ(role_of(bob), role::admin);
  them.when(appoint{bob, eve, role::admin}).then_refused(errc::forbidden);
  them.when(appoint{bob, eve, role::editor})
    .then({role_changed{eve, role::editor, bob}});
  them.when(appoint{eve, eve, role::admin}).then_refused(errc::forbidden);
  them.when(appoint{eve, bob, role::none}).then_refused(errc::forbidden);
  them.when(appoint{eve, eve, role::none})
    .then({role_changed{eve, role::none, eve}});
  EXPECT_EQ(role_of(eve), role::none);
  them.when(appoint{ada, bob, role::none})
    .then({role_changed{bob, role::none, ada}});
  them.when(organization::describe{bob}).then_refused(errc::not_found);
}

TEST(organization, keeps_its_owner) {
  using organization::appoint;
  using organization::role;
  scenario<organization::state> them{
    nth(70),
    {organization::created{ada, "Hall"},
     organization::role_changed{bob, role::admin, ada}}};
  for (const auto to : {role::none, role::viewer})
    for (const auto caller : {ada, bob})
      them.when(appoint{caller, ada, to}).then_refused(errc::forbidden);
  them.when(appoint{ada, bob, role::owner}).then_refused(errc::forbidden);
}

TEST(organization, does_not_grow_for_ever) {
  using organization::appoint;
  using organization::role;
  scenario<organization::state> them{nth(70),
                                     {organization::created{ada, "Hall"}}};
  const auto anyone = [](int i) {
    return account_id{derive_uuid(nth(70), std::to_string(i))};
  };
  for (int i = 1; i < 200; ++i)
    them.when(appoint{ada, anyone(i), role::viewer});
  EXPECT_EQ(them.state().members.size(), 200u);
  them.when(appoint{ada, anyone(200), role::viewer})
    .then_refused(errc::invalid_value);
  them.when(appoint{ada, anyone(1), role::editor})
    .then({organization::role_changed{anyone(1), role::editor, ada}});
}

TEST(layout, is_made_once_and_never_changed) {
  const std::vector<section> plan{seats_of("A", 2, 4), floor_of("FLOOR", 10)};
  scenario<layout::state> it{nth(72)};
  it.when(layout::read{}).then_refused(errc::not_found);
  it.when(layout::create{ada, "Arena", plan})
    .then({layout::created{ada, "Arena", plan}});
  it.when(layout::create{ada, "Arena", plan})
    .then_refused(errc::already_exists);
  EXPECT_EQ(*it.when(layout::read{}).replied<layout::sections>(), plan);
  const auto text = render(it.state(), nth(72));
  EXPECT_NE(text.find(R"("capacity":18)"), std::string::npos);
}

TEST(layout, is_refused_if_no_seats_could_be_made_of_it) {
  std::vector<section> plan{seats_of("A", 2, 4)};
  plan[0].rows[0].step = 0;
  scenario<layout::state> it{nth(72)};
  it.when(layout::create{ada, "Arena", plan}).then_refused(errc::invalid_value);
}

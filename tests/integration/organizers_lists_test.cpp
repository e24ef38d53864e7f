#include "tests/support/lists.hpp"

#include <gmock/gmock.h>

#include <algorithm>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// What lists show to organizers and administrators.

TEST_F(lists, show_administrators_the_events_of_all_organizations) {
  publish("on");
  says.draft(organization, {.title = "draft"});
  const auto waiting = says.draft(says.found(someone()), {.title = "waiting"});
  says.tell(waiting, event::configured{});
  show();
  auto wanted = at(timestamp{2h});
  wanted.is_everybodys = true;
  EXPECT_THAT(titles(wanted), UnorderedElementsAre("on", "draft", "waiting"));
  wanted.status = "configured";
  EXPECT_THAT(titles(wanted), ElementsAre("waiting"));
  EXPECT_EQ(it.list_events(wanted)->total, 1u);
  wanted.is_everybodys = false;
  EXPECT_THAT(titles(wanted), IsEmpty());
}

TEST_F(lists, show_a_draft_as_it_was_changed) {
  const auto first = says.draft(organization, {.title = "first"});
  says.draft(organization, {.title = "second"});
  show();
  event::revised change;
  change.owner = owner;
  change.what.organization = organization;
  change.what.title = "changed";
  change.what.starts_at = timestamp{300h};
  change.what.sale_ends_at = timestamp{299h};
  change.sections.resize(1);
  change.at = timestamp{1h};
  says.tell(first, change);
  show();
  auto wanted = at(timestamp{2h});
  wanted.organization = organization;
  EXPECT_THAT(titles(wanted), ElementsAre("second", "changed"))
    << "in the order of their beginnings";
  wanted.status = "draft";
  wanted.search = "changed";
  EXPECT_EQ(it.list_events(wanted)->total, 1u);
  says.tell(first, event::configured{});
  says.tell(first, event::approved{});
  says.tell(first, event::published{});
  says.tell(first, event::stock_changed{"A", true});
  show();
  wanted.status = "sold_out";
  EXPECT_THAT(titles(wanted), ElementsAre("changed")) << "it has one section";
}

TEST_F(lists, forget_who_is_no_member_any_more) {
  const auto event = publish("it");
  const auto sale = says.sell(event, buyer);
  const auto helper = someone();
  const auto give = [&](organization::role to) {
    says.say<organization::fact>(
      {entity_kind::organization, organization.value},
      {organization::role_changed{helper, to, owner}});
    show();
  };
  give(organization::role::viewer);
  EXPECT_THAT(it.organizations_of(helper), ElementsAre(organization));
  EXPECT_TRUE(it.find_order(helper, sale.session));
  give(organization::role::none);
  EXPECT_THAT(it.organizations_of(helper), IsEmpty());
  EXPECT_TRUE(it.memberships_from(helper, {})->keys.empty());
  EXPECT_EQ(it.find_order(helper, sale.session).error(), errc::not_found);
  give(organization::role::editor);
  EXPECT_THAT(it.organizations_of(helper), ElementsAre(organization));
}

TEST_F(lists, say_page_by_page_whose_organizations_are_whose) {
  std::vector<std::string> mine{to_string(organization.value)};
  for (int i = 0; i < 4; ++i)
    mine.push_back(to_string(says.found(owner).value));
  says.found(buyer);
  show();
  names seen;
  page_request wanted{2, {}};
  for (;;) {
    auto rows = *it.memberships_from(owner, wanted);
    for (const auto& key : rows.keys)
      rows.items.push_back('"' + to_string(key.id) + '"');
    const auto here = page_of_memberships(wanted, rows);
    const auto document = json::parse(here.items);
    for (const auto& id : json::items(document))
      seen.push_back(json::get<std::string>(id));
    if (!here.next_token)
      break;
    wanted.token = *here.next_token;
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAreArray(mine));
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::ranges::greater{}));
  EXPECT_EQ(it.list_orders(owner, {}, wanted).error(), errc::bad_cursor);
  EXPECT_EQ(it.memberships_from(owner, {0, {}}).error(), errc::invalid_value);
}

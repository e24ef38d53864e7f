#include "persistence/lists/read_pool.hpp"
#include "tests/support/lists.hpp"

#include <gmock/gmock.h>

#include <future>

using namespace usher;
using namespace usher::persistence;
using namespace usher::test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// -- events

TEST_F(lists, show_published_events_to_the_public_and_all_of_an_organization) {
  publish("on");
  says.draft(organization);
  auto off = publish("off");
  says.tell(off, event::cancelled{});
  auto never = says.draft(organization, {.title = "never"});
  says.tell(never, event::cancelled{});
  says.publish(says.found(someone()), {.title = "another's"});
  show();
  auto wanted = at(timestamp{2h});
  EXPECT_THAT(titles(wanted), UnorderedElementsAre("on", "another's"));
  wanted.status = "cancelled";
  EXPECT_THAT(titles(wanted), ElementsAre("off"));
  wanted.status = "";
  wanted.organization = organization;
  EXPECT_THAT(titles(wanted),
              UnorderedElementsAre("on", "Night of Lanterns", "off", "never"));
  wanted.status = "draft";
  EXPECT_THAT(titles(wanted), ElementsAre("Night of Lanterns"));
  wanted.status = "";
  wanted.organization = {mint_uuid()};
  EXPECT_THAT(titles(wanted), IsEmpty());
}

TEST_F(lists, judge_the_status_of_an_event_by_the_clock_and_the_stock) {
  auto id = publish("it");
  auto status_at = [&](timestamp now) {
    auto wanted = at(now);
    wanted.organization = organization;
    return all(it.list_events(wanted)->rows.items, "status").at(0);
  };
  show();
  EXPECT_EQ(status_at(timestamp{1h} - 1ms), "upcoming");
  EXPECT_EQ(status_at(timestamp{1h}), "on_sale");
  EXPECT_EQ(status_at(timestamp{100h} - 1ms), "on_sale");
  EXPECT_EQ(status_at(timestamp{100h}), "ended");
  says.tell(id, event::stock_changed{"A", true});
  says.tell(id, event::stock_changed{"B", true});
  show();
  EXPECT_EQ(status_at(timestamp{2h}), "sold_out");
  EXPECT_EQ(status_at(timestamp{}), "upcoming");
  says.tell(id, event::stock_changed{"A", false});
  show();
  EXPECT_EQ(status_at(timestamp{2h}), "on_sale");
  auto wanted = at(timestamp{2h});
  wanted.status = "on_sale";
  EXPECT_THAT(titles(wanted), ElementsAre("it"));
  wanted.status = "sold_out";
  EXPECT_THAT(titles(wanted), IsEmpty());
}

TEST_F(lists, begin_with_what_can_still_be_bought) {
  publish("over", 101h);
  says.publish(organization, {.title = "later",
                              .sale_ends_at = timestamp{200h},
                              .starts_at = timestamp{201h}});
  const auto told = says.publish(organization, {.title = "told",
                                                .sale_ends_at = timestamp{200h},
                                                .starts_at = timestamp{201h}});
  says.tell(told, event::ended{});
  show();
  auto wanted = at(timestamp{100h} - 1ms);
  EXPECT_THAT(titles(wanted), ElementsAre("over", "later"));
  wanted.now = timestamp{100h};
  EXPECT_THAT(titles(wanted), ElementsAre("later"));
  EXPECT_EQ(it.list_events(wanted)->total, 1u);
  wanted.status = "ended";
  EXPECT_THAT(titles(wanted), UnorderedElementsAre("over", "told"));
}

TEST_F(lists, show_an_event_as_the_api_does) {
  auto id = publish("it");
  show();
  auto answer = json::parse(render(*it.list_events(at(timestamp{2h}))));
  const auto& event = answer.at("events").at(0);
  EXPECT_EQ(event.at("id").as_string(), to_string(id.value));
  EXPECT_EQ(event.at("phase").as_string(), "published");
  EXPECT_EQ(event.at("organization_id").as_string(),
            to_string(organization.value));
  EXPECT_EQ(event.at("sale_starts_at").as_string(), "1970-01-01T01:00:00.000Z");
  const auto& price = event.at("ticket_types").at(0).at("price");
  EXPECT_EQ(price.at("amount").as_int64(), 1'200'000);
  EXPECT_EQ(price.at("currency").as_string(), "VND");
  EXPECT_EQ(answer.at("pagination").at("totalPages").as_int64(), 1);
  EXPECT_TRUE(answer.at("next_token").is_null());
  EXPECT_TRUE(answer.at("previous_token").is_null());
}

TEST_F(lists, find_events_by_all_words_in_any_case_and_script) {
  says.publish(organization, {.title = "Đêm Hội ĐÈN LỒNG", .venue = "Nhà hát"});
  says.publish(organization, {.title = "100% Rock_n_Roll", .venue = "Hall"});
  says.publish(organization, {.title = "1000 \"Pins\" \\o/", .venue = "Hall"});
  show();
  auto found = [&](const std::string& search) {
    auto wanted = at(timestamp{2h});
    wanted.search = search;
    return titles(wanted).size();
  };
  EXPECT_EQ(found(""), 3u);
  EXPECT_EQ(found("  "), 3u);
  EXPECT_EQ(found("đèn  HÁT"), 1u);
  EXPECT_EQ(found("hall rock"), 1u);
  EXPECT_EQ(found("hall đèn"), 0u);
  EXPECT_EQ(found("100%"), 1u);
  EXPECT_EQ(found("k_n_r"), 1u);
  EXPECT_EQ(found("r%k"), 0u);
  EXPECT_EQ(found("\"pins\""), 1u);
  EXPECT_EQ(found("\\o/"), 1u);
  EXPECT_EQ(found("{},NULL"), 0u);
  EXPECT_EQ(found("two evenings"), 3u);
  auto wanted = at(timestamp{2h});
  wanted.search = "\xff";
  EXPECT_EQ(it.list_events(wanted).error(), errc::invalid_value);
}

TEST_F(lists, page_events_by_number_and_by_token) {
  for (int i = 0; i < 25; ++i)
    publish(std::to_string(i), std::chrono::hours(101 + i / 2));
  show();
  auto wanted = at(timestamp{2h});
  wanted.page = 3;
  auto third = *it.list_events(wanted);
  EXPECT_EQ(third.total, 25u);
  EXPECT_EQ(third.page, 3u);
  EXPECT_EQ(all(third.rows.items, "title").size(), 5u);
  EXPECT_FALSE(third.rows.next_token);
  wanted.part.token = third.rows.previous_token.value();
  auto second = *it.list_events(wanted);
  EXPECT_EQ(second.page, 2u);
  wanted.part.token.clear();
  wanted.page = 2;
  EXPECT_EQ(it.list_events(wanted)->rows.items, second.rows.items);
  wanted.part.token = second.rows.previous_token.value();
  auto first = *it.list_events(wanted);
  EXPECT_EQ(first.page, 1u);
  EXPECT_FALSE(first.rows.previous_token);
  wanted.part.token = first.rows.next_token.value();
  EXPECT_EQ(it.list_events(wanted)->rows.items, second.rows.items);
}

// -- pages

TEST_F(lists, lose_and_double_nothing_on_a_walk_while_rows_come_in) {
  const auto event = publish("it");
  names sold;
  for (int i = 0; i < 47; ++i)
    sold.push_back(to_string(says.sell(event, buyer).session.value));
  show();
  std::ranges::reverse(sold);
  auto more = [&] {
    for (int i = 0; i < 3; ++i)
      says.sell(event, buyer);
    show();
  };
  names forth, back;
  page_request wanted{7, {}};
  page here;
  for (;;) {
    here = *it.list_orders(buyer, {}, wanted);
    for (auto& id : all(here.items, "id"))
      forth.push_back(id);
    more();
    if (!here.next_token)
      break;
    wanted.token = *here.next_token;
  }
  EXPECT_EQ(forth, sold);
  back = all(here.items, "id");
  while (here.previous_token) {
    wanted.token = *here.previous_token;
    here = *it.list_orders(buyer, {}, wanted);
    auto ids = all(here.items, "id");
    back.insert(back.begin(), ids.begin(), ids.end());
    EXPECT_TRUE(here.next_token);
  }
  EXPECT_EQ(back.size(), 47u + 7 * 3); // and what came in, in front
  EXPECT_EQ(names(back.end() - 47, back.end()), sold);
}

/// Ids that an Idempotency-Key names all have the time of their caller's.
TEST_F(lists, are_newest_first_whatever_the_ids_say) {
  const auto event = publish("it");
  names sold, paid;
  const auto begin = now();
  for (int i = 0; i < 9; ++i) {
    const session_id id{derive_uuid(buyer.value, std::to_string(i))};
    const auto one = says.check_out(event, buyer, id, begin + i * 1ms);
    sold.insert(sold.begin(), to_string(one.session.value));
    paid.insert(paid.begin(), to_string(one.payment.value));
  }
  show();
  names orders, payments;
  for (page_request wanted{2, {}};;) {
    const auto here = *it.list_orders(buyer, {}, wanted);
    for (auto& id : all(here.items, "id"))
      orders.push_back(id);
    if (!here.next_token)
      break;
    wanted.token = *here.next_token;
  }
  EXPECT_EQ(orders, sold);
  const auto every = *it.list_payments(owner, event, {9, {}});
  EXPECT_EQ(all(every.items, "id"), paid);
}

TEST_F(lists, take_no_token_but_their_own) {
  const auto event = publish("it");
  for (int i = 0; i < 3; ++i)
    says.sell(event, buyer);
  show();
  const auto token = it.list_orders(buyer, {}, {2, {}})->next_token.value();
  EXPECT_TRUE(it.list_orders(buyer, {}, {2, token}));
  EXPECT_EQ(it.list_tickets(buyer, {}, {2, token}).error(), errc::bad_cursor);
  auto wanted = at(timestamp{2h});
  wanted.part.token = token;
  EXPECT_EQ(it.list_events(wanted).error(), errc::bad_cursor);
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto broken = token;
    broken[i] = '!';
    EXPECT_EQ(it.list_orders(buyer, {}, {2, broken}).error(), errc::bad_cursor);
  }
  for (const auto& bad :
       {token + "A", token.substr(1), std::string(40, 'A'), std::string("x")})
    EXPECT_EQ(it.list_orders(buyer, {}, {2, bad}).error(), errc::bad_cursor);
  for (std::uint32_t limit : {0u, 101u})
    EXPECT_EQ(it.list_orders(buyer, {}, {limit, {}}).error(),
              errc::invalid_value);
}

TEST(cursor, says_the_same_after_a_journey) {
  const cursor here{'e', false, 77, timestamp{duration{1'234'567'890'123}},
                    mint_uuid()};
  EXPECT_EQ(parse_token(to_token(here), 'e'), here);
  EXPECT_FALSE(parse_token(to_token(here), 'o'));
}

// -- who may see what

TEST_F(lists, show_a_buyer_the_own_things_and_an_organizer_those_of_the_event) {
  const auto event = publish("it"), other = publish("other");
  const auto rival = someone();
  says.publish(says.found(rival));
  const auto mine = says.sell(event, buyer);
  says.sell(other, buyer);
  const auto anothers = says.sell(event, someone());
  show();
  auto orders = [&](account_id who, std::optional<event_id> which) {
    return all(it.list_orders(who, which, {})->items, "id").size();
  };
  EXPECT_EQ(orders(buyer, {}), 2u);
  EXPECT_EQ(orders(buyer, event), 1u);
  EXPECT_EQ(orders(owner, {}), 0u);
  EXPECT_EQ(orders(owner, event), 2u);
  EXPECT_EQ(orders(rival, event), 0u);
  EXPECT_EQ(all(it.list_tickets(buyer, {}, {})->items, "id").size(), 4u);
  EXPECT_EQ(all(it.list_tickets(owner, event, {})->items, "id").size(), 4u);
  EXPECT_EQ(all(it.list_payments(owner, other, {})->items, "id").size(), 1u);

  for (auto who : {buyer, owner}) {
    EXPECT_TRUE(it.find_order(who, mine.session));
    EXPECT_TRUE(it.find_ticket(who, mine.tickets[0]));
    EXPECT_TRUE(it.find_payment(who, mine.payment));
  }
  EXPECT_EQ(it.find_order(rival, mine.session).error(), errc::not_found);
  EXPECT_EQ(it.find_ticket(rival, mine.tickets[0]).error(), errc::not_found);
  EXPECT_EQ(it.find_payment(rival, mine.payment).error(), errc::not_found);
  EXPECT_EQ(it.find_order(buyer, anothers.session).error(), errc::not_found);
  EXPECT_EQ(it.find_order(buyer, {mint_uuid()}).error(), errc::not_found);
}

/// Who organizes is known in the first cell alone.
TEST_F(lists, of_a_cell_without_organizations_believe_what_is_said_of_them) {
  const organization_id abroad{mint_uuid()};
  const auto event = says.publish(abroad, {});
  const auto sale = says.sell(event, buyer);
  show();
  const list_reader nobody{owner, {{mint_uuid()}}};
  const list_reader organizer{owner, {{mint_uuid()}, abroad}};
  EXPECT_EQ(it.sales_from(sales_list::orders, nobody, event, {})->items.size(),
            0u);
  EXPECT_EQ(
    it.sales_from(sales_list::orders, organizer, event, {})->items.size(), 1u);
  for (auto list : {sales_list::tickets, sales_list::payments}) {
    const auto id =
      list == sales_list::tickets ? sale.tickets[0].value : sale.payment.value;
    EXPECT_TRUE(it.find_sale(list, organizer, id));
    EXPECT_EQ(it.find_sale(list, nobody, id).error(), errc::not_found);
  }
  says.publish(organization, {});
  show();
  EXPECT_THAT(it.organizations_of(owner), ElementsAre(organization));
  EXPECT_THAT(it.organizations_of(buyer), IsEmpty());
}

TEST_F(lists, show_no_ticket_of_a_cancelled_event_as_valid) {
  const auto event = publish("it"), other = publish("other");
  const auto sale = says.sell(event, buyer), fine = says.sell(other, buyer);
  show();
  const auto status_of = [&](ticket_id id) {
    const auto found = json::parse(*it.find_ticket(buyer, id));
    return json::get<std::string>(found.at("ticket").at("status"));
  };
  EXPECT_EQ(status_of(sale.tickets[0]), "valid");
  says.tell(event, event::cancelled{});
  show();
  EXPECT_EQ(status_of(sale.tickets[0]), "cancelled");
  EXPECT_EQ(status_of(fine.tickets[0]), "valid");
  EXPECT_THAT(all(it.list_tickets(owner, event, {})->items, "status"),
              ElementsAre("cancelled", "cancelled"));
  const auto order = json::parse(*it.find_order(buyer, sale.session));
  const auto& tickets = order.at("order").at("tickets");
  EXPECT_EQ(tickets.at(0).at("status").as_string(), "cancelled");
}

TEST_F(lists, show_orders_tickets_and_payments_as_the_api_does) {
  const auto event = publish("it");
  const auto sale = says.sell(event, buyer);
  const auto open = says.check_out(event, buyer);
  show();
  auto order = json::parse(*it.find_order(buyer, sale.session)).at("order");
  EXPECT_EQ(order.at("payment_id").as_string(), to_string(sale.payment.value));
  EXPECT_EQ(order.at("event_id").as_string(), to_string(event.value));
  EXPECT_EQ(order.at("user_id").as_string(), to_string(buyer.value));
  EXPECT_EQ(order.at("status").as_string(), "completed");
  EXPECT_EQ(order.at("total").at("amount").as_int64(), 2'400'000);
  ASSERT_EQ(order.at("tickets").as_array().size(), 2u);
  auto ticket =
    json::parse(*it.find_ticket(buyer, sale.tickets[0])).at("ticket");
  EXPECT_EQ(order.at("tickets").at(0), ticket);
  EXPECT_EQ(ticket.at("seat").as_string(), "A-1-1");
  EXPECT_EQ(ticket.at("price").at("currency").as_string(), "VND");
  EXPECT_EQ(ticket.at("session_id").as_string(), to_string(sale.session.value));
  EXPECT_TRUE(parse_rfc3339(ticket.at("issued_at").as_string()));
  auto waiting = json::parse(*it.find_order(buyer, open.session)).at("order");
  EXPECT_EQ(waiting.at("status").as_string(), "checkout");
  EXPECT_FALSE(waiting.as_object().contains("completed_at"));
  EXPECT_TRUE(waiting.at("tickets").as_array().empty());
  auto payment =
    json::parse(*it.find_payment(buyer, open.payment)).at("payment");
  EXPECT_EQ(payment.at("status").as_string(), "pending");
  EXPECT_EQ(payment.at("payment_method").as_string(), "sandbox");
}

TEST_F(lists, name_no_payment_of_an_order_that_is_free) {
  const session_id free{mint_uuid()};
  says.tell(free,
            booking_session::checkout_started{
              {mint_uuid()}, "", 0, now(), publish("it"), buyer, "VND", now()});
  show();
  const auto order = json::parse(*it.find_order(buyer, free)).at("order");
  EXPECT_EQ(order.at("total").at("amount").as_int64(), 0);
  EXPECT_FALSE(order.as_object().contains("payment_id"));
}

// -- the pool

TEST(read_pool, refuses_when_its_queue_is_full_and_ends_in_the_middle_of_it) {
  pg_store store;
  std::promise<void> gate, begun;
  auto opened = gate.get_future().share();
  std::atomic<int> done = 0;
  {
    read_pool pool({store.options(), 1, 2});
    EXPECT_TRUE(pool.run([&](read_model& lists) {
      begun.set_value();
      opened.wait();
      EXPECT_TRUE(lists.list_layouts({}));
      ++done;
      throw std::runtime_error("a job's own");
    }));
    begun.get_future().wait();
    EXPECT_TRUE(pool.run([&](read_model&) { ++done; }));
    EXPECT_TRUE(pool.run([&](read_model&) { ++done; }));
    EXPECT_EQ(pool.waiting(), 2u);
    EXPECT_FALSE(pool.run([&](read_model&) { ++done; }));
    gate.set_value();
    while (done < 3)
      std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(done, 3);
}

TEST(read_pool, says_unavailable_to_the_job_and_comes_back) {
  pg_store store;
  read_pool pool({store.options(), 1, 10});
  auto ask = [&] {
    std::promise<bool> answer;
    pool.run([&](read_model& lists) {
      try {
        answer.set_value(lists.list_layouts({}).has_value());
      } catch (const unavailable&) {
        answer.set_value(false);
      }
    });
    return answer.get_future().get();
  };
  EXPECT_TRUE(ask());
  server().stop();
  EXPECT_FALSE(ask());
  server().start();
  EXPECT_TRUE(ask());
}

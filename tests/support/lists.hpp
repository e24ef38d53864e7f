#pragma once

#include "persistence/lists/list_page.hpp"
#include "persistence/lists/projector.hpp"
#include "persistence/lists/read_model.hpp"
#include "protocol/json.hpp"
#include "tests/support/sales.hpp"

#include <gtest/gtest.h>

/// A database with lists, what is journaled into it, and who reads them.
namespace usher::test {

using names = std::vector<std::string>;

inline account_id someone() {
  return {mint_uuid()};
}

/// The member of each item.
inline names all(const std::string& items, const char* member) {
  names out;
  const auto document = json::parse(items);
  for (const auto& one : json::items(document))
    out.push_back(json::get<std::string>(one.at(member)));
  return out;
}

/// Reads what one cell has as pages, as fronts read it of all of them.
class reader : public persistence::read_model {
public:
  using read_model::read_model;

  result<persistence::event_page>
  list_events(const persistence::event_filter& wanted) {
    auto found = events_from(wanted, true);
    if (!found)
      return found.error();
    return page_of_events(wanted, {std::move(*found)});
  }

  result<persistence::page>
  list_orders(account_id who, std::optional<event_id> event,
              const persistence::page_request& wanted) {
    return list(persistence::sales_list::orders, who, event, wanted);
  }

  result<persistence::page>
  list_tickets(account_id who, std::optional<event_id> event,
               const persistence::page_request& wanted) {
    return list(persistence::sales_list::tickets, who, event, wanted);
  }

  result<persistence::page>
  list_payments(account_id who, std::optional<event_id> event,
                const persistence::page_request& wanted) {
    return list(persistence::sales_list::payments, who, event, wanted);
  }

  result<std::string> find_order(account_id who, session_id id) {
    return find_sale(persistence::sales_list::orders, {who, {}}, id.value);
  }

  result<std::string> find_ticket(account_id who, ticket_id id) {
    return find_sale(persistence::sales_list::tickets, {who, {}}, id.value);
  }

  result<std::string> find_payment(account_id who, payment_id id) {
    return find_sale(persistence::sales_list::payments, {who, {}}, id.value);
  }

private:
  result<persistence::page> list(persistence::sales_list which, account_id who,
                                 std::optional<event_id> event,
                                 const persistence::page_request& wanted) {
    auto found = sales_from(which, {who, {}}, event, wanted);
    if (!found)
      return found.error();
    return page_of_sales(which, wanted, {std::move(*found)});
  }
};

/// A database with lists, and who reads them.
class lists : public testing::Test {
protected:
  void show() {
    says.commit();
    lists_.apply(says.news);
    says.news.clear();
  }

  names titles(persistence::event_filter wanted) {
    wanted.part.limit = 100;
    return all(it.list_events(wanted)->rows.items, "title");
  }

  event_id publish(const std::string& title,
                   std::chrono::hours at = std::chrono::hours{101}) {
    wanted_event wanted;
    wanted.title = title;
    wanted.starts_at = timestamp{at};
    return says.publish(organization, wanted);
  }

  pg_store store_;
  seller says{store_};
  account_id owner = someone(), buyer = someone();
  organization_id organization = says.found(owner);
  reader it{store_.options()};

private:
  persistence::projector lists_{store_.options()};
};

inline persistence::event_filter at(timestamp now) {
  persistence::event_filter out;
  out.now = now;
  return out;
}

} // namespace usher::test

#include "persistence/lists/list_items.hpp"

#include "persistence/postgres/columns.hpp"
#include "protocol/json_object.hpp"
#include "protocol/payment.hpp"

namespace usher::persistence {

namespace {

void put(json::object& to, std::string_view name, const pqxx::field& x) {
  to.put_text(name, {x.c_str(), x.size()});
}

/// What has not happened yet is left out.
void put_time(json::object& to, std::string_view name, const pqxx::field& x) {
  if (!x.is_null())
    to.put_time(name, moment(x));
}

void put_money(json::object& to, std::string_view name,
               const pqxx::field& amount, const pqxx::field& currency) {
  to.put(name, money{amount.as<std::int64_t>(), currency.c_str()});
}

/// `x` holds JSON.
void put_raw(json::object& to, std::string_view name, const pqxx::field& x) {
  to.member(name) += x.c_str();
}

} // namespace

std::string ticket_item(const pqxx::row& row, int from) {
  auto x = [&](int i) { return row[from + i]; };
  std::string out;
  {
    json::object to{out};
    put(to, "id", x(0));
    put(to, "number", x(5));
    put(to, "session_id", x(1));
    put(to, "event_id", x(2));
    put(to, "user_id", x(3));
    put(to, "seat", x(6));
    put(to, "section", x(7));
    put(to, "ticket_type_id", x(4));
    put_money(to, "price", x(8), x(9));
    put(to, "status", x(10));
    put_time(to, "issued_at", x(11));
  }
  return out;
}

std::string order_item(const pqxx::row& row, const std::string& tickets) {
  std::string out;
  {
    json::object to{out};
    put(to, "id", row[0]);
    put(to, "event_id", row[1]);
    put(to, "user_id", row[2]);
    put(to, "status", row[6]);
    put_money(to, "total", row[4], row[5]);
    if (row[4].as<std::int64_t>() != 0) // what is free has no payment
      put(to, "payment_id", row[3]);
    put_time(to, "created_at", row[7]);
    put_time(to, "completed_at", row[8]);
    to.member("tickets") += tickets;
  }
  return out;
}

std::string payment_item(const pqxx::row& row) {
  std::string out;
  {
    json::object to{out};
    put(to, "id", row[0]);
    put(to, "status", row[6]);
    put(to, "session_id", row[1]);
    put(to, "event_id", row[2]);
    put(to, "user_id", row[3]);
    put_money(to, "amount", row[4], row[5]);
    put(to, "payment_method", row[7]);
    to.put_text("url", payment::url_of({id_in(row[0])}));
    put_time(to, "created_at", row[8]);
    put_time(to, "expires_at", row[9]);
    put_time(to, "completed_at", row[10]);
  }
  return out;
}

std::string layout_item(const pqxx::row& row) {
  std::string out;
  {
    json::object to{out};
    put(to, "id", row[0]);
    put(to, "name", row[1]);
    put_raw(to, "capacity", row[2]);
    put_raw(to, "sections", row[3]);
  }
  return out;
}

std::string event_item(const pqxx::row& row) {
  std::string out;
  {
    json::object to{out};
    put(to, "id", row[0]);
    put(to, "status", row[2]);
    put(to, "phase", row[3]);
  }
  out.back() = ',';
  return out.append(row[4].c_str() + 1, row[4].size() - 1);
}

} // namespace usher::persistence

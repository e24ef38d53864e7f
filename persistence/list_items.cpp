#include "persistence/list_items.hpp"

#include "persistence/columns.hpp"
#include "protocol/json.hpp"
#include "protocol/payment.hpp"

namespace usher::persistence {

namespace {

/// Writes members one after the other.
class object {
public:
  object& text(std::string_view name, std::string_view value) {
    begin(name);
    json::put_string(out_, value);
    return *this;
  }

  object& text(std::string_view name, const pqxx::field& x) {
    return text(name, std::string_view(x.c_str(), x.size()));
  }

  object& time(std::string_view name, const pqxx::field& x) {
    if (!x.is_null())
      text(name, to_rfc3339(moment(x)));
    return *this;
  }

  object& money(std::string_view name, const pqxx::field& amount,
                const pqxx::field& currency) {
    begin(name);
    json::put(out_, usher::money{amount.as<std::int64_t>(), currency.c_str()});
    return *this;
  }

  /// `x` is JSON already.
  object& raw(std::string_view name, std::string_view x) {
    begin(name);
    out_ += x;
    return *this;
  }

  std::string end() { return std::move(out_ += '}'); }

private:
  void begin(std::string_view name) {
    out_ += out_.size() > 1 ? ",\"" : "\"";
    out_ += name;
    out_ += "\":";
  }

  std::string out_ = "{";
};

} // namespace

std::string ticket_item(const pqxx::row& row, int from) {
  auto x = [&](int i) { return row[from + i]; };
  return object{}
    .text("id", x(0))
    .text("number", x(5))
    .text("session_id", x(1))
    .text("event_id", x(2))
    .text("user_id", x(3))
    .text("seat", x(6))
    .text("section", x(7))
    .text("ticket_type_id", x(4))
    .money("price", x(8), x(9))
    .text("status", x(10))
    .time("issued_at", x(11))
    .end();
}

std::string order_item(const pqxx::row& row, const std::string& tickets) {
  return object{}
    .text("id", row[0])
    .text("event_id", row[1])
    .text("user_id", row[2])
    .text("status", row[6])
    .money("total", row[4], row[5])
    .text("payment_id", row[3])
    .time("created_at", row[7])
    .time("completed_at", row[8])
    .raw("tickets", tickets)
    .end();
}

std::string payment_item(const pqxx::row& row) {
  return object{}
    .text("id", row[0])
    .text("status", row[6])
    .text("session_id", row[1])
    .text("event_id", row[2])
    .text("user_id", row[3])
    .money("amount", row[4], row[5])
    .text("payment_method", row[7])
    .text("url", payment::url_of({id_in(row[0])}))
    .time("created_at", row[8])
    .time("expires_at", row[9])
    .time("completed_at", row[10])
    .end();
}

std::string layout_item(const pqxx::row& row) {
  return object{}
    .text("id", row[0])
    .text("name", row[1])
    .raw("capacity", row[2].c_str())
    .raw("sections", row[3].c_str())
    .end();
}

std::string event_item(const pqxx::row& row) {
  auto out = object{}
               .text("id", row[0])
               .text("status", row[2])
               .text("phase", row[3])
               .end();
  out.back() = ',';
  return out.append(row[4].c_str() + 1, row[4].size() - 1);
}

} // namespace usher::persistence

#include "persistence/read_model.hpp"

#include "persistence/binary_array.hpp"
#include "persistence/list_items.hpp"
#include "persistence/list_page.hpp"
#include "persistence/read_sql.hpp"

#include <algorithm>
#include <limits>

namespace usher::persistence {

namespace {

constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t most_words = 16, longest_search = 800;

uuid every_bit() {
  uuid out;
  out.bytes.fill(0xff);
  return out;
}

list_ends newest_first(char list) {
  list_ends out;
  out.first = {list, true, 1, {}, every_bit()};
  out.last = {list, false, 1, {}, {}};
  return out;
}

list_ends soonest_first(char list) {
  constexpr timestamp latest{duration{253'402'300'799'000}}; // the year 9999
  list_ends out;
  out.first = {list, true, 1, {}, {}};
  out.last = {list, false, 1, latest, every_bit()};
  return out;
}

// -- searching
// --------------------------------------------------------------------

void put_pattern(std::string& out, std::string_view word) {
  out += out.size() > 1 ? ",\"%" : "\"%";
  for (char c : word) {
    if (c == '%' || c == '_')
      out += "\\\\"; // LIKE's escape, escaped once more for the array
    else if (c == '\\')
      out += "\\\\\\";
    else if (c == '"')
      out += '\\';
    out += c;
  }
  out += "%\"";
}

/// Each word as a LIKE pattern, as the text of a PostgreSQL array.
std::string patterns_of(std::string_view search) {
  constexpr std::string_view blank{" \t\r\n\0", 5};
  std::string out = "{";
  for (std::size_t words = 0; words < most_words; ++words) {
    const auto begin = search.find_first_not_of(blank);
    if (begin == std::string_view::npos)
      break;
    search.remove_prefix(begin);
    const auto word = search.substr(0, search.find_first_of(blank));
    put_pattern(out, word);
    search.remove_prefix(word.size());
  }
  return out + '}';
}

/// Where an event list begins, when a page was asked for by its number.
struct opening {
  cursor place;
  bool at_beginning = true;
  std::uint64_t skipped = 0;
};

result<opening> opening_of(const event_filter& wanted, const list_ends& ends) {
  auto place = place_of(wanted.part, ends);
  if (!place)
    return place.error();
  opening out{*place, wanted.part.token.empty(), 0};
  if (!out.at_beginning || !wanted.page)
    return out;
  if (*wanted.page < 1)
    return errc::invalid_value;
  out.place.page = *wanted.page;
  out.at_beginning = *wanted.page == 1;
  out.skipped = std::uint64_t{*wanted.page - 1} * wanted.part.limit;
  return out;
}

const char* way_of(const cursor& place) {
  return place.forward ? "_next" : "_previous";
}

pqxx::binarystring parameter(binary_array& x) {
  return pqxx::binarystring(x.bytes());
}

} // namespace

read_model::read_model(pg_options options)
  : link_(std::move(options), read_statements()) {}

// -- events
// ----------------------------------------------------------------------

result<event_page> read_model::list_events(const event_filter& wanted) {
  const std::string scope = wanted.organizer ? "own" : "public";
  const auto ends = soonest_first(wanted.organizer ? 'm' : 'e');
  auto from = opening_of(wanted, ends);
  if (!from)
    return from.error();
  if (wanted.search.size() > longest_search)
    return errc::invalid_value;
  const auto now = to_rfc3339(wanted.now);
  const auto patterns = patterns_of(wanted.search);
  const auto who = to_string(wanted.organizer.value_or(account_id{}).value);
  event_page out{{}, from->place.page, wanted.part.limit, 0};
  pqxx::result rows;
  try {
    link_.call([&](pqxx::nontransaction& session) {
      rows = session.exec_prepared(
        "events_" + scope + way_of(from->place), wanted.status, now, patterns,
        who, to_rfc3339(from->place.at), to_string(from->place.id),
        wanted.part.limit + 1, from->skipped, no_limit);
      out.total = session
                    .exec_prepared("count_events_" + scope, wanted.status, now,
                                   patterns, who)[0][0]
                    .as<std::uint64_t>();
    });
  } catch (const pqxx::data_exception&) { // no UTF-8
    return errc::invalid_value;
  }
  std::vector<cursor> keys;
  std::vector<std::string> items;
  for (const auto& row : rows) {
    keys.push_back({ends.first.list, true, 1, moment(row[1]), id_in(row[0])});
    items.push_back(event_item(row));
  }
  const auto shown = cut(keys, from->place, from->at_beginning,
                         wanted.part.limit, ends, out.rows);
  out.rows.items = join(items, shown);
  return out;
}

// -- layouts
// ---------------------------------------------------------------------

result<page> read_model::list_layouts(const page_request& wanted) {
  const auto ends = newest_first('l');
  auto place = place_of(wanted, ends);
  if (!place)
    return place.error();
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(std::string("layouts") + way_of(*place),
                                 to_string(place->id), wanted.limit + 1);
  });
  std::vector<cursor> keys;
  std::vector<std::string> items;
  for (const auto& row : rows) {
    keys.push_back({'l', true, 1, {}, id_in(row[0])});
    items.push_back(layout_item(row));
  }
  page out;
  out.items = join(
    items, cut(keys, *place, wanted.token.empty(), wanted.limit, ends, out));
  return out;
}

// -- what buyers have
// --------------------------------------------------------------

result<page> read_model::list_orders(account_id caller,
                                     std::optional<event_id> event,
                                     const page_request& wanted) {
  return list_sales(sales::orders, caller, event, wanted);
}

result<page> read_model::list_tickets(account_id caller,
                                      std::optional<event_id> event,
                                      const page_request& wanted) {
  return list_sales(sales::tickets, caller, event, wanted);
}

result<page> read_model::list_payments(account_id caller,
                                       std::optional<event_id> event,
                                       const page_request& wanted) {
  return list_sales(sales::payments, caller, event, wanted);
}

result<std::string> read_model::find_order(account_id caller, session_id id) {
  return find_one(sales::orders, caller, id.value);
}

result<std::string> read_model::find_ticket(account_id caller, ticket_id id) {
  return find_one(sales::tickets, caller, id.value);
}

result<std::string> read_model::find_payment(account_id caller, payment_id id) {
  return find_one(sales::payments, caller, id.value);
}

bool read_model::organizes(account_id caller, event_id event) {
  return link_.call([&](pqxx::nontransaction& session) {
    return !session
              .exec_prepared("organizes", to_string(event.value),
                             to_string(caller.value))
              .empty();
  });
}

result<page> read_model::list_sales(std::size_t table, account_id caller,
                                    std::optional<event_id> event,
                                    const page_request& wanted) {
  const auto& list = sales_tables[table];
  const auto ends = newest_first(list.list);
  auto place = place_of(wanted, ends);
  if (!place)
    return place.error();
  const bool everybodys = event && organizes(caller, *event);
  const auto name = std::string(list.table)
                    + (everybodys ? "_event"
                       : event    ? "_own_of_event"
                                  : "_own")
                    + way_of(*place);
  const auto key = to_string(place->id), self = to_string(caller.value);
  const auto limit = wanted.limit + 1;
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    if (!event)
      return session.exec_prepared(name, key, limit, self);
    const auto which = to_string(event->value);
    return everybodys ? session.exec_prepared(name, key, limit, which)
                      : session.exec_prepared(name, key, limit, self, which);
  });
  std::vector<cursor> keys;
  for (const auto& row : rows)
    keys.push_back({list.list, true, 1, {}, id_in(row[0])});
  page out;
  const auto shown =
    cut(keys, *place, wanted.token.empty(), wanted.limit, ends, out);
  out.items = join(rendered(table, rows), shown);
  return out;
}

result<std::string> read_model::find_one(std::size_t table, account_id caller,
                                         const uuid& id) {
  const auto& list = sales_tables[table];
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(std::string(list.table) + "_one",
                                 to_string(id), to_string(caller.value));
  });
  if (rows.empty())
    return errc::not_found;
  std::string out = "{\"";
  out += list.item;
  out += "\":";
  return out + rendered(table, rows).front() + '}';
}

std::vector<std::string> read_model::rendered(std::size_t table,
                                              const pqxx::result& rows) {
  std::vector<std::string> tickets;
  if (table == sales::orders)
    tickets = tickets_of(rows);
  std::vector<std::string> out;
  for (const auto& row : rows)
    out.push_back(table == sales::orders ? order_item(row, tickets[out.size()])
                  : table == sales::tickets ? ticket_item(row, 0)
                                            : payment_item(row));
  return out;
}

/// For each order the JSON array of its tickets.
std::vector<std::string> read_model::tickets_of(const pqxx::result& orders) {
  binary_array n(element::int4), session_column(element::uuid),
    buyer(element::uuid), low(element::uuid), high(element::uuid);
  std::int32_t number = 0;
  for (const auto& row : orders) {
    auto first = id_in(row[0]), last = every_bit();
    n.add(number++);
    session_column.add(first);
    buyer.add(id_in(row[2]));
    std::copy_n(first.bytes.begin(), 6, last.bytes.begin());
    std::fill(first.bytes.begin() + 6, first.bytes.end(), std::uint8_t{0});
    low.add(first);
    high.add(last);
  }
  std::vector<std::string> out(orders.size(), "[");
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("tickets_of_orders", parameter(n),
                                 parameter(session_column), parameter(buyer),
                                 parameter(low), parameter(high));
  });
  for (const auto& row : rows) {
    auto& list = out.at(row[0].as<std::size_t>());
    list += list.size() > 1 ? "," : "";
    list += ticket_item(row, 1);
  }
  for (auto& list : out)
    list += ']';
  return out;
}

} // namespace usher::persistence

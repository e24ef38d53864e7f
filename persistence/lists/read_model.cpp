#include "persistence/lists/read_model.hpp"

#include "persistence/lists/list_items.hpp"
#include "persistence/lists/list_page.hpp"
#include "persistence/lists/read_sql.hpp"
#include "persistence/postgres/columns.hpp"

#include <algorithm>
#include <limits>

namespace usher::persistence {

namespace {

constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t most_words = 16, longest_search = 800;

// -- searching

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

const char* way_of(const cursor& place) {
  return place.forward ? "_next" : "_previous";
}

/// Ids as the text of a PostgreSQL array.
std::string array_of(const std::vector<organization_id>& all) {
  std::string out = "{";
  for (const auto& one : all) {
    out += out.size() > 1 ? "," : "";
    append_to(out, one.value);
  }
  return out + '}';
}

} // namespace

read_model::read_model(pg_options options)
  : link_(std::move(options), read_statements()) {}

// -- events

result<list_part> read_model::events_from(const event_filter& wanted,
                                          bool is_alone) {
  const std::string scope = wanted.organization    ? "own"
                            : wanted.is_everybodys ? "every"
                                                   : "public";
  auto from = opening_of(wanted);
  if (!from)
    return from.error();
  if (wanted.search.size() > longest_search)
    return errc::invalid_value;
  const auto now = to_rfc3339(wanted.now);
  const auto patterns = patterns_of(wanted.search);
  const auto whose =
    to_string(wanted.organization.value_or(organization_id{}).value);
  list_part out;
  out.skipped = is_alone ? from->skipped : 0;
  const auto reach = from->skipped - out.skipped + wanted.part.limit + 1;
  pqxx::result rows;
  try {
    link_.call([&](pqxx::nontransaction& session) {
      rows = session.exec_prepared(
        "events_" + scope + way_of(from->place), wanted.status, now, patterns,
        whose, to_rfc3339(from->place.at), to_string(from->place.id), reach,
        out.skipped, no_limit);
      out.total = session
                    .exec_prepared("count_events_" + scope, wanted.status, now,
                                   patterns, whose)[0][0]
                    .as<std::uint64_t>();
    });
  } catch (const pqxx::data_exception&) { // no UTF-8
    return errc::invalid_value;
  }
  for (const auto& row : rows) {
    out.keys.push_back(
      {from->place.list, true, 1, moment(row[1]), id_in(row[0])});
    out.items.push_back(event_item(row));
  }
  return out;
}

// -- layouts

result<page> read_model::list_layouts(const page_request& wanted) {
  const auto ends = newest_first('L');
  auto place = place_of(wanted, ends);
  if (!place)
    return place.error();
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(std::string("layouts") + way_of(*place),
                                 to_rfc3339(place->at), to_string(place->id),
                                 wanted.limit + 1);
  });
  list_part out;
  for (const auto& row : rows) {
    out.keys.push_back({'L', true, 1, moment(row[4]), id_in(row[0])});
    out.items.push_back(layout_item(row));
  }
  return cut(out, {*place, wanted.token.empty(), wanted.limit, ends});
}

// -- what buyers have

std::vector<organization_id> read_model::organizations_of(account_id who) {
  const auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared("organizations_of", to_string(who.value));
  });
  std::vector<organization_id> out;
  for (const auto& row : rows)
    out.push_back({id_in(row[0])});
  return out;
}

result<list_part> read_model::memberships_from(account_id who,
                                               const page_request& wanted) {
  auto place = place_of(wanted, newest_first(list_of_memberships));
  if (!place)
    return place.error();
  const auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(std::string("memberships") + way_of(*place),
                                 to_string(who.value), to_string(place->id),
                                 wanted.limit + 1);
  });
  list_part out;
  for (const auto& row : rows)
    out.keys.push_back({list_of_memberships, true, 1, {}, id_in(row[0])});
  return out;
}

bool read_model::organizes(const list_reader& reader, event_id event) {
  return link_.call([&](pqxx::nontransaction& session) {
    return !session
              .exec_prepared("organizes", to_string(event.value),
                             to_string(reader.who.value),
                             array_of(reader.organizations))
              .empty();
  });
}

result<list_part> read_model::sales_from(sales_list which,
                                         const list_reader& reader,
                                         std::optional<event_id> event,
                                         const page_request& wanted) {
  const auto& list = table_of(which);
  auto place = place_of(wanted, newest_first(list.list));
  if (!place)
    return place.error();
  const bool everybodys = event && organizes(reader, *event);
  const auto name = std::string(list.table)
                    + (everybodys ? "_event"
                       : event    ? "_own_of_event"
                                  : "_own")
                    + way_of(*place);
  const auto at = to_rfc3339(place->at), key = to_string(place->id),
             self = to_string(reader.who.value);
  const auto limit = wanted.limit + 1;
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    if (!event)
      return session.exec_prepared(name, at, key, limit, self);
    const auto of_event = to_string(event->value);
    return everybodys
             ? session.exec_prepared(name, at, key, limit, of_event)
             : session.exec_prepared(name, at, key, limit, self, of_event);
  });
  list_part out;
  for (const auto& row : rows)
    out.keys.push_back(
      {list.list, true, 1, moment(row[list.time_at]), id_in(row[0])});
  out.items = rendered(which, rows);
  return out;
}

result<std::string> read_model::find_sale(sales_list which,
                                          const list_reader& reader,
                                          const uuid& id) {
  const auto& list = table_of(which);
  auto rows = link_.call([&](pqxx::nontransaction& session) {
    return session.exec_prepared(std::string(list.table) + "_one",
                                 to_string(id), to_string(reader.who.value),
                                 array_of(reader.organizations));
  });
  if (rows.empty())
    return errc::not_found;
  std::string out = "{\"";
  out += list.item;
  out += "\":";
  return out + rendered(which, rows).front() + '}';
}

std::vector<std::string> read_model::rendered(sales_list which,
                                              const pqxx::result& rows) {
  std::vector<std::string> tickets;
  if (which == sales_list::orders)
    tickets = tickets_of(rows);
  std::vector<std::string> out;
  for (const auto& row : rows)
    out.push_back(which == sales_list::orders
                    ? order_item(row, tickets[out.size()])
                  : which == sales_list::tickets ? ticket_item(row, 0)
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

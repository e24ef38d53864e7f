#include "persistence/lists/list_page.hpp"

#include "persistence/lists/read_sql.hpp"
#include "protocol/json.hpp"

#include <algorithm>
#include <tuple>

namespace usher::persistence {

namespace {

constexpr timestamp latest{duration{253'402'300'799'000}}; // the year 9999

void put_tokens(std::string& out, const page& rows) {
  out += ",\"next_token\":";
  json::put(out, rows.next_token);
  out += ",\"previous_token\":";
  json::put(out, rows.previous_token);
  if (rows.is_incomplete)
    out += ",\"incomplete\":true";
  out += '}';
}

/// In the order of the list that the place goes into.
list_part merged(std::vector<list_part> parts, bool ascending) {
  if (parts.size() == 1)
    return std::move(parts.front());
  std::vector<std::tuple<timestamp, uuid, list_part*, std::size_t>> rows;
  list_part out;
  for (auto& part : parts) {
    out.total += part.total;
    for (std::size_t i = 0; i < part.keys.size(); ++i)
      rows.emplace_back(part.keys[i].at, part.keys[i].id, &part, i);
  }
  std::ranges::sort(rows);
  if (!ascending)
    std::ranges::reverse(rows);
  for (const auto& [at, id, part, i] : rows) {
    out.keys.push_back(part->keys[i]);
    out.items.push_back(std::move(part->items[i]));
  }
  return out;
}

/// Leaves out the rows of earlier pages, and what is beyond the page but one.
void trim(list_part& part, std::uint64_t skipped, std::uint32_t limit) {
  const auto begin = std::min<std::uint64_t>(skipped, part.keys.size());
  const auto end = std::min<std::uint64_t>(begin + limit + 1, part.keys.size());
  const auto cut_out = [&](auto& all) {
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(end), all.end());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  cut_out(part.keys);
  cut_out(part.items);
}

std::string token(cursor key, bool forward, std::uint32_t page) {
  key.forward = forward;
  key.page = page;
  return to_token(key);
}

char event_list_of(const event_filter& wanted) {
  return wanted.organization ? 'm' : wanted.is_everybodys ? 'a' : 'e';
}

} // namespace

uuid every_bit() {
  uuid out;
  out.bytes.fill(0xff);
  return out;
}

list_ends newest_first(char list) {
  list_ends out;
  out.first = {list, true, 1, latest, every_bit()};
  out.last = {list, false, 1, {}, {}};
  return out;
}

list_ends soonest_first(char list) {
  list_ends out;
  out.first = {list, true, 1, {}, {}};
  out.last = {list, false, 1, latest, every_bit()};
  return out;
}

result<cursor> place_of(const page_request& wanted, const list_ends& ends) {
  if (wanted.limit < 1 || wanted.limit > 100)
    return errc::invalid_value;
  if (wanted.token.empty())
    return ends.first;
  auto found = parse_token(wanted.token, ends.first.list);
  if (!found)
    return errc::bad_cursor;
  return *found;
}

result<opening> opening_of(const event_filter& wanted) {
  auto place = place_of(wanted.part, soonest_first(event_list_of(wanted)));
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

event_page page_of_events(const event_filter& wanted,
                          std::vector<list_part> parts) {
  const auto ends = soonest_first(event_list_of(wanted));
  const auto from = *opening_of(wanted);
  const auto to_skip = from.skipped - parts.front().skipped;
  auto all = merged(std::move(parts), from.place.forward);
  trim(all, to_skip, wanted.part.limit);
  const page_frame frame{from.place, from.at_beginning, wanted.part.limit,
                         ends};
  return {cut(all, frame), from.place.page, wanted.part.limit, all.total};
}

page page_of_sales(sales_list which, const page_request& wanted,
                   std::vector<list_part> parts) {
  const auto ends = newest_first(table_of(which).list);
  const auto place = *place_of(wanted, ends);
  auto all = merged(std::move(parts), !place.forward);
  trim(all, 0, wanted.limit);
  return cut(all, {place, wanted.token.empty(), wanted.limit, ends});
}

page page_of_memberships(const page_request& wanted, const list_part& rows) {
  const auto ends = newest_first(list_of_memberships);
  return cut(
    rows, {*place_of(wanted, ends), wanted.token.empty(), wanted.limit, ends});
}

page cut(const list_part& rows, const page_frame& frame) {
  const auto& [place, at_beginning, limit, ends] = frame;
  std::vector<std::size_t> shown(
    std::min<std::size_t>(rows.keys.size(), limit));
  for (std::size_t i = 0; i < shown.size(); ++i)
    shown[i] = place.forward ? i : shown.size() - 1 - i;
  page out;
  auto told = shown;
  std::erase_if(told, [&](std::size_t i) { return rows.items[i].empty(); });
  json::put_list(out.items, told,
                 [&](std::size_t i) { out.items += rows.items[i]; });
  const bool beyond = rows.keys.size() > limit;
  const bool has_next = place.forward ? beyond : true;
  const bool has_previous = place.forward ? !at_beginning : beyond;
  if (has_next)
    out.next_token = token(shown.empty() ? ends.first : rows.keys[shown.back()],
                           true, place.page + 1);
  if (has_previous)
    out.previous_token =
      token(shown.empty() ? ends.last : rows.keys[shown.front()], false,
            std::max(place.page, 2u) - 1);
  return out;
}

std::string render(std::string_view name, const page& rows) {
  std::string out = "{\"";
  out += name;
  out += "\":";
  out += rows.items;
  put_tokens(out, rows);
  return out;
}

std::string render(const event_page& all) {
  std::string out = "{\"events\":" + all.rows.items;
  out += ",\"pagination\":{\"page\":";
  json::put(out, all.page);
  out += ",\"limit\":";
  json::put(out, all.limit);
  out += ",\"total\":";
  json::put(out, all.total);
  out += ",\"totalPages\":";
  json::put(out, (all.total + all.limit - 1) / all.limit);
  out += '}';
  put_tokens(out, all.rows);
  return out;
}

} // namespace usher::persistence

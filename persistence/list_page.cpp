#include "persistence/list_page.hpp"

#include "protocol/json.hpp"

#include <algorithm>

namespace usher::persistence {

namespace {

void put_tokens(std::string& out, const page& rows) {
  out += ",\"next_token\":";
  json::put(out, rows.next_token);
  out += ",\"previous_token\":";
  json::put(out, rows.previous_token);
  out += '}';
}

std::string token(cursor key, bool forward, std::uint32_t page) {
  key.forward = forward;
  key.page = page;
  return to_token(key);
}

} // namespace

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

std::vector<std::size_t> cut(const std::vector<cursor>& keys,
                             const cursor& place, bool at_beginning,
                             std::uint32_t limit, const list_ends& ends,
                             page& out) {
  std::vector<std::size_t> shown(std::min<std::size_t>(keys.size(), limit));
  for (std::size_t i = 0; i < shown.size(); ++i)
    shown[i] = place.forward ? i : shown.size() - 1 - i;
  const bool beyond = keys.size() > limit;
  const bool has_next = place.forward ? beyond : true;
  const bool has_previous = place.forward ? !at_beginning : beyond;
  if (has_next)
    out.next_token = token(shown.empty() ? ends.first : keys[shown.back()],
                           true, place.page + 1);
  if (has_previous)
    out.previous_token = token(shown.empty() ? ends.last : keys[shown.front()],
                               false, std::max(place.page, 2u) - 1);
  return shown;
}

std::string join(const std::vector<std::string>& items,
                 const std::vector<std::size_t>& which) {
  std::string out;
  json::put_list(out, which, [&](std::size_t i) { out += items[i]; });
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

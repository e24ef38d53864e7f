#include "node/inspect/cli/inspector.hpp"

#include "config/duration_text.hpp"

#include <charconv>

namespace usher::inspect {

namespace {

timestamp of_this_machine() {
  return std::chrono::time_point_cast<duration>(
    std::chrono::system_clock::now());
}

} // namespace

instant parse_instant(const std::string& text, timestamp now) {
  version number = 0;
  const auto* end = text.data() + text.size();
  if (auto [rest, ec] = std::from_chars(text.data(), end, number);
      ec == std::errc{} && rest == end)
    return {number, std::nullopt};
  if (text.starts_with('-'))
    if (const auto ago = config::parse_duration(text.substr(1)))
      return {std::nullopt, now - *ago};
  if (const auto when = parse_rfc3339(text))
    return {std::nullopt, when};
  throw bad_usage("'" + text
                  + "' is neither a version, nor a time as in "
                    "2026-11-21T10:00:00Z, nor how long ago, as in -10min");
}

inspector::inspector(const target& where, wishes asked, messenger by)
  : target_(where),
    wishes_(std::move(asked)),
    messenger_(std::move(by)),
    until_(steady::now() + wishes_.deadline) {
  if (!target_.database.empty())
    database_ = std::make_unique<stored>(
      persistence::pg_options{target_.database, wishes_.deadline});
}

stored& inspector::database() {
  if (!database_)
    throw bad_usage("this asks PostgreSQL: name the cluster with --home or "
                    "--config, not only by an address");
  return *database_;
}

timestamp inspector::now() {
  if (!database_)
    return of_this_machine();
  try {
    return database_->now();
  } catch (const persistence::unavailable&) {
    return of_this_machine();
  }
}

entity_id inspector::find(const std::string& name) {
  const auto named = parse_entity(name);
  if (!named)
    throw bad_usage("'" + name
                    + "' names no entity: use kind:uuid or the uuid");
  if (named->kind)
    return {*named->kind, named->key};
  const auto kinds = database().kinds_of(named->key);
  if (kinds.empty())
    throw bad_usage("nothing is stored of " + name
                    + "; if it is only in memory, name its kind, too");
  if (kinds.size() == 1)
    return {kinds.front(), named->key};
  std::string all;
  for (auto kind : kinds)
    all += (all.empty() ? "" : ", ") + std::string{to_string(kind)};
  throw bad_usage(name + " is several: " + all + "; name one as kind:uuid");
}

std::vector<peer> inspector::peers() {
  std::vector<peer> out;
  if (database_)
    for (const auto& row : database_->members(0))
      if (row.is_alive && row.lease_left >= duration{0})
        out.push_back({row.self, name_of(row), cluster_address_of(row)});
  for (const auto& address : target_.addresses)
    if (std::ranges::none_of(
          out, [&](const peer& one) { return one.address == address; }))
      out.push_back({0, address, address});
  return out;
}

std::vector<said_by> inspector::ask(const boost::json::object& question) {
  if (wishes_.only_durable)
    return {};
  return ask_all(messenger_, peers(), question, until_);
}

} // namespace usher::inspect

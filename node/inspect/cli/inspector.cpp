#include "node/inspect/cli/inspector.hpp"

#include "config/duration_text.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <thread>
#include <utility>

namespace usher::inspect {

namespace {

/// No journal goes back further.
constexpr std::chrono::hours longest_ago{24 * 365 * 100};

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
    if (const auto ago = config::parse_duration(text.substr(1));
        ago && *ago <= longest_ago)
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
    until_(steady::now() + wishes_.deadline),
    patience_(wishes_.deadline) {
  for (const auto& [cell, database] : target_.databases)
    databases_[cell] =
      std::make_shared<stored>(persistence::pg_options{database, patience_});
  cell_ = wishes_.cell;
}

/// Asks all databases at once whether they are there, so that the silent cost
/// the others half of the time at most, and only once. Nothing bounds how long
/// libpq takes to connect, so who is too late is left to itself.
void inspector::knock() {
  if (std::exchange(has_knocked_, true))
    return;
  const auto until = steady::now() + wishes_.deadline / 2;
  std::map<cell_no, std::future<std::string>> answers;
  for (const auto& [cell, one] : databases_) {
    std::packaged_task<std::string()> asking([one] {
      try {
        one->now();
        return std::string{};
      } catch (const persistence::unavailable& why) {
        return std::string{why.what()};
      }
    });
    answers[cell] = asking.get_future();
    std::thread(std::move(asking)).detach();
  }
  for (auto& [cell, answer] : answers)
    if (answer.wait_until(until) != std::future_status::ready)
      silences_[cell] = "it is silent";
    else if (auto why = answer.get(); !why.empty())
      silences_[cell] = std::move(why);
  share_time();
}

/// A database that let us in may still be slow. So much is left for the nodes,
/// if these are to be asked, that they can tell what they know. Who is silent
/// may still be under way.
void inspector::share_time() {
  const auto left = std::chrono::floor<duration>(until_ - steady::now()) / 3
                    * (wishes_.only_durable ? 3 : 2);
  if (left <= duration{0})
    return; // who goes on for longer has the patience that he had
  patience_ = left;
  for (const auto& [cell, one] : databases_)
    if (!silences_.contains(cell))
      one->wait_at_most(left);
}

/// It is not asked again, and what is left is shared anew.
void inspector::fall_silent(cell_no cell, const std::string& why,
                            steady::time_point since) {
  const bool is_late = steady::now() - since >= patience_;
  if (silences_.try_emplace(cell, is_late ? "it did not answer in time" : why)
        .second)
    share_time();
}

/// That of the cell which is spoken of. Throws persistence::unavailable if it
/// was silent before.
stored& inspector::database() {
  if (databases_.empty())
    throw no_database("this asks PostgreSQL: name the cluster with --home or "
                      "--config, not only by an address");
  const auto found = databases_.find(cell_);
  if (found == databases_.end())
    throw bad_usage("there is no cell " + std::to_string(cell_));
  knock();
  if (const auto why = silences_.find(cell_); why != silences_.end())
    throw persistence::unavailable(why->second);
  return *found->second;
}

timestamp inspector::now() {
  if (!databases_.contains(cell_))
    return of_this_machine();
  const auto begun = steady::now();
  try {
    return database().now();
  } catch (const persistence::unavailable& why) {
    fall_silent(cell_, why.what(), begun);
    return of_this_machine();
  }
}

entity_id inspector::find(const std::string& name) {
  const auto named = parse_entity(name);
  if (!named)
    throw bad_usage("'" + name
                    + "' names no entity: use kind:uuid or the uuid");
  cell_ = cell_of(named->key); // where all that is stored of it is
  if (named->kind)
    return {*named->kind, named->key};
  if (databases_.empty())
    throw no_database("no database is named that knows of what kind " + name
                      + " is: name it as kind:uuid");
  std::vector<entity_kind> kinds;
  if (!with_database([&](stored& it) { kinds = it.kinds_of(named->key); }))
    throw persistence::unavailable(silences_[cell_]
                                   + "; it alone knows of what kind " + name
                                   + " is: name it as kind:uuid");
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

/// Who is alive, by the databases or, where one is away, by any node.
std::vector<peer> inspector::peers() {
  auto out = peers_by_database();
  if (!silences_.empty() || databases_.empty())
    for (auto& one : peers_by_address())
      if (!std::ranges::count(out, one.address, &peer::address))
        out.push_back(std::move(one));
  return out;
}

std::vector<peer> inspector::peers_by_database() {
  std::vector<peer> out;
  knock();
  for (const auto& [cell, database] : databases_) {
    if (silences_.contains(cell))
      continue;
    const auto begun = steady::now();
    try {
      for (const auto& row : database->members(0))
        if (row.is_alive && row.lease_left >= duration{0})
          out.push_back({row.self, name_of(row), cluster_address_of(row)});
    } catch (const persistence::unavailable& why) {
      fall_silent(cell, why.what(), begun);
    }
  }
  return out;
}

std::vector<peer> inspector::peers_by_address() {
  std::vector<peer> asked;
  for (const auto& address : target_.addresses)
    asked.push_back({0, address, address});
  // One that is silent must leave time for what is to be asked.
  const auto until = steady::now() + (until_ - steady::now()) / 2;
  for (const auto& one :
       ask_all(messenger_, asked, {{"ask", "members"}}, until)) {
    const auto* list = one.what ? one.what->if_contains("members") : nullptr;
    if (list == nullptr || !list->is_array())
      continue;
    std::vector<peer> out;
    for (const auto& member : list->get_array())
      out.push_back({member.at("incarnation").to_number<incarnation>(),
                     as_cell(member.at("name")),
                     as_cell(member.at("address"))});
    return out;
  }
  return asked;
}

void inspector::note_silent(cell_no cell, const std::string& why,
                            report& out) const {
  const auto who = databases_.size() < 2
                     ? std::string{"PostgreSQL"}
                     : "PostgreSQL of cell " + std::to_string(cell);
  if (!std::ranges::count(out.missing, who, &silence::who))
    out.missing.push_back({who, why});
}

void inspector::note(const std::vector<said_by>& said, bool strict,
                     report& out) const {
  note_silence(said, strict, out);
  for (const auto& [cell, why] : silences_)
    note_silent(cell, why, out);
  if (strict && said.empty() && !wishes_.only_durable)
    out.missing.push_back({"the cluster", "there is no living node"});
}

std::vector<said_by> inspector::ask(const boost::json::object& question) {
  if (wishes_.only_durable)
    return {};
  return ask_all(messenger_, peers(), question, until_);
}

/// A node that nobody looked at has no rates yet: they take two looks.
std::vector<said_by> inspector::ask_for_figures() {
  constexpr std::chrono::milliseconds between{700};
  const boost::json::object question{{"ask", "node"}};
  auto said = ask(question);
  const bool is_first = std::ranges::any_of(said, [](const said_by& one) {
    return one.what && one.what->contains("requests_per_second")
           && one.what->at("requests_per_second").is_null();
  });
  if (!is_first || steady::now() + 2 * between > until_)
    return said;
  std::this_thread::sleep_for(between);
  return ask(question);
}

} // namespace usher::inspect

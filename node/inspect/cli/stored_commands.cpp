#include "node/inspect/cli/inspector.hpp"
#include "node/inspect/shortened.hpp"

#include <algorithm>
#include <map>

/// What PostgreSQL alone can answer.
namespace usher::inspect {

namespace {

constexpr std::uint32_t dead_members_shown = 10;
constexpr std::size_t longest_replay = 1'000'000;

std::string quoted(const entity_id& who) {
  return to_string(who);
}

/// What this version's nodes say of themselves, for the table of nodes.
constexpr const char* live_figures[] = {
  "residents",          "requests_per_second", "p50_ms", "p99_ms",
  "appends_per_second", "journal_waiting",     "lag_ms"};

boost::json::value figure(const boost::json::value& live, const char* name) {
  const auto* object = live.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found ? *found : boost::json::value{};
}

boost::json::object show_member(const member_row& row) {
  const auto extra = [&](const char* name) {
    const auto* found = row.rest.if_contains(name);
    return found ? *found : boost::json::value{};
  };
  return {{"incarnation", row.self},
          {"cell", cell_of_life(row.self)},
          {"name", name_of(row)},
          {"state", state_of(row)},
          {"shards", row.shards},
          {"lease_left_ms", row.is_alive
                              ? boost::json::value(row.lease_left.count())
                              : boost::json::value{}},
          {"joined_at", to_rfc3339(row.joined_at)},
          {"journaled", row.journaled},
          {"cluster_address", extra("cluster_address")},
          {"http_address", extra("http_address")},
          {"roles", extra("roles")},
          {"weight", extra("weight")},
          {"live", nullptr}};
}

void tabulate_nodes(report& out) {
  table rows({"NODE", "CELL", "NAME", "STATE", "SHARDS", "LEASE ms", "RESIDENT",
              "REQ/s", "p50 ms", "p99 ms", "APPEND/s", "WAITING", "LAG ms"});
  for (const auto& one : out.body["nodes"].as_array()) {
    std::vector<boost::json::value> cells{
      one.at("incarnation"), one.at("cell"),   one.at("name"),
      one.at("state"),       one.at("shards"), one.at("lease_left_ms")};
    for (const auto* name : live_figures)
      cells.push_back(figure(one.at("live"), name));
    rows.add(cells);
  }
  out.text = rows.text();
}

/// Whoever is alive and on time, by incarnation.
std::map<incarnation, member_row> serving(const std::vector<member_row>& all) {
  std::map<incarnation, member_row> out;
  for (const auto& row : all)
    if (row.is_alive && row.lease_left >= duration{0})
      out.emplace(row.self, row);
  return out;
}

std::ptrdiff_t count_unserved(const std::vector<shard_row>& all,
                              const std::map<incarnation, member_row>& who) {
  return std::ranges::count_if(all, [&](const shard_row& one) {
    return !one.owner || !who.contains(*one.owner);
  });
}

/// How many are lost is not known unless all rows are there.
void note_unserved(std::ptrdiff_t lost, bool is_whole, report& out) {
  out.body["shards_without_owner"] =
    is_whole ? boost::json::value(lost) : boost::json::value(nullptr);
  if (lost > 0)
    out.findings.push_back(
      counted(static_cast<std::size_t>(lost), "shard has", "shards have")
      + " no owner that is alive");
}

bool is_resident(const boost::json::value& in_flight) {
  return figure(in_flight, "resident") == boost::json::value(true);
}

/// A node of which no row is known, as it shows itself.
boost::json::object show_living(const said_by& one) {
  const auto own = figure(*one.what, "incarnation");
  const auto self =
    own.is_number() ? own.to_number<incarnation>() : one.who.self;
  return {{"incarnation", self},
          {"cell", cell_of_life(self)},
          {"name", figure(*one.what, "name")},
          {"state", figure(*one.what, "state")},
          {"shards", nullptr},
          {"lease_left_ms", nullptr},
          {"joined_at", nullptr},
          {"journaled", nullptr},
          {"cluster_address", one.who.address},
          {"http_address", nullptr},
          {"roles", nullptr},
          {"weight", nullptr},
          {"live", nullptr}};
}

/// Puts what a node says of itself to its row, or to a new one.
void add_living(const said_by& one, boost::json::array& list) {
  auto fresh = show_living(one);
  auto row = std::ranges::find_if(list, [&](const boost::json::value& other) {
    return other.at("incarnation") == fresh["incarnation"];
  });
  if (row == list.end())
    row = list.insert(list.end(), std::move(fresh));
  row->as_object()["live"] = *one.what;
}

/// Who cannot be linked to, and why. Of two nodes the one that dials knows.
void find_troubles(const said_by& one, report& out) {
  const auto links = figure(*one.what, "links");
  if (!links.is_array())
    return;
  for (const auto& link : links.get_array())
    if (!figure(link, "trouble").is_null())
      out.findings.push_back(
        one.who.name + " has no link to " + as_cell(figure(link, "name"))
        + (figure(link, "detour").is_null() ? "" : ", only a detour") + ": "
        + as_cell(figure(link, "trouble")));
}

} // namespace

report inspector::nodes() {
  report out;
  boost::json::array list;
  std::ptrdiff_t lost = 0;
  const bool is_whole = with_each_database([&](stored& it) {
    const auto members = it.members(dead_members_shown);
    lost += count_unserved(it.shards(), serving(members));
    for (const auto& row : members) {
      list.push_back(show_member(row));
      if (state_of(row) == "overdue")
        out.findings.push_back(name_of(row) + " (" + std::to_string(row.self)
                               + ") has not renewed its lease");
    }
  });
  const auto said = ask_for_figures();
  for (const auto& one : said)
    if (one.what) {
      add_living(one, list);
      find_troubles(one, out);
    }
  std::ranges::stable_partition(list, [](const boost::json::value& one) {
    return one.at("state") != boost::json::value("dead");
  });
  out.body["nodes"] = std::move(list);
  note_unserved(lost, is_whole, out);
  note(said, false, out);
  tabulate_nodes(out);
  return out;
}

report inspector::shards(const std::string& node) {
  report out;
  boost::json::array list;
  table rows({"CELL", "SHARD", "EPOCH", "OWNER", "NODE", "PINNED"});
  std::ptrdiff_t lost = 0;
  const auto show = [&](const shard_row& one,
                        const std::map<incarnation, member_row>& alive) {
    const auto owner = one.owner ? alive.find(*one.owner) : alive.end();
    const boost::json::value name =
      owner == alive.end() ? boost::json::value{}
                           : boost::json::value(name_of(owner->second));
    if (!node.empty() && as_cell(name) != node
        && std::to_string(one.owner.value_or(0)) != node)
      return;
    out.is_cut |= list.size() >= wishes_.limit;
    if (out.is_cut)
      return;
    list.push_back(boost::json::object{{"cell", cell_},
                                       {"shard", one.shard},
                                       {"epoch", one.epoch},
                                       {"owner", maybe(one.owner)},
                                       {"node", name},
                                       {"pinned", maybe(one.pinned)}});
    rows.add(
      {cell_, one.shard, one.epoch, maybe(one.owner), name, maybe(one.pinned)});
  };
  if (databases_.empty())
    database(); // no node can tell it
  const bool is_whole = with_each_database([&](stored& it) {
    const auto alive = serving(it.members(0));
    const auto all = it.shards();
    lost += count_unserved(all, alive);
    for (const auto& one : all)
      show(one, alive);
  });
  out.body["shards"] = std::move(list);
  note_unserved(lost, is_whole, out);
  note({}, false, out);
  out.text = rows.text();
  return out;
}

/// What PostgreSQL says of where an entity is.
void inspector::add_stored_place(const entity_id& who, report& out) {
  with_database([&](stored& it) {
    const auto kept = it.keeping_of(who);
    const auto alive = serving(it.members(0));
    const auto place = it.shards().at(kept.shard);
    const auto owner = place.owner ? alive.find(*place.owner) : alive.end();
    out.body["epoch"] = place.epoch;
    out.body["owner"] = maybe(place.owner);
    if (owner != alive.end())
      out.body["node"] = name_of(owner->second);
    else
      out.findings.push_back("its shard has no owner that is alive");
    out.body["pinned"] = maybe(place.pinned);
    out.body["version"] = maybe(kept.last);
    out.body["last_at"] = moment(kept.last_at);
    out.body["snapshot_version"] = maybe(kept.snapshot);
    out.body["alarm_at"] = moment(kept.alarm);
    if (kept.alarm && *kept.alarm + std::chrono::seconds{5} < it.now())
      out.findings.push_back("its alarm is overdue");
  });
}

report inspector::where(const std::string& name) {
  report out;
  const auto who = find(name);
  out.body = {{"entity", quoted(who)},  {"cell", cell_of(who)},
              {"shard", shard_of(who)}, {"epoch", nullptr},
              {"owner", nullptr},       {"node", nullptr},
              {"pinned", nullptr},      {"version", nullptr},
              {"last_at", nullptr},     {"snapshot_version", nullptr},
              {"alarm_at", nullptr}};
  add_stored_place(who, out);
  const auto said = ask({{"ask", "where"}, {"entity", quoted(who)}});
  boost::json::array beliefs;
  for (const auto& one : said)
    if (one.what) {
      auto belief = *one.what;
      belief["node"] = one.who.name;
      beliefs.push_back(std::move(belief));
    }
  out.body["beliefs"] = std::move(beliefs);
  note(said, false, out);
  out.text = as_lines(out.body);
  return out;
}

version inspector::version_of(const entity_id& who, const instant& at) {
  return at.number ? *at.number : database().version_at(who, *at.when);
}

/// The newest snapshot saves work where it is old enough; the journal is whole,
/// so any earlier version can be had from its beginning.
replayed inspector::replay_to(const entity_id& who, version upto) {
  const auto base = database().base_of(who, upto);
  const auto after = base ? base->now : 0;
  const auto rows = database().rows_of(who, after, upto, longest_replay);
  if (rows.size() == longest_replay)
    throw broken_journal("more than a million entries to replay");
  return replay(who, base, rows);
}

void inspector::add_durable(const entity_id& who, const std::string& at,
                            report& out) {
  const auto kept = database().keeping_of(who);
  const auto wanted =
    at.empty() ? end_of_time : version_of(who, parse_instant(at, now()));
  if (!at.empty() && wanted > kept.last.value_or(0))
    throw bad_usage("there is no version " + std::to_string(wanted) + " yet");
  auto found = replay_to(who, wanted);
  if (found.now != 0)
    out.body["durable"] =
      boost::json::object{{"version", found.now},
                          {"at", moment(at.empty() ? kept.last_at : found.at)},
                          {"state", std::move(found.state)},
                          {"answers", std::move(found.answers)}};
  else if (!at.empty())
    out.findings.push_back("it did not exist then");
  else if (wishes_.only_durable)
    out.findings.push_back("nothing is stored of it");
}

namespace {

/// A waiting room may have a million marks, and who wants them all says so.
void shorten(std::size_t limit, report& out) {
  for (const auto* part : {"durable", "in_flight"}) {
    auto* found = out.body.if_contains(part);
    if (found == nullptr || !found->is_object())
      continue;
    for (const auto* list : {"state", "answers"})
      if (auto* whole = found->get_object().if_contains(list))
        *whole = shortened(*whole, limit, out.is_cut);
  }
}

} // namespace

/// What was, PostgreSQL alone knows; what is, the owner knows, too.
report inspector::state(const std::string& name, const std::string& at) {
  report out;
  const auto who = find(name);
  out.body = {
    {"entity", quoted(who)}, {"shard", shard_of(who)}, {"durable", nullptr}};
  if (!at.empty() || wishes_.only_durable) {
    add_durable(who, at, out);
  } else {
    const bool is_known =
      with_database([&](stored&) { add_durable(who, at, out); });
    add_in_flight(who, out);
    if (is_known && out.missing.empty() && out.body["durable"].is_null()
        && !is_resident(out.body["in_flight"]))
      out.findings.emplace_back("it does not exist");
  }
  shorten(wishes_.limit, out);
  out.text = as_lines(out.body);
  return out;
}

report inspector::diff(const std::string& name, const std::string& a,
                       const std::string& b) {
  report out;
  const auto who = find(name);
  const auto today = now();
  const auto from = version_of(who, parse_instant(a, today));
  const auto to = version_of(who, parse_instant(b, today));
  const auto last = database().keeping_of(who).last.value_or(0);
  if (std::max(from, to) > last)
    throw bad_usage("there is no version " + std::to_string(std::max(from, to))
                    + " yet; the last is " + std::to_string(last));
  const auto changes =
    difference(replay_to(who, from).state, replay_to(who, to).state);
  boost::json::array list;
  for (const auto& one : changes) {
    if (list.size() >= wishes_.limit) {
      out.is_cut = true;
      break;
    }
    const auto little = [&](const std::optional<boost::json::value>& whole) {
      return whole ? shortened(*whole, wishes_.limit, out.is_cut)
                   : boost::json::value{};
    };
    const auto before = little(one.from);
    const auto after = little(one.to);
    out.text += one.path + ": " + (one.from ? as_cell(before) : "(nothing)")
                + " -> " + (one.to ? as_cell(after) : "(nothing)") + '\n';
    list.push_back(
      boost::json::object{{"path", one.path}, {"from", before}, {"to", after}});
  }
  out.body = {{"entity", quoted(who)},
              {"from", from},
              {"to", to},
              {"changes", std::move(list)}};
  if (!changes.empty())
    out.findings.push_back(
      counted(changes.size(), "difference", "differences"));
  return out;
}

} // namespace usher::inspect

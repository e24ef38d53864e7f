#include "cluster/placement.hpp"
#include "node/inspect/cli/inspector.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

/// What is to be where, and what was done by hand.
namespace usher::inspect {

namespace {

bool has_role(const boost::json::object& row, std::string_view role) {
  const auto* roles = row.if_contains("roles");
  if (roles == nullptr || !roles->is_array())
    return true;
  for (const auto& one : roles->get_array())
    if (one.is_string() && one.get_string() == role)
      return true;
  return false;
}

std::uint16_t newest_protocol_of(const member_row& row) {
  const auto* high = row.rest.if_contains("protocol_high");
  return high != nullptr && high->is_number() ? high->to_number<std::uint16_t>()
                                              : oldest_protocol;
}

shard_no parse_shard(const std::string& text) {
  shard_no out = shard_count;
  const auto* end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, out);
  if (ec != std::errc{} || rest != end || out >= shard_count)
    throw bad_usage("'" + text + "' is not the number of a shard: 0 to "
                    + std::to_string(shard_count - 1));
  return out;
}

boost::json::value name_in(const cluster_view& all, incarnation who) {
  const auto* found = all.find(who);
  return found ? boost::json::value(found->about.name)
               : boost::json::value(nullptr);
}

/// The pins, and whether each has its way.
boost::json::array show_pins(const cluster_view& all) {
  boost::json::array out;
  for (const auto& [shard, name] : all.pins) {
    const auto winner = name_in(all, cluster::winner_of(all, shard));
    out.push_back(boost::json::object{
      {"shard", shard}, {"node", name}, {"heeded", as_cell(winner) == name}});
  }
  return out;
}

cluster_view view_of(const std::vector<member_row>& members,
                     const std::vector<shard_row>& shards, timestamp now) {
  cluster_view out;
  out.now = now;
  for (const auto& row : members) {
    if (!row.is_alive)
      continue;
    auto& one = out.members.emplace_back();
    one.self = row.self;
    one.about.name = name_of(row);
    one.about.cluster_address = cluster_address_of(row);
    one.about.is_worker = has_role(row.rest, "worker");
    if (const auto* weight = row.rest.if_contains("weight");
        weight != nullptr && weight->is_number())
      one.about.weight = weight->to_number<double>();
    one.about.protocol.high = newest_protocol_of(row);
    one.state = state_of(row) == "draining" ? member_state::draining
                                            : member_state::serving;
    one.lease_until = now + row.lease_left;
  }
  for (const auto& row : shards) {
    out.shards.at(row.shard) = {row.owner.value_or(0), row.epoch};
    if (row.pinned)
      out.pins[row.shard] = *row.pinned;
  }
  return out;
}

} // namespace

cluster_view inspector::placement() {
  const auto members = database().members(0);
  return view_of(members, database().shards(), database().now());
}

report inspector::move(const std::vector<std::string>& words, bool is_unpin) {
  if (words.size() != (is_unpin ? 1u : 2u))
    throw bad_usage("move wants a shard and a node, or a shard and --unpin");
  const auto which = parse_shard(words[0]);
  const auto owner = placement().shards.at(which).owner; // who is to give it
  auto out = act(is_unpin ? "unpin" : "move", words, owner);
  if (out.body["done"] != boost::json::value(true))
    return out;
  if (!with_database([&](stored&) { wait_until_placed(which, out); })) {
    note({}, false, out); // what was done is told all the same
    return out;
  }
  if (!is_unpin && out.body["node"] != boost::json::value(words[1]))
    out.findings.push_back("it is not " + words[1] + "'s yet");
  return out;
}

/// Owners give by themselves; this only looks on.
void inspector::wait_until_placed(shard_no which, report& out) {
  constexpr std::chrono::milliseconds between{30};
  auto all = placement();
  const auto is_placed = [&] {
    const auto* owner = all.owner_of(which);
    return owner && owner->self == cluster::winner_of(all, which);
  };
  while (!is_placed() && steady::now() + between < until_) {
    std::this_thread::sleep_for(between);
    all = placement();
  }
  if (!is_placed())
    out.findings.push_back("shard " + std::to_string(which)
                           + " has not gone where it is to go");
  const auto& place = all.shards.at(which);
  const auto pin = all.pins.find(which);
  out.body["shard"] = which;
  out.body["node"] = name_in(all, place.owner);
  out.body["owner"] = place.owner;
  out.body["epoch"] = place.epoch;
  out.body["pinned"] = pin == all.pins.end() ? boost::json::value(nullptr)
                                             : boost::json::value(pin->second);
  out.text += "shard " + std::to_string(which) + " is with "
              + as_cell(out.body["node"]) + " (incarnation "
              + std::to_string(place.owner) + ") in epoch "
              + std::to_string(place.epoch) + '\n';
}

report inspector::rebalance() {
  report out;
  const auto view = placement();
  table rows({"SHARD", "FROM", "TO"});
  boost::json::array moves;
  const auto wanted = cluster::misplaced(view);
  for (const auto& one : wanted) {
    if (moves.size() >= wishes_.limit) {
      out.is_cut = true;
      break;
    }
    const auto from = name_in(view, view.shards.at(one.shard).owner);
    const auto to = name_in(view, one.to);
    rows.add({one.shard, from, to});
    moves.push_back(
      boost::json::object{{"shard", one.shard}, {"from", from}, {"to", to}});
  }
  if (!wanted.empty())
    out.findings.push_back(counted(wanted.size(), "shard is", "shards are")
                           + " to move");
  out.text = rows.text();
  auto pins = show_pins(view);
  for (const auto& one : pins)
    out.text +=
      "shard " + as_cell(one.at("shard")) + " is pinned to "
      + as_cell(one.at("node"))
      + (one.at("heeded").as_bool() ? "\n" : ", which has no say now\n");
  out.body = {{"to_move", wanted.size()},
              {"moves", std::move(moves)},
              {"pins", std::move(pins)}};
  return out;
}

report inspector::audit() {
  report out;
  table rows(
    {"NUMBER", "AT", "NODE", "VISITOR", "PERSON", "ACT", "WORDS", "OUTCOME"});
  boost::json::array list;
  auto newest = database().audit(wishes_.limit + 1);
  out.is_cut = newest.size() > wishes_.limit;
  if (out.is_cut)
    newest.erase(newest.begin());
  for (const auto& one : newest) {
    boost::json::array words;
    for (const auto& word : one.what.words)
      words.push_back(boost::json::string(word));
    const auto outcome = one.outcome.empty() ? boost::json::value(nullptr)
                                             : boost::json::value(one.outcome);
    boost::json::object row{{"number", one.number},
                            {"at", to_rfc3339(one.at)},
                            {"intent", one.intent == 0
                                         ? boost::json::value(nullptr)
                                         : boost::json::value(one.intent)},
                            {"node", one.what.node},
                            {"visitor", one.what.visitor},
                            {"person", one.what.person},
                            {"act", one.what.act},
                            {"words", std::move(words)},
                            {"outcome", outcome}};
    rows.add({row["number"], row["at"], row["node"], row["visitor"],
              row["person"], row["act"], row["words"], row["outcome"]});
    list.push_back(std::move(row));
  }
  out.body["audit"] = std::move(list);
  out.text = rows.text();
  return out;
}

} // namespace usher::inspect

#include "cluster/placement.hpp"
#include "node/inspect/cli/inspector.hpp"

#include <map>

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
    one.about.is_worker = has_role(row.rest, "worker");
    if (const auto* weight = row.rest.if_contains("weight");
        weight != nullptr && weight->is_number())
      one.about.weight = weight->to_number<double>();
    one.state = state_of(row) == "draining" ? member_state::draining
                                            : member_state::serving;
    one.lease_until = now + row.lease_left;
  }
  for (const auto& row : shards)
    out.shards.at(row.shard) = {row.owner.value_or(0), row.epoch};
  return out;
}

} // namespace

report inspector::rebalance() {
  report out;
  const auto shards = database().shards();
  const auto view = view_of(database().members(0), shards, database().now());
  const auto name = [&](incarnation who) {
    const auto* found = view.find(who);
    return found ? boost::json::value(found->about.name)
                 : boost::json::value(nullptr);
  };
  table rows({"SHARD", "FROM", "TO"});
  boost::json::array moves;
  const auto wanted = cluster::misplaced(view);
  for (const auto& one : wanted) {
    if (moves.size() >= wishes_.limit) {
      out.is_cut = true;
      break;
    }
    const auto from = name(view.shards.at(one.shard).owner);
    rows.add({one.shard, from, name(one.to)});
    moves.push_back(boost::json::object{
      {"shard", one.shard}, {"from", from}, {"to", name(one.to)}});
  }
  if (!wanted.empty())
    out.findings.push_back(std::to_string(wanted.size())
                           + " shards are to move");
  out.body = {{"to_move", wanted.size()}, {"moves", std::move(moves)}};
  out.text = rows.text();
  return out;
}

report inspector::audit() {
  report out;
  table rows(
    {"NUMBER", "AT", "NODE", "VISITOR", "PERSON", "ACT", "WORDS", "OUTCOME"});
  boost::json::array list;
  for (const auto& one : database().audit(wishes_.limit)) {
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
  out.is_cut = list.size() == wishes_.limit;
  out.body["audit"] = std::move(list);
  out.text = rows.text();
  return out;
}

} // namespace usher::inspect

#include "node/inspect/looking_in.hpp"

#include "node/inspect/by_hand.hpp"
#include "node/inspect/printable.hpp"

namespace usher {

namespace {

inspect::counters count(services& node) {
  const auto& writer = *node.writer;
  inspect::counters out;
  out.within = node.figures.requests_within();
  out.requests = out.within.empty() ? 0 : out.within.back().second;
  out.appends = writer.rows;
  out.batches = writer.batches;
  out.commit_micros = static_cast<std::uint64_t>(writer.commit_micros.load());
  return out;
}

std::string state_of(const services& node) {
  if (node.draining)
    return "draining";
  return node.ready ? "serving" : "starting";
}

/// The parts beside entities. One that ends takes the process along: it is
/// begun anew as a whole.
boost::json::array staff_of(const services& node) {
  using boost::json::object;
  const auto& writer = *node.writer;
  const auto& lists = *node.lists_gauge;
  const auto ends = "ends the process, which begins anew";
  return {
    object{{"name", "http"},
           {"io_threads", node.settings.http.io_threads},
           {"watchers", node.live->watchers()},
           {"when_one_fails", "the connection ends"}},
    object{{"name", "membership keeper"}, {"when_one_fails", ends}},
    object{{"name", "journal writer"},
           {"waiting", writer.waiting()},
           {"stalled", writer.stalled.load()},
           {"when_one_fails", ends}},
    object{{"name", "archive reader"}, {"when_one_fails", ends}},
    object{{"name", "alarm clock"}, {"when_one_fails", ends}},
    object{{"name", "projector"},
           {"waiting", lists.waiting.load()},
           {"behind", lists.behind.load()},
           {"stalled", lists.stalled.load()},
           {"when_one_fails", ends}},
    object{{"name", "payment gateway"}, {"when_one_fails", ends}},
  };
}

boost::json::array show(const std::vector<way_to_node>& ways) {
  using boost::json::value;
  boost::json::array out;
  for (const auto& one : ways)
    out.push_back(boost::json::object{
      {"peer", one.link.peer},
      {"name", one.link.name},
      {"up", one.link.up},
      {"trouble",
       one.link.trouble.empty()
         ? value(nullptr)
         : value(inspect::printable(std::string_view{one.link.trouble}))},
      {"detour", one.detour == 0 ? value(nullptr) : value(one.detour)}});
  return out;
}

std::string name_of_visitor(const cluster::mesh& links, incarnation who) {
  for (const auto& one : links.links())
    if (one.peer == who)
      return one.name;
  return "unknown";
}

} // namespace

looking_in::looking_in(services& node, options chosen)
  : audit_(chosen.database),
    letters_(chosen.database, node.settings.node.name,
             node.entities->crashes()),
    answers_(insides_of(node, std::move(chosen))),
    desk_(answers_) {}

inspect::insides looking_in::insides_of(services& node, options chosen) {
  inspect::insides out;
  out.name = node.settings.node.name;
  out.self = chosen.self;
  out.entities = node.entities.get();
  out.writer = node.writer;
  out.lists = node.lists_gauge;
  out.audit = &audit_;
  out.now = [&node] { return node.clock.now(); };
  out.count = [&node] { return count(node); };
  out.state = [&node] { return state_of(node); };
  out.staff = [&node] { return staff_of(node); };
  out.members = [all = chosen.members] { return all->look().members; };
  out.drain = [all = chosen.members](const std::string& name) {
    return inspect::drain(*all, name);
  };
  out.pin = [all = chosen.members,
             look = chosen.look_again](shard_no which, const std::string& to) {
    auto why = inspect::pin(*all, which, to);
    look();
    return why;
  };
  out.unpin = [all = chosen.members, look = chosen.look_again](shard_no which) {
    inspect::unpin(*all, which);
    look();
  };
  out.links = [ways = chosen.ways] { return show(ways()); };
  out.ask = std::move(chosen.ask);
  if (const auto* shards = node.shards)
    out.owner_of = [shards, self = chosen.self](const entity_id& who) {
      return shards->is_here(who) ? self : shards->elsewhere(who);
    };
  return out;
}

void looking_in::hear(cluster::mesh& links, incarnation from,
                      std::string body) {
  desk_.ask(std::move(body), links.visitor_rights(from),
            name_of_visitor(links, from), [&links, from](std::string said) {
              links.send(from, cluster::frame_kind::inspected_all,
                         std::move(said));
            });
}

} // namespace usher

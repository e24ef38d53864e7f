#include "node/inspect/cli/inspector.hpp"
#include "protocol/frame.hpp"

#include <set>

/// Dead letters of nodes that do not tell of them.
namespace usher::inspect {

namespace {

/// The command's name alone: what it says may be somebody's. Of what another
/// version wrote that is not known.
boost::json::object show_kept(const persistence::kept_letter& one,
                              const std::string& node) {
  boost::json::object out{{"number", one.number},
                          {"entity", nullptr},
                          {"command", nullptr},
                          {"crashes", one.crashes},
                          {"at", to_rfc3339(one.at)},
                          {"why", printable(std::string_view{one.why})},
                          {"node", node},
                          {"gone", true}};
  try {
    const auto what = decode_request(one.command);
    out["entity"] = boost::json::string(to_string(what.to));
    out["command"] =
      boost::json::string(std::string{usher::name_of(what.what)});
  } catch (const json::bad_shape&) {
    // its number and what it came to are still told
  }
  return out;
}

} // namespace

/// What a node had last, its cell's database keeps for its next life.
void inspector::add_letters_of_the_gone(const std::vector<said_by>& said,
                                        boost::json::array& rows, report& out) {
  for (auto& row : rows)
    row.as_object()["gone"] = false;
  if (databases_.empty())
    return;
  std::set<std::pair<cell_no, std::string>> told;
  for (const auto& one : said)
    if (one.what)
      told.emplace(cell_of_life(one.who.self), one.who.name);
  with_each_database([&](stored& it) {
    for (const auto& [node, letters] : it.dead_letters()) {
      if (told.contains({cell_, node}))
        continue;
      for (const auto& one : letters)
        rows.push_back(show_kept(one, node));
      out.findings.push_back(counted(letters.size(), "is", "are") + " of node "
                             + node + ", which did not answer");
    }
  });
}

} // namespace usher::inspect

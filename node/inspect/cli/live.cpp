#include "node/inspect/cli/live.hpp"

#include <thread>

namespace usher::inspect {

namespace {

constexpr auto no_port =
  "has no port for other nodes (no cluster.address in its settings)";

said_by ask_one(const messenger& by, const peer& who,
                const std::string& question,
                std::chrono::steady_clock::time_point until) {
  said_by out{who, std::nullopt, {}, false};
  if (who.address.empty()) {
    out.why = no_port;
    return out;
  }
  try {
    auto answer = boost::json::parse(by(who, question, until)).as_object();
    if (const auto* refused = answer.if_contains("refused")) {
      out.why = boost::json::value_to<std::string>(*refused);
      out.is_refused = true;
    } else
      out.what = std::move(answer);
  } catch (const std::exception& why) {
    out.why = why.what();
  }
  return out;
}

} // namespace

std::vector<said_by> ask_all(const messenger& by,
                             const std::vector<peer>& peers,
                             const boost::json::object& question,
                             std::chrono::steady_clock::time_point until) {
  const auto text = boost::json::serialize(question);
  std::vector<said_by> out(peers.size());
  std::vector<std::thread> asking;
  for (std::size_t i = 0; i < peers.size(); ++i)
    asking.emplace_back(
      [&, i] { out[i] = ask_one(by, peers[i], text, until); });
  for (auto& one : asking)
    one.join();
  return out;
}

void note_silence(const std::vector<said_by>& all, bool strict, report& to) {
  for (const auto& one : all)
    if (one.is_refused)
      to.findings.push_back(one.who.name + " refused: " + one.why);
    else if (!one.what && (strict || one.why != no_port))
      to.missing.push_back({one.who.name, one.why});
}

} // namespace usher::inspect

#include "node/inspect/cli/live.hpp"

#include <future>
#include <thread>

namespace usher::inspect {

namespace {

constexpr auto no_port =
  "has no port for other nodes (no cluster.address in its settings)";

/// After the deadline, until who saw it has said so.
constexpr std::chrono::milliseconds to_say_so{500};

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

/// Nothing bounds how long the system looks for the address of a host, and a
/// visit cannot end meanwhile: so who is too late is left to itself.
std::vector<said_by> ask_all(const messenger& by,
                             const std::vector<peer>& peers,
                             const boost::json::object& question,
                             std::chrono::steady_clock::time_point until) {
  const auto text = boost::json::serialize(question);
  std::vector<std::future<said_by>> answers;
  for (const auto& who : peers) {
    std::packaged_task<said_by()> asking(
      [by, who, text, until] { return ask_one(by, who, text, until); });
    answers.push_back(asking.get_future());
    std::thread(std::move(asking)).detach();
  }
  std::vector<said_by> out;
  for (std::size_t i = 0; i < peers.size(); ++i)
    if (answers[i].wait_until(until + to_say_so) == std::future_status::ready)
      out.push_back(answers[i].get());
    else
      out.push_back({peers[i], std::nullopt, "no answer in time", false});
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

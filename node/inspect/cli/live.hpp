#pragma once

#include "node/inspect/cli/report.hpp"
#include "node/inspect/cli/stored.hpp"

#include <chrono>
#include <functional>

/// What living nodes say of themselves.
namespace usher::inspect {

/// A node to be asked.
struct peer {
  incarnation self = 0; ///< 0 = not known
  std::string name;
  std::string address; ///< empty if it has no port for this
};

/// One node's answer, or why there is none.
struct said_by {
  peer who;
  std::optional<boost::json::object> what;
  std::string why;
  bool is_refused = false; ///< it has answered, but not what was asked
};

/// Brings one question to one node and returns its answer, both JSON. Throws
/// std::exception with the reason if there is none in time. Called from several
/// threads, and whatever it refers to must outlive a call that is late.
using messenger =
  std::function<std::string(const peer&, const std::string& question,
                            std::chrono::steady_clock::time_point until)>;

/// Asks every peer at the same time; the answers are in the order of the peers,
/// and every one is there by `until` or says why not, half a second later.
std::vector<said_by> ask_all(const messenger&, const std::vector<peer>&,
                             const boost::json::object& question,
                             std::chrono::steady_clock::time_point until);

/// Notes in `to` who did not answer, with `strict` those without a port, too;
/// a refusal is a finding.
void note_silence(const std::vector<said_by>&, bool strict, report& to);

} // namespace usher::inspect

#include "node/inspect/cli/messengers.hpp"

#include "cluster/caller.hpp"

namespace usher::inspect {

namespace {

duration until_then(std::chrono::steady_clock::time_point until) {
  return std::max(duration{1}, std::chrono::duration_cast<duration>(
                                 until - std::chrono::steady_clock::now()));
}

} // namespace

messenger messenger_for(const target& where) {
  return [where](const peer& who, const std::string& question,
                 std::chrono::steady_clock::time_point until) {
    cluster::caller_settings visit;
    visit.address = who.address;
    if (who.self != 0)
      visit.expected = who.name;
    visit.certificate = where.certificate;
    visit.key = where.key;
    visit.authority = where.authority;
    visit.dial = std::min(duration{2'000}, until_then(until));
    cluster::caller node(visit);
    return node.call(cluster::frame_kind::inspect, question, until_then(until));
  };
}

} // namespace usher::inspect

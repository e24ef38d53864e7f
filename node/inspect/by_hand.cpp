#include "node/inspect/by_hand.hpp"

#include "cluster/placement.hpp"
#include "node/inspect/draining.hpp"

namespace usher::inspect {

namespace {

/// What PostgreSQL was sent it may still carry out when nobody here waits for
/// it any more.
template <class Write>
auto written(Write write) {
  try {
    return write();
  } catch (const persistence::unavailable& why) {
    throw not_known("PostgreSQL did not say in time whether it is done: "
                    + std::string{why.what()});
  }
}

} // namespace

std::string pin(persistence::registry& members, shard_no which,
                const std::string& to) {
  const auto why = cluster::why_not_move(members.look(), which, to);
  if (!why.empty())
    return std::string{why};
  const bool is_pinned = written([&] { return members.pin(which, to); });
  return is_pinned ? "" : "that node has just gone";
}

void unpin(persistence::registry& members, shard_no which) {
  written([&] { members.unpin(which); });
}

std::string drain(persistence::registry& members, const std::string& name) {
  auto why = why_not_drain(members.look(), name);
  if (why.empty() && !written([&] { return members.drain(name); })) {
    why = why_not_drain(members.look(), name);
    if (why.empty())
      why = "there is no living node of that name";
  }
  return std::string{why};
}

} // namespace usher::inspect

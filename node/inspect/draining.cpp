#include "node/inspect/draining.hpp"

namespace usher::inspect {

std::string_view why_not_drain(const cluster_view& all, std::string_view name) {
  const auto has_name = [&](const cluster_member& one) {
    return one.about.name == name;
  };
  const auto serves = [&](const cluster_member& one) {
    return one.about.is_worker && one.state == member_state::serving
           && one.lease_until >= all.now;
  };
  const auto whom = std::ranges::find_if(all.members, has_name);
  if (whom == all.members.end() || !whom->about.is_worker)
    return {};
  for (const auto& one : all.members)
    if (!has_name(one) && serves(one))
      return {};
  return "nobody would have its shards; stop it with SIGTERM";
}

} // namespace usher::inspect

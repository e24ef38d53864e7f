#pragma once

#include "protocol/membership.hpp"

#include <map>
#include <optional>

namespace usher {

/// Tells who renews its lease, and so lives. That a lease was changed once says
/// nothing: all are promised one anew, the dead, too, when PostgreSQL's clock
/// was set. One thread.
class signs_of_life {
public:
  /// Leases are renewed that often.
  explicit signs_of_life(duration renew) : renew_(renew) {}

  /// Whether the member, as it is seen at that moment since boot, has changed
  /// its lease twice, a renewal apart.
  bool lives(const cluster_member& one, duration now) {
    auto& known =
      seen_.try_emplace(one.self, seen{one.lease_until, {}}).first->second;
    if (known.lease_until == one.lease_until)
      return false;
    known.lease_until = one.lease_until;
    if (!known.changed)
      known.changed = now;
    return now - *known.changed >= renew_;
  }

private:
  struct seen {
    timestamp lease_until;
    std::optional<duration> changed; ///< first, since boot
  };

  duration renew_;
  std::map<incarnation, seen> seen_;
};

} // namespace usher

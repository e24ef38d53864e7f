#pragma once

#include "cluster/mesh.hpp"
#include "node/live_hub.hpp"
#include "protocol/membership.hpp"

#include <set>

namespace usher {

/// Brings live feeds to fronts that own nothing. A front tells all other nodes
/// which seat blocks its clients watch, again and again; each owner sends what
/// becomes durable of these. A list that is not renewed for three seconds is
/// forgotten. Any thread.
class live_relay {
public:
  explicit live_relay(live_hub& hub) : hub_(hub) {}

  /// Whether some other node watches the entity of this row.
  bool is_watched(const entry& row) const;

  /// Sends what became durable to those that watch it.
  void publish(const publication& news);

  /// A list of what another node watches.
  void note(incarnation who, std::string_view body);

  /// What became durable at another node, for those who watch here.
  void take_in(std::string_view body);

  /// Whoever came must hear at once what is watched here.
  void peer_came() { must_tell_ = true; }

  void forget(incarnation who);

  /// Tells all others what is watched here, if it has changed or a second has
  /// passed; forgets lists that are too old.
  void make_rounds(cluster::mesh& links);

private:
  using moment = std::chrono::steady_clock::time_point;

  struct watcher {
    std::set<uuid> blocks;
    moment until;
  };

  live_hub& hub_;
  std::atomic<bool> must_tell_ = false;
  std::atomic<cluster::mesh*> links_ = nullptr;
  std::atomic<bool> is_any_ = false;
  mutable std::mutex lock_; // of the two below
  std::map<incarnation, watcher> watchers_;
  moment told_at_{};
  std::vector<uuid> told_; // make_rounds only
};

} // namespace usher

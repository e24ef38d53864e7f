#pragma once

#include "cluster/link_wire.hpp"
#include "node/live/live_hub.hpp"
#include "protocol/membership.hpp"

#include <set>

namespace usher {

/// What a relay needs of the cluster.
struct relay_settings {
  /// Sends a frame; false if it was not sent.
  std::function<bool(incarnation, cluster::frame_kind, std::string)> send;
  /// The nodes that there is a way to.
  std::function<std::vector<incarnation>()> peers;
  /// Whether an event or a seat block is known to be another node's.
  std::function<bool(const entity_id&)> is_elsewhere;
};

/// Brings live feeds to fronts that own nothing. A front tells all other nodes
/// which events and blocks its clients watch, again and again; each owner sends
/// what becomes durable of these. A list that is not renewed for three seconds
/// is forgotten. What an owner could not send, or may not have as it did not
/// yet know who watches, it calls missed: the front has its clients look anew.
/// Any thread.
class live_relay {
public:
  live_relay(live_hub& hub, relay_settings with)
    : hub_(hub), with_(std::move(with)) {}

  /// Whether some other node watches the entity of this row.
  bool is_watched(const entry& row) const;

  /// Sends what became durable to those that watch it.
  void publish(const publication& news);

  /// A list of what another node watches. Of what is new in it something may
  /// have been missed until now.
  void note(incarnation who, std::string_view body);

  /// What became durable at another node, for those who watch here.
  void take_in(std::string_view body);

  /// A list of events and blocks of which another node could not tell all.
  void take_in_missed(std::string_view body);

  /// Whoever came must hear at once what is watched here, and what he watched
  /// over an earlier link counts no more.
  void peer_came(incarnation who);

  void forget(incarnation who);

  /// Entities came here from another node, which may not have told all.
  void adopted(const std::function<bool(const entity_id&)>& is_new);

  /// Tells all others what is watched here, if it has changed or a second has
  /// passed, and what they have missed; forgets lists that are too old. Called
  /// by one thread.
  void make_rounds();

private:
  using moment = std::chrono::steady_clock::time_point;

  struct watcher {
    std::set<uuid> keys;
    moment until;
    std::set<uuid> missed; ///< and not told so yet
  };

  live_hub& hub_;
  const relay_settings with_;
  std::atomic<bool> must_tell_ = false;
  std::atomic<bool> is_any_ = false;
  mutable std::mutex lock_; // of the next
  std::map<incarnation, watcher> watchers_;
  moment told_at_{};
  std::vector<uuid> told_; // make_rounds only
};

} // namespace usher

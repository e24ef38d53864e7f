#pragma once

#include "cluster/link_wire.hpp"
#include "protocol/time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace usher::cluster {

/// A member of the cluster, and where it can be dialed.
struct peer_address {
  incarnation self = 0;
  std::string name;
  std::string address; ///< host:port
};

/// What a mesh needs to know of its own node.
struct mesh_settings {
  incarnation self = 0;              ///< 0: `begin` says it
  std::string name;                  ///< as in the certificate
  std::string address = "127.0.0.1"; ///< an IP address, to listen on
  std::uint16_t port = 0;            ///< 0: the system chooses
  // PEM files, together or not at all; without them only loopback will do.
  std::string certificate;
  std::string key;
  std::string authority;
  duration beat{500};
  duration silence{2000};
  duration dial{1000};
  std::size_t most_queued = 8U << 20;     ///< the window of a link, in bytes
  std::uint32_t longest_frame = 8U << 20; ///< bytes of a body
  std::uint16_t oldest_version = oldest_protocol;
  std::uint16_t newest_version = newest_protocol;
  /// Whether a node that `meet` did not name may be a member all the same, as
  /// it is not known who the members are where it comes from.
  std::function<bool(incarnation)> may_be_member = [](auto) { return false; };
};

/// What a mesh tells: on its own thread, which must not be kept waiting, and
/// perhaps before the mesh is made. Visitors have negative ids. If `arrived`
/// throws, that link ends.
struct mesh_events {
  std::function<void(incarnation from, frame_kind kind, std::string body)>
    arrived;
  std::function<void(incarnation, std::uint16_t version)> up;
  std::function<void(incarnation)> down; ///< once for each `up`
  /// Just before `down`: what was sent for so long may not have arrived.
  std::function<void(incarnation, duration)> unheard = {};
  /// Why there is no link to a member; only once as long as that is why.
  std::function<void(const peer_address&, const std::string& why)> troubled =
    {};
};

/// How one link stands.
struct link_status {
  incarnation peer = 0;
  std::string name;
  bool up = false;
  rights visiting = rights::none; ///< none for nodes
  std::uint16_t version = 0;
  std::chrono::microseconds round_trip{}; ///< of the last beat; 0 = none yet
  std::size_t queued = 0;                 ///< bytes on their way out
  std::uint64_t frames_in = 0;
  std::uint64_t frames_out = 0;
  std::string trouble; ///< why it is down, as far as this side knows
};

/// The links of one node: to every other member, and from visitors. Of two
/// nodes, the one with the smaller incarnation dials. A link that ends is made
/// again as long as its peer is a member. Runs on one thread of its own.
class mesh {
public:
  /// Listens from now on, and begins if it knows its incarnation. Throws
  /// std::invalid_argument if the settings do not fit each other,
  /// boost::system::system_error if the port is taken.
  mesh(mesh_settings settings, mesh_events events);

  /// As this incarnation; once. Until then who dials waits, and nothing else
  /// happens: so a node knows that it can listen before it becomes a member.
  void begin(incarnation self);

  /// Hangs up on all; no event is told any more, what is queued may be lost.
  ~mesh();

  mesh(const mesh&) = delete;
  mesh& operator=(const mesh&) = delete;

  /// No event is told and nothing is sent any more; `send` does no harm.
  void close();

  /// The port it listens on.
  std::uint16_t port() const;

  /// Says who the members are now, this one or not among them: new ones are
  /// dialed if it is this side's turn, links to those that are gone end.
  void meet(std::vector<peer_address> all);

  /// Queues a frame; any thread, never blocks. False, and nothing was sent: if
  /// there is no link, its window is full, or the body is too long.
  bool send(incarnation to, frame_kind kind, std::string body);

  /// What a visitor may do; none if it is not (or no longer) there.
  rights visitor_rights(incarnation visitor) const;

  /// All links, and the members that there should be links to.
  std::vector<link_status> links() const;

private:
  class engine;
  std::unique_ptr<engine> engine_;
};

} // namespace usher::cluster

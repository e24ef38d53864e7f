#pragma once

#include "cluster/directory.hpp"
#include "cluster/link_wire.hpp"

#include <list>

namespace usher::cluster {

/// How much the router keeps, and for how long.
struct router_limits {
  std::size_t most_waiting = 20'000; ///< requests without a way, or an answer
  duration patience{2'500};          ///< for an answer, in all
  duration again_after{20};          ///< before another try to find a way
};

/// What a router needs of its node.
struct router_settings {
  incarnation self = 0;
  const shard_table* shards = nullptr;
  directory* entities = nullptr;
  /// Sends a frame to another node; false = there is no way now.
  std::function<bool(incarnation, frame_kind, std::string)> send;
  /// Whether what rests on that submission may leave the node now.
  std::function<bool(std::uint64_t)> may_leave = [](auto) { return false; };
  /// Sends words of an entity through the journal, which says `send_out` when
  /// all they rest on is durable. Returns the submission's number.
  std::function<std::uint64_t(request)> through_journal;
  /// Somebody knows better than we do who owns what.
  std::function<void()> look_again;
  /// Whether this node has too much to do for such a command of another node.
  std::function<bool(const any_command&)> must_refuse = [](const auto&) {
    return false;
  };
  std::function<timestamp()> now;
  router_limits limits;
};

/// The post office of a cluster: what is for this node goes to its directory;
/// what is for another goes there in one hop. A request that found no way, or
/// the wrong node, was not begun, and waits for another try until its patience
/// is over: then it is `unavailable`. One that was sent when the link broke may
/// have been obeyed: it is tried again if a repeat does no harm (a query, or
/// one with an Idempotency-Key), and is `outcome_unknown` otherwise. How long
/// somebody waits for it travels with it, and later it is not begun. What an
/// entity says leaves through the journal. Any thread.
class router final : public post_office {
public:
  explicit router(router_settings settings) : with_(std::move(settings)) {}

  std::uint64_t deliver(request what) override;
  void deliver(response what) override;
  bool retire(const entity_id& who,
              const std::function<bool()>& is_empty) override;
  void bury(const entity_id& who, const std::string& doing,
            const std::string& why) override;
  void witness(request what, const std::string& why) override;
  void recall(const entity_id& who) override;

  /// What an entity said to one of another node: all it rests on is durable.
  void send_out(request what);

  /// An answer to a request of another node, durable with all it rests on.
  void send_out(response what);

  /// A frame of another node came in: request, response or moved.
  void arrived(incarnation from, frame_kind kind, std::string_view body);

  /// The link to that node is gone.
  void lost(incarnation peer);

  /// Tries again what waits for a way, and gives up what waited too long. To
  /// be called every `again_after`, and when a shard has come or gone.
  void try_again();

  /// Requests that wait for a way or for an answer from elsewhere.
  std::size_t waiting() const;

private:
  struct errand_abroad {
    request what;
    incarnation to = 0; ///< 0 = waits for a way
    timestamp until;
  };

  using ticket = std::uint64_t;

  bool hand_in(request& what);
  void take_on(request what, bool at_once = true);
  void set_out(ticket number, errand_abroad& one);
  void obey(incarnation from, request what);
  void give_up(const request& what, errc why);

  router_settings with_;
  mutable std::mutex lock_; // of the two below
  std::unordered_map<ticket, errand_abroad> abroad_;
  ticket last_ticket_ = 0;
};

} // namespace usher::cluster

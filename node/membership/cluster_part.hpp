#pragma once

#include "cluster/detours.hpp"
#include "cluster/mesh.hpp"
#include "cluster/router.hpp"
#include "node/inspect/looking_in.hpp"
#include "node/live/live_relay.hpp"
#include "node/membership/cell_watch.hpp"
#include "node/membership/membership_keeper.hpp"
#include "node/services.hpp"
#include "persistence/journal/committer.hpp"
#include "protocol/output_gate.hpp"

#include <set>
#include <thread>

namespace usher {

/// Who must hear that shards come and go.
struct shard_crew {
  std::shared_ptr<persistence::committer> commits;
  caf::actor projector;
  caf::actor alarm_clock;
  std::shared_ptr<output_gate> gate;
};

/// This node's part in the cluster: which shards are here, the way to those
/// that are not, and how they come and go.
class cluster_part {
public:
  cluster_part(services& node, caf::actor_system& system);
  ~cluster_part();

  cluster_part(const cluster_part&) = delete;
  cluster_part& operator=(const cluster_part&) = delete;

  const cluster::shard_table& shards() const { return shards_; }

  /// Makes the post office, for the entities of this incarnation.
  cluster::router& make_router(incarnation self);

  /// The post office that was made.
  cluster::router& mail() { return *router_; }

  /// What the keeper of the membership is to tell.
  keeper_events events();

  /// The shards of the first share are here, and the alarm clock begins.
  void open(const std::vector<shard_lease>& share, shard_crew crew);

  /// Who answers visitors; to be said before `join`.
  void let_in(std::unique_ptr<looking_in> host) { host_ = std::move(host); }

  /// Listens for other nodes, if the settings say so, who get no answer before
  /// `join`. Throws a std::exception that says why it cannot.
  void take_port();

  /// Answers other nodes, if there may be any, and looks after what waits for a
  /// way.
  void join(membership_keeper& keeper);

  /// Address and port that others dial, once the port was taken; empty if there
  /// are no others.
  std::string address() const;

  /// The links to other members, from `join` on, and the detours. Any thread.
  std::vector<way_to_node> ways() const;

  /// Hears of what became durable, for the fronts of other nodes that watch.
  live_relay& relay() { return relay_; }

  /// No frame comes or goes any more.
  void part();

private:
  using leases = std::vector<shard_lease>;
  using shard_list = std::vector<shard_no>;

  relay_settings relay_ways();
  cluster::detour_settings detour_ways();
  cluster::mesh_events link_events();
  void see(const cluster_view& seen);
  void see_other(cell_no cell, const cluster_view& seen, bool is_hearsay);
  bool knows(incarnation who) const;
  std::vector<cluster::peer_address>
  enter(cell_no cell, const cluster_view& seen, bool is_hearsay);
  void meet(cell_no cell, const cluster_view& seen, bool is_hearsay);
  void note_versions(cell_no cell, const cluster_view& seen);
  void watch_other_cells();
  void stop_watching();
  void look_again();
  void adopt(const leases& ours);
  void give(const shard_list& which, incarnation to,
            const std::function<bool()>& hand_over);
  bool empty_out(const shard_list& which);
  bool settle();
  void take_in(incarnation from, std::string_view publication);
  void arrived(incarnation from, cluster::frame_kind kind, std::string body);
  void make_rounds();

  services& node_;
  caf::actor_system& system_;
  incarnation self_ = 0;
  cluster::shard_table shards_;
  std::unique_ptr<cluster::detours> ways_; // from `make_router` on
  std::unique_ptr<cluster::router> router_;
  live_relay relay_;
  shard_crew crew_;
  membership_keeper* keeper_ = nullptr;
  std::unique_ptr<looking_in> host_;
  std::unique_ptr<cluster::mesh> links_;
  std::atomic<cluster::mesh*> to_others_ = nullptr;
  /// Before the end of the link that is just told, or of any if none is.
  std::atomic<duration> unheard_ = cluster::router::longest_unheard;
  std::mutex telling_;         // who lives: held while ways change by it
  mutable std::mutex meeting_; // of the next three
  std::map<cell_no, std::uint16_t> known_to_all_; // of each
  std::map<cell_no, std::vector<cluster::peer_address>> peers_;
  std::set<cell_no> hearsay_; // cells that did not themselves say who is there
  std::mutex watching_;       // of the next
  std::vector<std::unique_ptr<cell_watch>> watches_; // of the other cells
  std::atomic<bool> is_over_ = false;
  std::thread rounds_;
};

} // namespace usher

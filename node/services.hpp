#pragma once

#include "cluster/cell_choice.hpp"
#include "cluster/directory.hpp"
#include "config/settings.hpp"
#include "node/clock.hpp"
#include "node/front/fair_share.hpp"
#include "node/front/free_seats.hpp"
#include "node/front/password_line.hpp"
#include "node/front/recent_keys.hpp"
#include "node/http/token.hpp"
#include "node/http/webhook_signature.hpp"
#include "node/live/live_hub.hpp"
#include "node/membership/cell_lists.hpp"
#include "node/metrics.hpp"
#include "node/sandbox_provider.hpp"
#include "node/ticket_signer.hpp"
#include "persistence/journal/writer_gauge.hpp"
#include "persistence/lists/projector_actor.hpp"
#include "protocol/membership.hpp"

#include <atomic>

namespace usher {

/// What all io threads of a node share. Everything here may be used from any
/// thread.
struct services {
  explicit services(caf::actor_system& system) : system_(system) {}

  caf::actor_system& system() { return system_; }

  /// The id of a new event, in the cell that is to have it.
  uuid place_event(const uuid& id) const {
    std::vector<cluster::cell_weight> cells;
    for (const auto& one : settings.cluster.cells)
      cells.push_back({one.number, one.weight});
    return in_cell(id, cluster::choose_cell(id, cells));
  }

  config::settings settings;
  node_clock clock;
  metrics figures;
  std::unique_ptr<fair_share> shares;             ///< of each client
  free_seats seats{std::chrono::minutes{10}};     ///< events asked about
  recent_keys in_queues{std::chrono::minutes{1}}; ///< slots asked about lately
  std::unique_ptr<http::token_keys> keys;
  std::unique_ptr<ticket_signer> tickets;
  const cluster::shard_table* shards = nullptr;
  std::unique_ptr<cluster::directory> entities;
  std::shared_ptr<persistence::writer_gauge> writer;
  std::unique_ptr<cell_lists> lists;
  std::shared_ptr<persistence::projector_gauge> lists_gauge =
    std::make_shared<persistence::projector_gauge>();
  std::unique_ptr<live_hub> live;
  std::unique_ptr<sandbox_provider> sandbox;
  password_line passwords;
  std::atomic<std::uint64_t> bytes_in_flight = 0; ///< requests and answers
  std::atomic<bool> ready = false;
  std::atomic<bool> database_answers = true; ///< so the lease's keeper says
  std::atomic<bool> draining = false;
  /// The newest version of the nodes' own protocol that all members know, of
  /// all cells; as far as this node knows.
  std::atomic<std::uint16_t> known_to_all = newest_protocol;

private:
  caf::actor_system& system_;
};

} // namespace usher

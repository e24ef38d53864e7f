#pragma once

#include "actors/entity/surroundings.hpp"
#include "config/settings.hpp"
#include "node/front/front.hpp"
#include "node/membership/cluster_part.hpp"
#include "node/membership/membership_keeper.hpp"
#include "node/services.hpp"
#include "node/stop_wish.hpp"
#include "persistence/journal/committer.hpp"
#include "persistence/journal/journal_writer.hpp"
#include "persistence/postgres/pg_link.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace usher {

/// With two cores actors run on the first io thread. With more they have
/// threads of their own, which poll in short sleeps instead of being woken for
/// each message: under load a wake-up costs more than what it is for.
class actors_config : public caf::actor_system_config {
public:
  explicit actors_config(const config::actors& chosen);
};

/// Nodes with addresses live on the database of one that is to be alone.
struct not_alone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Everything that lives in a node.
class whole_node {
public:
  /// Waits for nothing any more once it is told to stop.
  whole_node(const config::settings& settings, stop_wish& told);

  whole_node(const whole_node&) = delete;
  whole_node& operator=(const whole_node&) = delete;

  /// All that was submitted becomes durable, if the journal can be written
  /// within 5 s; then the lease is given back.
  ~whole_node();

  /// Brings everything up; returns when the node serves, or is told to stop
  /// before it does. Throws `told_to_stop` if that comes so early that there is
  /// nothing to drain. With `demo`, the venues in that folder are put on sale
  /// behind that.
  void start(const std::string& demo);

  /// Returns after SIGTERM or SIGINT, when requests under way are finished.
  void serve_until_told();

private:
  http::webhook_secret webhook_secret() const;
  void wait_for_database() const;
  void take_part();
  void take_ports();
  void pause(duration) const;
  introduction introduce_ourselves() const;
  void take_all_shards(persistence::registry& members);
  void prepare_services();
  void bring_up_fronts();
  void bring_up_actors();
  void let_in_visitors();
  answer ask_for(request what);
  void listen();
  void wait_for_shards() const;
  boost::asio::awaitable<void> let_the_quiet_go();
  void drain();
  void stop_serving();
  bool surely_holds_lease() const;
  std::shared_ptr<const persistence::audience>
  gather_audience(const caf::actor& archive);
  void bring_up_journal(const caf::actor& archive);
  void bring_up_lists();
  /// Until it is sent home. Nobody could do its work: if it ends before, so
  /// does the process, for somebody to begin anew.
  void employ(std::string_view name, caf::actor who);

  stop_wish& told_;
  persistence::pg_options database_;
  boost::asio::io_context porch_{1};
  std::vector<boost::asio::ip::tcp::acceptor> doors_; ///< until fronts open
  actors_config actors_;
  caf::actor_system system_;
  services node_;
  std::unique_ptr<cluster_part> part_;
  std::unique_ptr<membership_keeper> member_;
  persistence::membership self_;
  std::vector<shard_lease> shards_;
  std::shared_ptr<surroundings> around_ = std::make_shared<surroundings>();
  std::vector<std::unique_ptr<front>> fronts_;
  std::vector<caf::actor> staff_; // to be sent home at the end
  caf::actor clock_;
  std::shared_ptr<persistence::committer> commits_;
  caf::actor projector_;
  std::atomic<bool> gives_up_ = false; ///< waits for the database no more
};

} // namespace usher

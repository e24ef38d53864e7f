#pragma once

#include "persistence/store.hpp"
#include "protocol/messages.hpp"

namespace usher::persistence {

struct reader_settings {
  std::shared_ptr<archive> store;
  std::size_t largest_batch = 64; ///< entities in one question
  /// Of snapshots that are kept in one call; one that is larger goes alone.
  std::size_t largest_keep = 4U << 20; ///< bytes
};

/// Reads histories for entities that come to life, and keeps snapshots: a
/// detached actor with a connection of its own. What waits in the mailbox is
/// read in one question. While the database is away everybody waits.
class archive_reader final : public caf::event_based_actor {
public:
  archive_reader(caf::actor_config& cfg, reader_settings settings);

private:
  caf::behavior make_behavior() override;

  void expect_work();
  void work();
  void read();
  void keep();

  reader_settings with_;
  std::vector<load> wanted_;
  std::vector<snapshot> pictures_;
  bool work_expected_ = false;
};

} // namespace usher::persistence

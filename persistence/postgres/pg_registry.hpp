#pragma once

#include "persistence/postgres/pg_link.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <mutex>
#include <string>

namespace usher::persistence {

/// Membership in PostgreSQL. Whoever moves shards or buries members holds one
/// advisory lock for the length of one message, so these happen one after the
/// other and each sees what the last one did. Leases are renewed on a session
/// of their own, which also holds an advisory lock that tells of its death: no
/// move makes a renewal wait. Any thread.
class pg_registry final : public registry {
public:
  explicit pg_registry(pg_options);

  membership join(const introduction&, duration ttl) override;
  std::optional<renewal> renew(incarnation, duration ttl) override;
  cluster_view look() override;
  std::vector<shard_lease> take(incarnation self,
                                const std::vector<shard_no>& wanted) override;
  std::vector<shard_no> hand_over(incarnation self,
                                  const std::vector<shard_lease>&,
                                  incarnation to) override;
  std::vector<shard_lease> owned(incarnation self) override;
  std::vector<incarnation> declare_dead(incarnation by) override;
  bool suspect(incarnation by, incarnation whom) override;
  void promise_anew(incarnation by) override;
  bool drain(const std::string& name) override;
  bool drain(incarnation) override;
  bool pin(shard_no, const std::string& name) override;
  void unpin(shard_no) override;
  void leave(incarnation) override;
  void bury_last(incarnation, const std::string& name) override;

private:
  pqxx::result move(const std::string& sql);
  std::string quoted(const std::string& text);
  bool set_draining(const std::string& whom);

  std::mutex beating_, moving_; // a link serves one thread at a time
  pg_link heartbeat_, moves_;
  std::string knocking_as_; // the name under which a join is tried again
  std::chrono::steady_clock::time_point knocking_since_;
};

} // namespace usher::persistence

#pragma once

#include "persistence/pg_link.hpp"
#include "persistence/store.hpp"

namespace usher::persistence {

/// Membership in PostgreSQL. Whoever moves shards holds one advisory lock for
/// the length of one message, so moves happen one after the other and each
/// sees what the last one did. Nobody is declared dead before PostgreSQL has
/// been up for one lease, in which a living member would have renewed.
class pg_registry final : public registry {
public:
  explicit pg_registry(pg_options);

  membership join(const std::string& address, duration ttl) override;
  bool renew(incarnation, duration ttl) override;
  std::vector<shard_lease> take_free_shards(incarnation self) override;
  void leave(incarnation) override;

private:
  pg_link link_;
};

} // namespace usher::persistence

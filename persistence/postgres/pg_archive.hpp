#pragma once

#include "persistence/postgres/pg_link.hpp"
#include "persistence/store.hpp"

namespace usher::persistence {

/// The reading side in PostgreSQL. Each call is one statement and sees one
/// moment. Only what is durable may be saved as a snapshot: it is not fenced.
class pg_archive final : public archive {
public:
  explicit pg_archive(pg_options);

  std::vector<history> load(const std::vector<entity_id>&) override;
  std::vector<alarm> due(incarnation owner, timestamp until,
                         std::size_t limit) override;
  void save(const std::vector<snapshot>&) override;

private:
  pg_link link_;
};

} // namespace usher::persistence

#pragma once

#include "persistence/postgres/pg_link.hpp"
#include "persistence/store.hpp"

namespace usher::persistence {

/// The journal in PostgreSQL: one prepared statement and one round trip for a
/// batch. The fence, the rows and the alarms are one transaction. A broken
/// unique index or a count that does not fit is a bug and throws as such.
class pg_journal final : public journal {
public:
  pg_journal(pg_options, incarnation self);

  verdict commit(const batch&) override;

private:
  bool offer(const batch&);
  verdict judge(const batch&);

  incarnation self_;
  pg_link link_;
};

} // namespace usher::persistence

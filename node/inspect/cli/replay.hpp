#pragma once

#include "node/inspect/cli/stored.hpp"

/// Time travel: a state as it was, by the entity's own rules. Pure.
namespace usher::inspect {

/// A state by replay.
struct replayed {
  version now = 0;
  std::optional<timestamp> at; ///< of the last entry; none before the first
  boost::json::value state;    ///< redacted
  boost::json::value answers;
};

/// What the journal says must not be: an entity's versions have a gap, or a
/// row cannot be folded.
struct broken_journal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Folds `rows`, which follow `base` (or begin at 1) without a gap. Throws
/// broken_journal.
replayed replay(const entity_id&, const std::optional<snapshot>& base,
                const std::vector<journal_entry>& rows);

/// One place where two documents differ; what is only in one is nothing in the
/// other.
struct change {
  std::string path; ///< as in `held.<session>.seats[2]`; empty for the whole
  std::optional<boost::json::value> from;
  std::optional<boost::json::value> to;
};

/// Every place where they differ, in the order of `a`, then what only `b` has.
std::vector<change> difference(const boost::json::value& a,
                               const boost::json::value& b);

} // namespace usher::inspect

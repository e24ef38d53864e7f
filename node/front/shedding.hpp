#pragma once

#include "protocol/command.hpp"

#include <cstdint>

namespace usher {

struct services;

/// What goes first when the node is overloaded: maps, then joins, then new
/// holds. Who holds seats, or waits for a turn, is served to the end, unless
/// memory runs out or the database is away; who looks after the node always is.
enum class urgency : std::uint8_t {
  browsing,
  joining,
  holding,
  serving,
  watching
};

/// How urgent a command of another node is: its front has its own limits, but
/// only the owner knows how much waits there.
urgency urgency_of(const any_command& what);

/// How much waits in a node, and how much may.
struct burden {
  std::uint64_t words = 0; ///< that wait for the journal
  std::uint64_t most_words = 0;
  std::uint64_t bytes = 0; ///< in flight, and of those words
  std::uint64_t most_bytes = 0;
};

/// Whether what is no more urgent is to be refused under it. The longer the
/// journal's queue, the more is put off: browsing at a quarter of the limit,
/// joins at a half, new holds at the limit, and what holders want at four times
/// that: so long it only gets where the database is away. The same goes for the
/// bytes; but as these are memory, at their limit all is put off.
bool is_too_much(const burden&, urgency);

/// Whose journal a request waits for: what is for another cell waits there.
enum class whose_journal : std::uint8_t { ours, another_cells };

/// Whether what is no more urgent is to be refused now.
bool is_overloaded(const services& node, urgency how,
                   whose_journal = whose_journal::ours);

} // namespace usher

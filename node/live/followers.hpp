#pragma once

#include "node/live/live_relay.hpp"
#include "node/services.hpp"
#include "persistence/journal/journal_writer.hpp"

namespace usher {

/// Who follows the journal, and the actors that are to be sent home at the end.
struct followers {
  decltype(persistence::audience::followers) all;
  std::vector<caf::actor> staff;
};

/// The lists, the figures, and live feeds here and at other nodes.
followers spawn_followers(caf::actor_system& system, services& node,
                          live_relay& relay, const caf::actor& lists);

} // namespace usher

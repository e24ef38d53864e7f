#pragma once

#include "protocol/messages.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace usher::test {

/// Actors that run when a test says so.
struct scheduled : caf::actor_system_config {
  scheduled() {
    add_message_types<caf::id_block::usher>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

} // namespace usher::test

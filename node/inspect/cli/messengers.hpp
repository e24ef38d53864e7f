#pragma once

#include "node/inspect/cli/live.hpp"
#include "node/inspect/cli/target.hpp"

namespace usher::inspect {

/// Speaks to nodes over the cluster's own protocol, as a visitor with the
/// certificate that the target names.
messenger messenger_for(const target&);

} // namespace usher::inspect

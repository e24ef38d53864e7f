#pragma once

#include "protocol/membership.hpp"

#include <string_view>

namespace usher::inspect {

/// Why the node of that name may not be drained: no other worker of its cell
/// serves, and a drain cannot be taken back. Empty if it may, or if there is no
/// such node. Pure.
std::string_view why_not_drain(const cluster_view&, std::string_view name);

} // namespace usher::inspect

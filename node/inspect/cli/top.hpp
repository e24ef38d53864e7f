#pragma once

#include "node/inspect/cli/inspector.hpp"

namespace usher::inspect {

/// The full-screen live view; returns the exit code when the user quits.
int show_top(const target&, const wishes&);

} // namespace usher::inspect

#pragma once

#include "config/settings.hpp"

#include <string>

namespace usher {

/// Runs one node until SIGTERM or SIGINT: takes its part of the shards, brings
/// up the actors in the order in which they need each other, serves, drains and
/// stops. With `demo`, the venues in that folder are put on sale. Returns the
/// exit code: 0 after a clean stop, 1 if it could not start, 2 if it never
/// could with these settings and this database.
int run_node(const config::settings& settings, const std::string& demo);

} // namespace usher

#pragma once

#include "config/load.hpp"

namespace usher::config {

/// What a node's settings for the cluster may not be together: each broken rule
/// as a mistake. Looks at no file.
std::vector<mistake> broken_rules(const cluster& at, std::string_view name);

} // namespace usher::config

#pragma once

#include "config/load.hpp"

namespace usher {

/// What is wrong with the certificate that this node is to show to others: they
/// would not link with it, but it would be a member and be given shards.
std::vector<config::mistake> wrong_certificate(const config::settings&);

} // namespace usher

#pragma once

#include "config/networks.hpp"

#include <string_view>

namespace usher::http {

/// Who sent a request: the peer, or whom it speaks for if it is one of our
/// proxies. X-Forwarded-For is read from its end, where the nearest proxy
/// wrote: the last address that is none of ours. What stands before that is
/// what a client claims.
std::string_view client_of(const config::networks& proxies,
                           std::string_view peer,
                           std::string_view forwarded_for);

} // namespace usher::http

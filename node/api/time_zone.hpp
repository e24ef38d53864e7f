#pragma once

#include <string>

namespace usher::api {

/// Whether the system's zone files (package tzdata) have an IANA time zone of
/// this name. Where they are not installed, any name that could be one will do.
bool is_time_zone(const std::string& name);

} // namespace usher::api

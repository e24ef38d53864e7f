#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace usher::inspect {

/// A script for bash that completes the commands and options of this program:
/// `source <(usher completion bash)`.
std::string bash_completion(const CLI::App&);

} // namespace usher::inspect

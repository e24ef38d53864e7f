#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace usher::inspect {

/// The shells that there are scripts for.
const std::vector<std::string>& shells();

/// A script, for one of these, that completes the commands and options of this
/// program: `source <(usher completion bash)`, and in fish
/// `usher completion fish | source`.
std::string completion_script(const CLI::App&, std::string_view shell);

} // namespace usher::inspect

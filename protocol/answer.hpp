#pragma once

#include "protocol/error.hpp"

#include <memory>
#include <string>

namespace usher {

struct answer;

/// Where an entity finds the answer to what it asked of another. The shell
/// fills it in before it hands the command that carries it back to the rules.
using answer_slot = std::shared_ptr<const answer>;

} // namespace usher

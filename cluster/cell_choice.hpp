#pragma once

#include "protocol/ids.hpp"

#include <cstdint>
#include <vector>

namespace usher::cluster {

/// A cell that may be given new events, in proportion to its weight.
struct cell_weight {
  cell_no number = 0;
  std::uint32_t weight = 1;
};

/// The cell of a new event, by weighted rendezvous on its id: everybody who
/// knows the same cells agrees, and a cell that is added takes only what it
/// wins. The first cell if none has a weight.
cell_no choose_cell(const uuid& event, const std::vector<cell_weight>&);

} // namespace usher::cluster

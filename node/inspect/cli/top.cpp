#include "node/inspect/cli/top.hpp"

namespace usher::inspect {

int show_top(const target&, const wishes&) {
  throw bad_usage("top is not there yet");
}

} // namespace usher::inspect

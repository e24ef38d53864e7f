#pragma once

namespace usher {

/// Time has passed. Harmless at any moment: it does what the clock allows.
struct wake {
  bool operator==(const wake&) const = default;
};

} // namespace usher

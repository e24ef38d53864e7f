#pragma once

#include "protocol/time.hpp"

#include <optional>

namespace usher {

/// Tells that the database's clock was set, by the machine's CLOCK_BOOTTIME,
/// which nobody sets. A slow answer says little of when it was given, so only
/// what no slowness explains counts as set. One thread.
class clock_comparison {
public:
  /// By less a clock may be corrected: leases are much longer.
  static constexpr duration tolerance{250};

  /// The clock said that at some moment from `sent` to `received`, both since
  /// boot. True if it was set since the last time.
  bool was_set(duration sent, duration received, timestamp said) {
    const auto told = said.time_since_epoch();
    const lead now{told - received, told - sent};
    const bool is_set = last_
                        && (now.most + tolerance < last_->least
                            || last_->most + tolerance < now.least);
    if (!last_ || is_set || now.width() <= tolerance
        || now.width() <= last_->width())
      last_ = now;
    return is_set;
  }

private:
  /// By how much it is ahead of CLOCK_BOOTTIME.
  struct lead {
    duration least, most;

    duration width() const { return most - least; }
  };

  std::optional<lead> last_;
};

} // namespace usher

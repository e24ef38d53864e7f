#pragma once

#include "actors/entity/life.hpp"
#include "protocol/messages.hpp"
#include "protocol/output_gate.hpp"
#include "protocol/time.hpp"

#include <functional>

namespace usher {

/// What entities have to tell an operator. Empty: nobody wants to hear it.
struct tidings {
  /// A command of a client's request, or one that follows from it, has come.
  std::function<void(const request&)> heard;
  std::function<void(const entity_id&, const long_wait&)> waited;
  /// A life ended by a fault: `doing` what, and why.
  std::function<void(const entity_id&, const trace&, std::string_view doing,
                     std::string_view why)>
    died;
};

/// Everything an entity may touch. Tests put simulated things in its place.
struct surroundings {
  post_office* mail = nullptr;
  std::function<std::uint64_t(submission)> submit; ///< returns its number
  std::function<void(barrier)> settle;
  std::shared_ptr<output_gate> gate = std::make_shared<output_gate>();
  caf::actor archive;             ///< who reads
  std::function<timestamp()> now; ///< the only clock
  tidings tell;
  duration patience = std::chrono::seconds{5}; ///< with what was asked
  version snapshot_every = 200;                ///< entries
  version snapshot_worth = 50; ///< entries that a quiet entity leaves behind
};

} // namespace usher

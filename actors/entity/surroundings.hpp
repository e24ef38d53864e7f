#pragma once

#include "protocol/messages.hpp"
#include "protocol/output_gate.hpp"
#include "protocol/time.hpp"

#include <functional>

namespace usher {

/// Everything an entity may touch. Tests put simulated things in its place.
struct surroundings {
  post_office* mail = nullptr;
  std::function<std::uint64_t(submission)> submit; ///< returns its number
  std::function<void(barrier)> settle;
  std::shared_ptr<output_gate> gate = std::make_shared<output_gate>();
  caf::actor archive;                          ///< who reads
  std::function<timestamp()> now;              ///< the only clock
  duration patience = std::chrono::seconds{5}; ///< with what was asked
  version snapshot_every = 200;                ///< entries
  version snapshot_worth = 50; ///< entries that a quiet entity leaves behind
};

} // namespace usher

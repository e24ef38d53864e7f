#pragma once

#include <atomic>
#include <cstdint>

namespace usher::persistence {

/// Figures of one writer that others may read at any time.
struct writer_gauge {
  std::atomic<std::uint64_t> submitted = 0;  ///< words taken in
  std::atomic<std::uint64_t> released = 0;   ///< of these, durable and let out
  std::atomic<std::uint64_t> bytes_held = 0; ///< of those that are not, about
  std::atomic<std::uint64_t> batches = 0;
  std::atomic<std::uint64_t> rows = 0;
  std::atomic<std::int64_t> commit_micros = 0; ///< summed over batches
  std::atomic<bool> stalled = false;           ///< the database is away

  /// Words that are not let out yet.
  std::uint64_t waiting() const {
    const auto out = released.load(); // first: it never passes `submitted`
    return submitted.load() - out;
  }
};

} // namespace usher::persistence

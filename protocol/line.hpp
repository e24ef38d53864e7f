#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace usher {

/// The commands that wait for one entity in memory. Shared by who lets them in
/// and who takes them up.
struct line {
  std::atomic<std::uint32_t> waiting = 0;
  std::atomic<bool> moves = false; ///< the entity has taken up one at least
  /// Those that wait in all lines of the node, if somebody counts.
  std::shared_ptr<std::atomic<std::uint32_t>> of_all = nullptr;

  void grow() {
    ++waiting;
    if (of_all)
      of_all->fetch_add(1, std::memory_order_relaxed);
  }

  void shrink() {
    --waiting;
    if (of_all)
      of_all->fetch_sub(1, std::memory_order_relaxed);
  }
};

/// One place in a line; the line is shorter by one when it is left or dropped,
/// whatever became of the command.
class place_in_line {
public:
  place_in_line() = default;

  explicit place_in_line(std::shared_ptr<line> where)
    : where_(std::move(where)) {
    where_->grow();
  }

  place_in_line(const place_in_line& other) : where_(other.where_) {
    if (where_)
      where_->grow();
  }

  place_in_line(place_in_line&& other) noexcept
    : where_(std::exchange(other.where_, nullptr)) {}

  place_in_line& operator=(place_in_line other) noexcept {
    where_.swap(other.where_);
    return *this;
  }

  ~place_in_line() {
    if (where_)
      where_->shrink();
  }

  /// The entity takes up the command that stood here.
  void leave() {
    if (where_)
      where_->moves = true;
    *this = place_in_line{};
  }

private:
  std::shared_ptr<line> where_;
};

} // namespace usher

#pragma once

#include "protocol/seat_block.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Where the seats of a section are. Pure: no actor, no clock, no I/O.
///
/// A seat has three names. People read the printed one, `<row label>-<number>`;
/// the rules speak of its place, a row and an index counted from the physical
/// left; the block stores a seat_no, which counts the places row by row. Seats
/// whose seat_no are consecutive are neighbours if they share a run: a row, or
/// the piece of it between two aisles.
namespace usher::seat_block {

/// How far apart rows are, in half seat widths: about 90 cm, and seats are 45
/// cm wide.
constexpr std::uint32_t half_seats_per_row = 4;

/// The place of a seat, and the number printed on it.
struct place {
  std::uint32_t row = 0;   ///< counted from the stage
  std::uint32_t index = 0; ///< counted from the physical left
  std::int32_t number = 0;
  bool operator==(const place&) const = default;
};

/// Seats with neither an aisle nor a row's end between them: [first, end).
struct run {
  seat_no first = 0;
  seat_no end = 0;
  std::uint32_t row = 0;
  bool operator==(const run&) const = default;
};

/// The immutable index of one section that passed `layout::check`.
class floor_plan {
public:
  /// A plan without seats, as general admission has it.
  floor_plan() : floor_plan(section{}) {}

  explicit floor_plan(const section&);

  /// The index of such a section, the same object for all that are alike and
  /// belong to this thread: every event of a venue has its sections, and what
  /// many use is found in the processor's caches.
  static std::shared_ptr<const floor_plan> of(const section&);

  bool operator==(const floor_plan&) const = default;

  /// How many seats there are; every smaller seat_no is one of them.
  std::uint32_t seats() const {
    return static_cast<std::uint32_t>(flags_.size());
  }

  /// The seat printed `<row label>-<number>`, if there is one. Allocates
  /// nothing; a number with a sign or leading zeros is no name.
  std::optional<seat_no> find(std::string_view name) const;

  /// What is printed on a seat: `<row label>-<number>`.
  std::string label(seat_no) const;

  /// Appends what is printed on a seat to `out`.
  void append_label(std::string& out, seat_no) const;

  /// The place of a seat.
  place where(seat_no) const;

  /// How many rows there are.
  std::uint32_t rows() const {
    return static_cast<std::uint32_t>(rows_.size());
  }

  /// What is printed at a row.
  std::string_view row_label(std::uint32_t row) const;

  /// True for a seat that is kept for people who need it.
  bool accessible(seat_no seat) const { return flags_[seat] != 0; }

  /// One flag a seat: 1 if it is accessible.
  std::span<const std::uint8_t> accessible() const { return flags_; }

  /// All seats as runs of neighbours, in the order of their seat_no.
  std::span<const run> runs() const { return runs_; }

  /// The run that a seat belongs to.
  const run& run_of(seat_no) const;

  /// How far right a seat is, in half seat widths.
  std::int32_t x(seat_no) const;

  /// The sum of the distances of `count` (at most 500) seats from `first` on to
  /// the focal point, in sixteenths of half a seat width; less is better. The
  /// focal point is in front of the middle of the widest row, one row before
  /// the first.
  std::uint32_t distance(seat_no first, std::uint32_t count = 1) const {
    return distance_before_[first + count] - distance_before_[first];
  }

private:
  struct row_entry {
    seat_no first_seat = 0;
    std::uint32_t seats = 0;
    std::int32_t first = 1;
    std::int32_t step = 1;
    std::int32_t shift = 0;
    std::uint32_t label_begin = 0; // in labels_
    std::uint32_t label_size = 0;
    bool operator==(const row_entry&) const = default;
  };

  void add_row(const seat_row&);
  void add_runs(const seat_row&, seat_no first_seat);
  void measure(std::int32_t focus);
  void hash_rows();
  const row_entry* row_named(std::string_view label) const;
  const row_entry& row_of(seat_no) const;

  std::vector<row_entry> rows_;
  std::vector<run> runs_;
  std::vector<std::uint8_t> flags_;
  // Sums up to each seat. They may wrap; their differences do not.
  std::vector<std::uint32_t> distance_before_;
  std::vector<std::uint32_t> slots_; // open addressing: row + 1, or 0
  std::string labels_;
};

} // namespace usher::seat_block

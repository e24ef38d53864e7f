#pragma once

#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <memory>
#include <variant>

namespace usher {

/// One row of seats. Seats are counted from the physical left; what is printed
/// on them is `first`, `first + step`, and so on.
struct seat_row {
  std::string label;
  std::uint32_t seats = 0;
  std::int32_t first = 1;
  std::int32_t step = 1;
  std::vector<std::int32_t> accessible;  ///< printed numbers
  std::vector<std::int32_t> aisle_after; ///< printed numbers: neighbours end
  std::int32_t shift =
    0; ///< half seat widths that the row starts further right

  bool operator==(const seat_row&) const = default;
};

BOOST_DESCRIBE_STRUCT(seat_row, (),
                      (label, seats, first, step, accessible, aisle_after,
                       shift))

/// One section of a venue: rows of seats from the stage backwards, or a
/// capacity without seats (general admission).
struct section {
  std::string name;
  std::vector<seat_row> rows;
  std::uint32_t capacity = 0; ///< general admission only
  std::int32_t rating = 0;    ///< higher is better; ties go by position

  bool operator==(const section&) const = default;

  bool general_admission() const { return rows.empty(); }

  /// Seats, or places of general admission.
  std::uint32_t size() const {
    std::uint32_t n = capacity;
    for (const auto& row : rows)
      n += row.seats;
    return n;
  }
};

BOOST_DESCRIBE_STRUCT(section, (), (name, rows, capacity, rating))

namespace layout {

// -- commands

struct create {
  static constexpr std::string_view command_name = "layout.create/1";
  account_id caller;
  std::string name;
  std::vector<section> sections;
};

BOOST_DESCRIBE_STRUCT(create, (), (caller, name, sections))

struct describe {
  static constexpr std::string_view command_name = "layout.describe/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(describe, (), ())

/// The sections alone, for whoever builds an event on them.
struct read {
  static constexpr std::string_view command_name = "layout.read/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(read, (), ())

using command = std::variant<create, describe, read, wake>;

using sections = std::shared_ptr<const std::vector<section>>;

// -- facts

struct created {
  static constexpr std::string_view fact_name = "layout.created/1";
  static constexpr bool is_listed = true;
  account_id owner;
  std::string name;
  std::vector<section> sections;
  bool operator==(const created&) const = default;
};

BOOST_DESCRIBE_STRUCT(created, (), (owner, name, sections))

using fact = std::variant<created>;

} // namespace layout
} // namespace usher

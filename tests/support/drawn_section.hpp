#pragma once

#include "actors/seat_block/floor_plan.hpp"

#include <string>
#include <vector>

/// Sections as little drawings, one string a row, the stage above: `.` free,
/// `x` taken, `a` accessible and free, `A` accessible and taken, `|` an aisle,
/// and a space for a place without a seat before the row. In answers `o` is a
/// chosen seat.
namespace usher::test {

using drawing = std::vector<std::string>;

struct drawn_section {
  section plan;
  std::vector<std::uint8_t> free;
};

/// Rows are labelled 1, 2, 3 from the stage, and seats from the left.
inline drawn_section read_drawing(const drawing& rows) {
  drawn_section out;
  out.plan.name = "S";
  for (const auto& picture : rows) {
    seat_row row;
    row.label = std::to_string(out.plan.rows.size() + 1);
    std::int32_t number = 0;
    for (char c : picture) {
      if (c == ' ') {
        row.shift += 2;
      } else if (c == '|') {
        row.aisle_after.push_back(number);
      } else {
        ++number;
        if (c == 'a' || c == 'A')
          row.accessible.push_back(number);
        out.free.push_back(c == '.' || c == 'a' ? 1 : 0);
      }
    }
    row.seats = static_cast<std::uint32_t>(number);
    out.plan.rows.push_back(row);
  }
  return out;
}

/// The drawing again, with `o` for the chosen seats.
inline drawing draw(drawing rows,
                    const std::vector<seat_block::seat_no>& chosen) {
  seat_block::seat_no seat = 0;
  for (auto& picture : rows)
    for (auto& c : picture) {
      if (c == ' ' || c == '|')
        continue;
      for (auto s : chosen)
        if (s == seat)
          c = 'o';
      ++seat;
    }
  return rows;
}

} // namespace usher::test

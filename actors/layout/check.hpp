#pragma once

#include "protocol/error.hpp"
#include "protocol/layout.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace usher::layout {

/// The limits of a layout.
namespace limits {
constexpr std::uint32_t sections = 400;
constexpr std::uint32_t rows = 10'000;   ///< of all sections
constexpr std::uint32_t seats = 120'000; ///< of all sections, with rows
constexpr std::uint32_t seats_per_row = 500;
constexpr std::uint32_t capacity = 200'000; ///< of one general admission
constexpr std::uint32_t name_length = 40;   ///< characters, not bytes
constexpr std::uint32_t label_length = 8;   ///< characters, not bytes
constexpr std::int32_t highest_number = 99'999;
constexpr std::int32_t widest_shift = 2'000;   ///< half seat widths, either way
constexpr std::int32_t highest_rating = 1'000; ///< either way
constexpr std::size_t problems = 50;
} // namespace limits

/// One thing that is wrong with a layout: where (a path into the body, as in
/// `sections[2].rows[0].label`), the code, and a sentence for people.
struct problem {
  std::string path;
  errc code = errc::invalid_value;
  std::string message;
  bool operator==(const problem&) const = default;
};

/// Everything that is wrong with the sections of a layout, at most
/// limits::problems of it; a layout without problems makes floor plans in which
/// every seat has exactly one name.
std::vector<problem> check(const std::vector<section>&);

} // namespace usher::layout

#include "actors/seat_block/floor_plan.hpp"

#include "protocol/ensure.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace usher::seat_block {

namespace {

constexpr std::uint32_t farthest = 1U << 20;

std::uint32_t hash_of(std::string_view label) {
  std::uint32_t hash = 2'166'136'261U; // FNV-1a
  for (char c : label)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  return hash ^ (hash >> 15U);
}

/// The physical index of the seat with a printed number, if the row has it.
std::optional<std::uint32_t> index_of(std::int64_t number, std::int64_t first,
                                      std::int64_t step, std::uint32_t seats) {
  const auto way = number - first;
  if (way % step != 0)
    return std::nullopt;
  const auto index = way / step;
  if (index < 0 || index >= seats)
    return std::nullopt;
  return static_cast<std::uint32_t>(index);
}

std::optional<std::int32_t> number_in(std::string_view text) {
  std::int32_t number = 0;
  if (text.empty() || text.front() < '1' || text.front() > '9')
    return std::nullopt;
  const auto* end = text.data() + text.size();
  auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || rest != end)
    return std::nullopt;
  return number;
}

std::int32_t middle_of_widest(const std::vector<seat_row>& rows) {
  auto widest = std::ranges::max_element(rows, {}, &seat_row::seats);
  if (widest == rows.end() || widest->seats == 0)
    return 0;
  return widest->shift + static_cast<std::int32_t>(widest->seats) - 1;
}

/// Plans in use, by how many seats they have.
class plans_in_use {
public:
  std::shared_ptr<const floor_plan> find_or_add(floor_plan wanted) {
    auto [at, end] = plans_.equal_range(wanted.seats());
    for (; at != end; ++at)
      if (auto found = at->second.lock(); found && *found == wanted)
        return found;
    if (plans_.size() >= look_again_at_)
      forget_the_unused();
    auto made = std::make_shared<const floor_plan>(std::move(wanted));
    plans_.emplace(made->seats(), made);
    return made;
  }

private:
  void forget_the_unused() {
    std::erase_if(plans_, [](const auto& x) { return x.second.expired(); });
    look_again_at_ = std::max<std::size_t>(64, plans_.size() * 2);
  }

  std::unordered_multimap<std::uint32_t, std::weak_ptr<const floor_plan>>
    plans_;
  std::size_t look_again_at_ = 64;
};

} // namespace

std::shared_ptr<const floor_plan> floor_plan::of(const section& plan) {
  thread_local plans_in_use known;
  return known.find_or_add(floor_plan{plan});
}

floor_plan::floor_plan(const section& plan) {
  rows_.reserve(plan.rows.size());
  for (const auto& row : plan.rows)
    add_row(row);
  measure(middle_of_widest(plan.rows));
  hash_rows();
}

void floor_plan::add_row(const seat_row& row) {
  ensure(row.step != 0);
  const auto first_seat = seats();
  rows_.push_back({first_seat, row.seats, row.first, row.step, row.shift,
                   static_cast<std::uint32_t>(labels_.size()),
                   static_cast<std::uint32_t>(row.label.size())});
  labels_ += row.label;
  flags_.resize(first_seat + row.seats, 0);
  for (auto number : row.accessible)
    if (auto index = index_of(number, row.first, row.step, row.seats))
      flags_[first_seat + *index] = 1;
  add_runs(row, first_seat);
}

void floor_plan::add_runs(const seat_row& row, seat_no first_seat) {
  std::vector<seat_no> ends{first_seat + row.seats};
  for (auto number : row.aisle_after)
    if (auto index = index_of(number, row.first, row.step, row.seats))
      ends.push_back(first_seat + *index + 1);
  std::ranges::sort(ends);
  const auto row_no = rows() - 1;
  for (auto begin = first_seat; auto end : ends) {
    if (begin != end)
      runs_.push_back({begin, end, row_no});
    begin = end;
  }
}

void floor_plan::measure(std::int32_t focus) {
  distance_before_.reserve(flags_.size() + 1);
  distance_before_.push_back(0);
  for (std::uint32_t row = 0; row < rows(); ++row) {
    const double back = half_seats_per_row * (row + 1.0);
    for (std::uint32_t i = 0; i < rows_[row].seats; ++i) {
      const double aside = rows_[row].shift + 2.0 * i - focus;
      const auto far = std::sqrt(aside * aside + back * back) * 16;
      distance_before_.push_back(
        distance_before_.back()
        + static_cast<std::uint32_t>(std::min<double>(far, farthest)));
    }
  }
}

void floor_plan::hash_rows() {
  slots_.assign(std::bit_ceil(rows_.size() * 2 + 1), 0);
  for (std::uint32_t row = 0; row < rows(); ++row) {
    auto slot = hash_of(row_label(row));
    while (slots_[slot & (slots_.size() - 1)] != 0)
      ++slot;
    slots_[slot & (slots_.size() - 1)] = row + 1;
  }
}

const floor_plan::row_entry*
floor_plan::row_named(std::string_view label) const {
  for (auto slot = hash_of(label);; ++slot) {
    const auto found = slots_[slot & (slots_.size() - 1)];
    if (found == 0)
      return nullptr;
    if (row_label(found - 1) == label)
      return &rows_[found - 1];
  }
}

const floor_plan::row_entry& floor_plan::row_of(seat_no seat) const {
  ensure(seat < seats());
  auto after =
    std::ranges::upper_bound(rows_, seat, {}, &row_entry::first_seat);
  return *std::prev(after);
}

std::optional<seat_no> floor_plan::find(std::string_view name) const {
  const auto dash = name.find('-');
  if (dash == std::string_view::npos)
    return std::nullopt;
  const auto number = number_in(name.substr(dash + 1));
  const auto* row = row_named(name.substr(0, dash));
  if (!number || row == nullptr)
    return std::nullopt;
  const auto index = index_of(*number, row->first, row->step, row->seats);
  if (!index)
    return std::nullopt;
  return row->first_seat + *index;
}

std::string floor_plan::label(seat_no seat) const {
  std::string out;
  append_label(out, seat);
  return out;
}

void floor_plan::append_label(std::string& out, seat_no seat) const {
  const auto at = where(seat);
  out += row_label(at.row);
  out += '-';
  std::array<char, 12> digits{};
  auto* const end = digits.data() + digits.size();
  out.append(digits.data(), std::to_chars(digits.data(), end, at.number).ptr);
}

place floor_plan::where(seat_no seat) const {
  const auto& row = row_of(seat);
  const auto index = seat - row.first_seat;
  return {static_cast<std::uint32_t>(&row - rows_.data()), index,
          row.first + row.step * static_cast<std::int32_t>(index)};
}

std::string_view floor_plan::row_label(std::uint32_t row) const {
  ensure(row < rows());
  return std::string_view{labels_}.substr(rows_[row].label_begin,
                                          rows_[row].label_size);
}

const run& floor_plan::run_of(seat_no seat) const {
  ensure(seat < seats());
  return *std::prev(std::ranges::upper_bound(runs_, seat, {}, &run::first));
}

std::int32_t floor_plan::x(seat_no seat) const {
  const auto& row = row_of(seat);
  return row.shift + 2 * static_cast<std::int32_t>(seat - row.first_seat);
}

} // namespace usher::seat_block

#include "actors/layout/check.hpp"

#include "actors/seat_block/floor_plan.hpp"
#include "protocol/characters.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace usher::layout {

namespace {

using std::to_string;

/// Collects problems, up to the limit.
struct findings {
  std::vector<problem> all;

  void add(std::string path, std::string message,
           errc code = errc::invalid_value) {
    if (all.size() < limits::problems)
      all.push_back({std::move(path), code, std::move(message)});
  }
};

std::string item(std::string_view list, std::size_t i) {
  return std::string{list} + '[' + to_string(i) + ']';
}

/// True for ASCII's control characters and for those of Latin 1 (C2 80..9F).
bool has_control_character(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    const auto next = i + 1 < utf8.size() ? utf8[i + 1] : '\0';
    if (c < 0x20U || c == 0x7FU
        || (c == 0xC2U && static_cast<unsigned char>(next) < 0xA0U))
      return true;
  }
  return false;
}

void check_text(findings& out, const std::string& path, std::string_view text,
                std::size_t longest) {
  if (text.empty())
    out.add(path, "is empty", errc::missing_field);
  if (characters(text) > longest)
    out.add(path, "has more than " + to_string(longest) + " characters");
  if (text.find_first_of("/\\") != std::string_view::npos
      || has_control_character(text))
    out.add(path, "has a slash, a backslash or a control character");
}

/// The number printed on the last seat of a row.
std::int64_t last_number(const seat_row& row) {
  return row.first
         + std::int64_t{row.step}
             * (std::max(std::int64_t{row.seats}, std::int64_t{1}) - 1);
}

bool has_number(const seat_row& row, std::int32_t number) {
  const auto way = std::int64_t{number} - row.first;
  return row.step != 0 && way % row.step == 0 && way / row.step >= 0
         && way / row.step < row.seats;
}

void check_listed(findings& out, const std::string& path, const seat_row& row,
                  const std::vector<std::int32_t>& listed) {
  std::set<std::int32_t> seen;
  for (auto number : listed) {
    if (!has_number(row, number))
      out.add(path, "the row has no seat " + to_string(number));
    else if (!seen.insert(number).second)
      out.add(path, "names seat " + to_string(number) + " twice");
  }
}

void check_numbers(findings& out, const std::string& path,
                   const seat_row& row) {
  if (row.seats < 1 || row.seats > limits::seats_per_row)
    out.add(path + ".seats",
            "is not within 1 and " + to_string(limits::seats_per_row));
  if (row.step == 0)
    out.add(path + ".step", "is 0, so that numbers would repeat");
  if (row.first < 1 || row.first > limits::highest_number
      || last_number(row) < 1 || last_number(row) > limits::highest_number)
    out.add(path + ".first", "the numbers of the row are not within 1 and "
                               + to_string(limits::highest_number));
  if (row.shift < -limits::widest_shift || row.shift > limits::widest_shift)
    out.add(path + ".shift", "moves the row by more than "
                               + to_string(limits::widest_shift)
                               + " half seats");
}

void check_row(findings& out, const std::string& path, const seat_row& row) {
  check_text(out, path + ".label", row.label, limits::label_length);
  if (row.label.find('-') != std::string::npos)
    out.add(path + ".label", "has a dash, which separates row and number");
  check_numbers(out, path, row);
  check_listed(out, path + ".accessible", row, row.accessible);
  check_listed(out, path + ".aisle_after", row, row.aisle_after);
}

void check_rows(findings& out, const std::string& path, const section& part) {
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < part.rows.size(); ++i) {
    const auto row_path = item(path + ".rows", i);
    check_row(out, row_path, part.rows[i]);
    if (!labels.insert(part.rows[i].label).second)
      out.add(row_path + ".label", "is the label of an earlier row",
              errc::already_exists);
  }
}

void check_section(findings& out, const std::string& path,
                   const section& part) {
  check_text(out, path + ".name", part.name, limits::name_length);
  if (part.name == "." || part.name == "..") // no path can say that
    out.add(path + ".name", "is a dot or two");
  if (!part.rows.empty() && part.capacity != 0)
    out.add(path + ".capacity", "does not go together with rows");
  if (part.rows.empty()
      && (part.capacity < 1 || part.capacity > limits::capacity))
    out.add(path + ".capacity", "is not within 1 and "
                                  + to_string(limits::capacity)
                                  + ", and there are no rows");
  if (part.rating < -limits::highest_rating
      || part.rating > limits::highest_rating)
    out.add(path + ".rating",
            "is further from 0 than " + to_string(limits::highest_rating));
  check_rows(out, path, part);
}

using by_name = std::unordered_map<std::string_view, const section*>;

/// True if a seat of another section would have this name as its id.
bool names_a_seat(const by_name& named, std::string_view name) {
  const auto number = name.rfind('-');
  if (number == std::string_view::npos || number == 0)
    return false;
  const auto row = name.rfind('-', number - 1);
  if (row == std::string_view::npos)
    return false;
  const auto found = named.find(name.substr(0, row));
  return found != named.end()
         && seat_block::floor_plan{*found->second}.find(name.substr(row + 1));
}

void check_total(findings& out, const std::vector<section>& all) {
  std::uint64_t rows = 0, seats = 0;
  for (const auto& part : all) {
    rows += part.rows.size();
    for (const auto& row : part.rows)
      seats += row.seats;
  }
  if (rows > limits::rows)
    out.add("sections", "have more than " + to_string(limits::rows) + " rows");
  if (seats > limits::seats)
    out.add("sections",
            "have more than " + to_string(limits::seats) + " seats");
}

} // namespace

std::vector<problem> check(const std::vector<section>& all) {
  findings out;
  if (all.empty() || all.size() > limits::sections) {
    out.add("sections", "are not within 1 and " + to_string(limits::sections));
    return out.all;
  }
  by_name names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto path = item("sections", i);
    check_section(out, path, all[i]);
    if (!names.emplace(all[i].name, &all[i]).second)
      out.add(path + ".name", "is the name of an earlier section",
              errc::already_exists);
  }
  check_total(out, all);
  // Floor plans can be made only of what is right so far.
  for (std::size_t i = 0; out.all.empty() && i < all.size(); ++i)
    if (all[i].rows.empty() && names_a_seat(names, all[i].name))
      out.add(item("sections", i) + ".name",
              "is the id of a seat in another section", errc::already_exists);
  return out.all;
}

} // namespace usher::layout

#include "node/api/layout_form.hpp"

#include "actors/layout/check.hpp"

namespace usher::api {

namespace {

struct row_form {
  std::string label;
  std::uint32_t seats = 0;
  std::optional<std::int32_t> first;
  std::optional<std::int32_t> step;
  std::optional<std::vector<std::int32_t>> accessible;
  std::optional<std::vector<std::int32_t>> aisle_after;
  std::optional<std::int32_t> shift;
};

BOOST_DESCRIBE_STRUCT(row_form, (),
                      (label, seats, first, step, accessible, aisle_after,
                       shift))

struct section_form {
  std::string name;
  std::optional<std::vector<row_form>> rows;
  std::optional<std::uint32_t> seats_per_row;
  std::optional<std::uint32_t> capacity;
  std::optional<std::int32_t> rating;
  std::optional<std::uint32_t> equal_rows;
};

BOOST_DESCRIBE_STRUCT(section_form, (),
                      (name, rows, seats_per_row, capacity, rating, equal_rows))

struct whole_form {
  std::string name;
  std::vector<section_form> sections;
};

BOOST_DESCRIBE_STRUCT(whole_form, (), (name, sections))

/// Of one section, listed or equal.
constexpr std::uint32_t most_rows = 2'000;

seat_row row_of(row_form form) {
  return {std::move(form.label),
          form.seats,
          form.first.value_or(1),
          form.step.value_or(1),
          form.accessible.value_or(std::vector<std::int32_t>{}),
          form.aisle_after.value_or(std::vector<std::int32_t>{}),
          form.shift.value_or(0)};
}

section section_of(section_form form) {
  section out;
  out.name = std::move(form.name);
  out.capacity = form.capacity.value_or(0);
  out.rating = form.rating.value_or(0);
  if (form.rows)
    for (auto& row : *form.rows)
      out.rows.push_back(row_of(std::move(row)));
  for (std::uint32_t i = 1; i <= form.equal_rows.value_or(0); ++i)
    out.rows.push_back(
      {std::to_string(i), form.seats_per_row.value_or(0), 1, 1, {}, {}, 0});
  return out;
}

constexpr std::string_view of_nobody = " (unknown)";

/// `"rows": 30` becomes `"equal_rows": 30`: a form has one type for a member.
/// Nobody else may say that.
void spell_out(boost::json::object& section) {
  if (section.erase("equal_rows") > 0)
    section["equal_rows" + std::string{of_nobody}] = nullptr;
  const auto* rows = section.if_contains("rows");
  if (!rows || !rows->is_number())
    return;
  auto number = *rows; // a new member may move those that are there
  section["equal_rows"] = std::move(number);
  section.erase("rows");
}

std::string spell_out(std::string_view body) {
  auto document = json::parse(body);
  auto* sections = document.if_object();
  auto* list = sections ? sections->if_contains("sections") : nullptr;
  if (list && list->is_array())
    for (auto& one : list->get_array())
      if (auto* object = one.if_object())
        spell_out(*object);
  return boost::json::serialize(document);
}

/// Names fields as they were sent.
http::form_refusal as_sent(http::form_refusal why) {
  constexpr std::string_view ours = ".equal_rows";
  for (auto& error : why.fields)
    if (error.field.ends_with(of_nobody))
      error.field.resize(error.field.size() - of_nobody.size());
    else if (error.field.ends_with(ours))
      error.field.replace(error.field.size() - ours.size(), ours.size(),
                          ".rows");
  return why;
}

std::string section_at(std::size_t i) {
  return "sections[" + std::to_string(i) + ']';
}

http::form_refusal refusal(errc why, std::string field, std::string message) {
  return {why, {{std::move(field), why, std::move(message)}}};
}

/// A few bytes can ask for millions of rows, so what no layout may have is
/// refused before any is made, in the words of the check that comes later.
std::optional<http::form_refusal> too_much(const whole_form& form) {
  namespace limits = layout::limits;
  if (form.sections.size() > limits::sections)
    return refusal(errc::invalid_value, "sections",
                   "are not within 1 and " + std::to_string(limits::sections));
  std::size_t rows = 0;
  for (std::size_t i = 0; i < form.sections.size(); ++i) {
    const auto& one = form.sections[i];
    const auto equal = one.equal_rows.value_or(0);
    if (equal > most_rows)
      return refusal(errc::invalid_value, section_at(i) + ".rows",
                     "are more than " + std::to_string(most_rows));
    rows += equal + (one.rows ? one.rows->size() : 0);
  }
  if (rows > limits::rows)
    return refusal(errc::invalid_value, "sections",
                   "have more than " + std::to_string(limits::rows) + " rows");
  return std::nullopt;
}

} // namespace

http::form<layout_form> read_layout(std::string_view body) {
  if (!http::scratch_document().parse(body)) // strict first
    return http::form_refusal{};
  constexpr http::form_limits limits{most_rows, 4'096};
  auto read = http::read_form<whole_form>(spell_out(body), limits);
  if (!read)
    return as_sent(read.error());
  if (auto why = too_much(*read))
    return std::move(*why);
  layout_form out;
  out.name = std::move(read->name);
  for (std::size_t i = 0; i < read->sections.size(); ++i) {
    auto& one = read->sections[i];
    if (one.equal_rows.has_value() != one.seats_per_row.has_value())
      return refusal(
        errc::missing_field,
        section_at(i) + (one.equal_rows ? ".seats_per_row" : ".rows"),
        "A number of rows needs seats_per_row, and the other way round.");
    out.sections.push_back(section_of(std::move(one)));
  }
  return out;
}

} // namespace usher::api

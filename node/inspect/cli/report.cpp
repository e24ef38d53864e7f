#include "node/inspect/cli/report.hpp"

#include "node/inspect/printable.hpp"

#include <algorithm>

namespace usher::inspect {

namespace {

constexpr int schema = 2;

/// Characters, not bytes: good enough for a column.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

void put_lines(const boost::json::value& what, std::size_t depth,
               std::string& out) {
  const std::string indent(2 * depth + 2, ' ');
  const std::string back(2 * depth, ' ');
  const char* between = "";
  if (const auto* object = what.if_object(); object && !object->empty()) {
    out += '{';
    for (const auto& member : *object) {
      out += between;
      out += '\n' + indent + boost::json::serialize(member.key()) + ": ";
      put_lines(member.value(), depth + 1, out);
      between = ",";
    }
    out += '\n' + back + '}';
  } else if (const auto* list = what.if_array();
             list && std::ranges::any_of(*list, [](const auto& x) {
               return x.is_structured();
             })) {
    out += '[';
    for (const auto& one : *list) {
      out += between;
      out += '\n' + indent;
      put_lines(one, depth + 1, out);
      between = ",";
    }
    out += '\n' + back + ']';
  } else {
    out += boost::json::serialize(what);
  }
}

} // namespace

outcome outcome_of(const report& what) {
  if (!what.missing.empty())
    return outcome::partial;
  return what.findings.empty() ? outcome::ok : outcome::findings;
}

std::string as_json(std::string_view command, timestamp at,
                    const report& what) {
  boost::json::array missing;
  for (const auto& one : what.missing)
    missing.push_back(boost::json::object{{"who", one.who}, {"why", one.why}});
  boost::json::array findings;
  for (const auto& one : what.findings)
    findings.push_back(boost::json::string(one));
  boost::json::object out{{"command", command},
                          {"schema", schema},
                          {"at", to_rfc3339(at)},
                          {"complete", what.missing.empty()},
                          {"missing", std::move(missing)},
                          {"cut", what.is_cut},
                          {"findings", std::move(findings)}};
  for (const auto& member : what.body)
    out[member.key()] = member.value();
  return boost::json::serialize(all_printable(out));
}

std::string as_text(const report& what) {
  auto out = what.text;
  if (what.is_cut)
    out += "(there is more: see " + what.more + ")\n";
  for (const auto& one : what.findings)
    out += "finding: " + printable(one) + '\n';
  for (const auto& one : what.missing)
    out +=
      "no answer from " + printable(one.who) + ": " + printable(one.why) + '\n';
  return out;
}

table::table(std::vector<std::string> heads) {
  for (const auto& head : heads)
    columns_.push_back({width_of(head), true});
  rows_.push_back(std::move(heads));
}

void table::add(const std::vector<boost::json::value>& cells) {
  auto& row = rows_.emplace_back();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto& cell = i < cells.size() ? cells[i] : boost::json::value{};
    row.push_back(as_cell(cell));
    columns_[i].width = std::max(columns_[i].width, width_of(row.back()));
    columns_[i].is_number &= cell.is_number() || cell.is_null();
  }
}

std::string table::text() const {
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(columns_[i].width - width_of(row[i]), ' ');
      line += i == 0 ? "" : "  ";
      line += columns_[i].is_number ? pad + row[i] : row[i] + pad;
    }
    while (line.ends_with(' '))
      line.pop_back();
    out += line + '\n';
  }
  return out;
}

std::string counted(std::size_t n, std::string_view one,
                    std::string_view many) {
  return std::to_string(n) + ' ' + std::string{n == 1 ? one : many};
}

std::string as_cell(const boost::json::value& what) {
  if (what.is_null())
    return "-";
  if (const auto* text = what.if_string())
    return printable(std::string_view{text->data(), text->size()});
  if (const auto* x = what.if_double()) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.1f", *x);
    return digits;
  }
  if (const auto* list = what.if_array()) {
    std::string out;
    for (const auto& one : *list)
      out += (out.empty() ? "" : ", ") + as_cell(one);
    return out.empty() ? "-" : out;
  }
  return printable(boost::json::serialize(what));
}

std::string as_lines(const boost::json::value& what) {
  std::string out;
  put_lines(all_printable(what), 0, out);
  return out + '\n';
}

boost::json::value moment(std::optional<timestamp> when) {
  if (!when)
    return nullptr;
  return boost::json::string(to_rfc3339(*when));
}

} // namespace usher::inspect

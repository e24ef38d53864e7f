#include "node/inspect/cli/replay.hpp"

#include "actors/entity/life.hpp"
#include "node/inspect/shapes.hpp"

namespace usher::inspect {

namespace {

/// A life takes a gap for a bug and ends the process; here it is a finding.
void check_versions(const std::optional<snapshot>& base,
                    const std::vector<journal_entry>& rows) {
  auto expected = base ? base->now : 0;
  for (const auto& row : rows)
    if (row.now != ++expected)
      throw broken_journal("version " + std::to_string(expected)
                           + " is missing: " + std::to_string(row.now)
                           + " comes instead");
}

history past_of(const entity_id& who, const std::optional<snapshot>& base,
                const std::vector<journal_entry>& rows) {
  history out{who, base, {}, {}, {}};
  out.tail.reserve(rows.size());
  for (const auto& row : rows) {
    auto& one = out.tail.emplace_back();
    one.entity = who;
    one.now = row.now;
    one.at = row.at;
    one.facts = row.facts;
    if (row.request)
      one.request = json::get<remembered>(std::string_view{*row.request});
  }
  return out;
}

void compare(const std::string& path, const boost::json::value& a,
             const boost::json::value& b, std::vector<change>& out);

void compare(const std::string& path, const boost::json::object& a,
             const boost::json::object& b, std::vector<change>& out) {
  const auto place = [&](std::string_view name) {
    return (path.empty() ? path : path + '.') + std::string{name};
  };
  for (const auto& member : a)
    if (const auto* other = b.if_contains(member.key()))
      compare(place({member.key().data(), member.key().size()}), member.value(),
              *other, out);
    else
      out.push_back({place({member.key().data(), member.key().size()}),
                     member.value(), std::nullopt});
  for (const auto& member : b)
    if (!a.contains(member.key()))
      out.push_back({place({member.key().data(), member.key().size()}),
                     std::nullopt, member.value()});
}

void compare(const std::string& path, const boost::json::array& a,
             const boost::json::array& b, std::vector<change>& out) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const auto place = path + '[' + std::to_string(i) + ']';
    if (i >= b.size())
      out.push_back({place, a[i], std::nullopt});
    else if (i >= a.size())
      out.push_back({place, std::nullopt, b[i]});
    else
      compare(place, a[i], b[i], out);
  }
}

void compare(const std::string& path, const boost::json::value& a,
             const boost::json::value& b, std::vector<change>& out) {
  if (a.is_object() && b.is_object())
    compare(path, a.get_object(), b.get_object(), out);
  else if (a.is_array() && b.is_array())
    compare(path, a.get_array(), b.get_array(), out);
  else if (a != b)
    out.push_back({path, a, b});
}

} // namespace

replayed replay(const entity_id& who, const std::optional<snapshot>& base,
                const std::vector<journal_entry>& rows) {
  check_versions(base, rows);
  replayed out;
  try {
    const auto life = conceive(who);
    if (life == nullptr)
      throw broken_journal("a kind that this version does not know");
    life->remember(past_of(who, base, rows));
    const auto fold = life->fold();
    auto shown = show_fold(who.kind, fold.state);
    if (!shown.is_object())
      throw broken_journal("the folded state cannot be read");
    out.now = fold.now;
    out.state = std::move(shown.at("state"));
    out.answers = std::move(shown.at("answers"));
  } catch (const broken_journal&) {
    throw;
  } catch (const std::exception& why) {
    throw broken_journal(std::string{"a row cannot be folded: "} + why.what());
  }
  if (!rows.empty())
    out.at = rows.back().at;
  return out;
}

std::vector<change> difference(const boost::json::value& a,
                               const boost::json::value& b) {
  std::vector<change> out;
  compare("", a, b, out);
  return out;
}

} // namespace usher::inspect

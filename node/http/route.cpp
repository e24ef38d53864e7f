#include "node/http/route.hpp"

#include "node/http/field_rules.hpp"
#include "node/http/text.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>

namespace usher::http {

namespace {

/// Takes `/segment` off the front of a path and returns the segment.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::size_t index_of(method m) {
  return static_cast<std::size_t>(m);
}

form_refusal refuse(std::string_view name, errc code) {
  // A name is echoed into JSON: only if it is certain to be text.
  auto field = percent_decode(name, plus::space);
  if (!field || field->size() > 64)
    field = "?";
  return {code, {{std::move(*field), code, ""}}};
}

} // namespace

std::optional<std::string> route_match::decoded(std::size_t parameter) const {
  return percent_decode(parameters.at(parameter), plus::literal);
}

route_table::route_table(std::vector<route> routes)
  : routes_(std::move(routes)), nodes_(1) {
  ensure(routes_.size() < none);
  for (std::size_t i = 0; i < routes_.size(); ++i)
    add(static_cast<std::uint16_t>(i));
}

void route_table::add(std::uint16_t index) {
  const auto& added = routes_[index];
  auto rest = added.pattern;
  ensure(rest.starts_with('/'));
  std::uint16_t at = 0;
  std::size_t parameters = 0;
  while (!rest.empty()) {
    const auto segment = take_segment(rest);
    parameters += is_parameter(segment) ? 1 : 0;
    at = child(at, segment);
  }
  auto& slot = nodes_[at].by_method[index_of(added.verb)];
  ensure(slot == none && parameters <= route_match{}.parameters.size());
  slot = index;
}

std::uint16_t route_table::child(std::uint16_t parent,
                                 std::string_view segment) {
  const auto fresh = static_cast<std::uint16_t>(nodes_.size());
  ensure(nodes_.size() < none);
  if (is_parameter(segment)) {
    if (nodes_[parent].parameter != none)
      return nodes_[parent].parameter;
    nodes_[parent].parameter = fresh;
  } else {
    ensure(segment.find_first_of("{}%") == std::string_view::npos);
    for (const auto& [text, to] : nodes_[parent].texts)
      if (text == segment)
        return to;
    nodes_[parent].texts.emplace_back(segment, fresh);
  }
  nodes_.emplace_back();
  return fresh;
}

bool route_table::is_end(const node& n) {
  return std::any_of(n.by_method.begin(), n.by_method.end(),
                     [](std::uint16_t route) { return route != none; });
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the table, whatever the path
std::uint16_t route_table::walk(std::uint16_t from, std::string_view rest,
                                std::size_t depth, route_match& out) const {
  const auto& here = nodes_[from];
  if (rest.empty())
    return is_end(here) ? from : none;
  const auto segment = take_segment(rest);
  for (const auto& [text, to] : here.texts)
    if (text == segment)
      if (const auto end = walk(to, rest, depth, out); end != none)
        return end;
  if (here.parameter == none || segment.empty())
    return none;
  out.parameters[depth] = segment;
  return walk(here.parameter, rest, depth + 1, out);
}

route_outcome route_table::find(method verb, std::string_view path) const {
  route_match out;
  const auto end = path.starts_with('/') ? walk(0, path, 0, out) : none;
  if (end == none)
    return no_route{};
  const auto& routes = nodes_[end].by_method;
  auto found = routes[index_of(verb)];
  if (found == none && verb == method::head)
    found = routes[index_of(method::get)];
  if (found != none) {
    out.to = &routes_[found];
    return out;
  }
  wrong_method wrong;
  for (std::size_t m = 0; m < routes.size(); ++m) {
    const bool implied = static_cast<method>(m) == method::head
                         && routes[index_of(method::get)] != none;
    if (routes[m] == none && !implied)
      continue;
    wrong.allow += wrong.allow.empty() ? "" : ", ";
    wrong.allow += to_string(static_cast<method>(m));
  }
  return wrong;
}

form<query> query::parse(std::string_view raw,
                         std::span<const std::string_view> allowed) {
  query out;
  while (!raw.empty()) {
    const auto end = std::min(raw.find('&'), raw.size());
    const auto pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty())
      continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = pair.substr(0, equals);
    const auto known = std::find(allowed.begin(), allowed.end(), name);
    if (known == allowed.end())
      return refuse(name, errc::unknown_field);
    auto text = percent_decode(pair.substr(std::min(equals + 1, pair.size())),
                               plus::space);
    if (!text || out.text(name))
      return refuse(name, errc::bad_request);
    out.given_.emplace_back(*known, std::move(*text));
  }
  return out;
}

std::optional<std::string_view> query::text(std::string_view name) const {
  for (const auto& [known, value] : given_)
    if (known == name)
      return value;
  return std::nullopt;
}

form<std::uint64_t> query::number(std::string_view name, std::uint64_t low,
                                  std::uint64_t high,
                                  std::uint64_t otherwise) const {
  const auto given = text(name);
  if (!given)
    return otherwise;
  const auto value = parse_length(*given);
  if (!value || *value < low || *value > high)
    return refuse(name, errc::invalid_value);
  return *value;
}

} // namespace usher::http

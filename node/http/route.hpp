#pragma once

#include "node/http/form.hpp"
#include "node/http/request_head.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace usher::http {

/// One line of the route table. The pattern's segments are text or `{name}`,
/// which takes any one segment that is not empty.
struct route {
  method verb = method::get;
  std::string_view pattern; ///< outlives the table: "/v1/events/{id}/seats"
  std::size_t handler = 0;  ///< whatever the caller indexes by
};

/// A route that fits, and the segments its parameters took.
struct route_match {
  const route* to = nullptr;
  std::array<std::string_view, 4> parameters; ///< as sent, still escaped

  /// Parameter by position, decoded; nothing if it is not UTF-8 or has control
  /// characters, which is answered 404 like any unknown name.
  std::optional<std::string> decoded(std::size_t parameter) const;
};

/// No route has this path: 404.
struct no_route {};

/// Routes have this path, but not with this method: 405.
struct wrong_method {
  std::string allow; ///< for Allow: "GET, HEAD, POST"
};

using route_outcome = std::variant<route_match, no_route, wrong_method>;

/// Finds routes segment by segment in a tree: the time grows with the path,
/// not with the table. Text goes before parameters, and a path that gets
/// stuck behind text is tried with a parameter instead. HEAD finds GET where
/// it has no route of its own. A slash at the end makes another path.
class route_table {
public:
  /// A pattern that is malformed, has more than four parameters or says the
  /// same as another with the same method is a bug of the table.
  explicit route_table(std::vector<route> routes);

  /// Finds a path as `parse_head` returns it.
  route_outcome find(method, std::string_view path) const;

  /// All routes, for whoever walks them: tests, documentation, metrics.
  const std::vector<route>& all() const { return routes_; }

private:
  static constexpr std::uint16_t none = 0xffff;

  struct node {
    std::vector<std::pair<std::string_view, std::uint16_t>> texts;
    std::uint16_t parameter = none; // the child that takes anything
    std::array<std::uint16_t, 7> by_method{none, none, none, none,
                                           none, none, none};
  };

  void add(std::uint16_t index);
  std::uint16_t child(std::uint16_t parent, std::string_view segment);
  std::uint16_t walk(std::uint16_t from, std::string_view rest,
                     std::size_t depth, route_match& out) const;
  static bool is_end(const node&);

  std::vector<route> routes_;
  std::vector<node> nodes_;
};

/// The parameters of a query, decoded.
class query {
public:
  /// Refuses parameters that are not in `allowed` (unknown_field), that come
  /// twice or are not decent text (bad_request).
  static form<query> parse(std::string_view raw,
                           std::span<const std::string_view> allowed);

  /// The text of a parameter, if it was given.
  std::optional<std::string_view> text(std::string_view name) const;

  /// A whole number from `low` to `high`, or `otherwise` if it was not given.
  /// Refuses with invalid_value.
  form<std::uint64_t> number(std::string_view name, std::uint64_t low,
                             std::uint64_t high, std::uint64_t otherwise) const;

private:
  std::vector<std::pair<std::string_view, std::string>> given_;
};

} // namespace usher::http

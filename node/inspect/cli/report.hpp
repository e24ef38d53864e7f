#pragma once

#include "node/inspect/printable.hpp"
#include "protocol/time.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <vector>

/// What every command hands back, and how it is printed. Pure.
namespace usher::inspect {

/// The exit codes of all commands.
enum class outcome : std::uint8_t {
  ok = 0,
  findings = 1, ///< there is something to look at
  usage = 2,
  partial = 3, ///< somebody did not answer
  internal = 4,
};

/// Somebody who should have answered, and did not.
struct silence {
  std::string who;
  std::string why;
};

struct report {
  boost::json::object body; ///< the members of this command
  std::vector<std::string> findings;
  std::vector<silence> missing;
  bool is_cut = false;          ///< there is more than was shown
  std::string more = "--limit"; ///< the option that shows it
  std::string text;             ///< the body for people, with line ends
};

/// Missing answers weigh more than findings.
outcome outcome_of(const report&);

/// {"command":..,"schema":2,"at":..,"complete":..,"missing":[..],"cut":..,
/// "findings":[..],<body>}: what `-o json` prints.
std::string as_json(std::string_view command, timestamp at, const report&);

/// The text, then a line for each finding and for each who did not answer.
std::string as_text(const report&);

/// Columns of text. The last one is not padded.
class table {
public:
  explicit table(std::vector<std::string> heads);

  /// One row; nothing is shown as `-`.
  void add(const std::vector<boost::json::value>& cells);

  std::string text() const;

private:
  struct column {
    std::size_t width = 0;
    bool is_number = true;
  };

  std::vector<column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// `1 entity is`, `2 entities are`.
std::string counted(std::size_t n, std::string_view one, std::string_view many);

/// A value in one line, for a table; null is `-`.
std::string as_cell(const boost::json::value&);

/// A document over several lines.
std::string as_lines(const boost::json::value&);

/// null, or the moment as RFC 3339.
boost::json::value moment(std::optional<timestamp>);

} // namespace usher::inspect

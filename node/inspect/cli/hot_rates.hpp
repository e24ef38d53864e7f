#pragma once

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace usher::inspect {

/// Turns what nodes have counted into what was heard between two looks. A
/// count is believed without what it may have inherited from others, so a rate
/// is never too high; whoever is new, or was forgotten and counted anew, begins
/// at nothing. Pure.
class hot_rates {
public:
  using clock = std::chrono::steady_clock;

  /// Takes rows of {`entity`, `node`, `deliveries`, `error`} of the nodes that
  /// `told`, and returns those that heard something since the last look, with
  /// the `deliveries` since, and `per_second`; who hears most comes first. Of a
  /// node that did not tell at the last look nothing is said.
  boost::json::array take(boost::json::array counted,
                          std::set<std::string> told, clock::time_point now);

private:
  std::map<std::string, std::int64_t> before_;
  std::set<std::string> told_before_;
  clock::time_point last_{};
};

/// Adds up what several looks returned, over so much time.
class sum_of_rates {
public:
  void add(const boost::json::array& rows);

  boost::json::array over(std::chrono::duration<double>) const;

private:
  std::map<std::string, boost::json::object> all_;
};

} // namespace usher::inspect

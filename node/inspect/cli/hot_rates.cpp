#include "node/inspect/cli/hot_rates.hpp"

#include "node/inspect/cli/report.hpp"

#include <algorithm>

namespace usher::inspect {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

std::int64_t number_in(const object& row, const char* name) {
  const auto* found = row.if_contains(name);
  return found && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

std::string name_of(object& row) {
  return as_cell(row["node"]) + ' ' + as_cell(row["entity"]);
}

void show_rate(object& row, std::chrono::duration<double> time) {
  row["per_second"] = static_cast<double>(number_in(row, "deliveries"))
                      / std::max(time.count(), 0.001);
}

void sort_by_rate(array& rows) {
  std::ranges::stable_sort(rows, std::ranges::greater{}, [](const value& row) {
    return row.at("per_second").as_double();
  });
}

} // namespace

boost::json::array hot_rates::take(boost::json::array counted,
                                   std::set<std::string> told,
                                   clock::time_point now) {
  const std::chrono::duration<double> time = now - last_;
  std::map<std::string, std::int64_t> after;
  array out;
  for (auto& row : counted) {
    auto& one = row.as_object();
    const auto name = name_of(one);
    const auto sure = number_in(one, "deliveries") - number_in(one, "error");
    after[name] = sure;
    const auto known = before_.find(name);
    const auto begun =
      known != before_.end() && known->second <= sure ? known->second : 0;
    one["deliveries"] = sure - begun;
    show_rate(one, time);
    if (sure > begun && told_before_.contains(as_cell(one["node"])))
      out.push_back(std::move(row));
  }
  before_ = std::move(after);
  told_before_ = std::move(told);
  last_ = now;
  sort_by_rate(out);
  return out;
}

void sum_of_rates::add(const boost::json::array& rows) {
  for (const auto& row : rows) {
    auto one = row.as_object();
    auto [found, is_new] = all_.try_emplace(name_of(one), one);
    if (is_new)
      continue;
    auto& sum = found->second;
    sum["deliveries"] =
      number_in(sum, "deliveries") + number_in(one, "deliveries");
    sum["error"] = std::max(number_in(sum, "error"), number_in(one, "error"));
  }
}

boost::json::array
sum_of_rates::over(std::chrono::duration<double> time) const {
  array out;
  for (const auto& [name, row] : all_) {
    auto one = row;
    show_rate(one, time);
    out.push_back(std::move(one));
  }
  sort_by_rate(out);
  return out;
}

} // namespace usher::inspect

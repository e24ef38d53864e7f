#include "node/inspect/cli/inspector.hpp"

#include <thread>

namespace usher::inspect {

namespace {

constexpr std::chrono::milliseconds between_looks{200};

} // namespace

/// Reads what became durable since it was last called; an entity's own by its
/// versions, a kind's by what PostgreSQL committed meanwhile.
std::function<std::vector<journal_entry>(std::size_t most)>
inspector::news_of(const std::string& what) {
  auto& from = database();
  if (const auto kind = kind_named(what))
    return [&from, kind = *kind, at = from.end()](std::size_t most) mutable {
      auto next = at; // if it fails in between, nothing is missed
      auto rows = from.rows_beyond(next, kind, most);
      from.name_traces(rows);
      at = std::move(next);
      return rows;
    };
  const auto who = find(what);
  auto& own = database(); // of the cell in which it was found
  auto last = own.keeping_of(who).last.value_or(0);
  return [&own, who, last](std::size_t most) mutable {
    auto rows = own.rows_of(who, last, end_of_time, most);
    own.name_traces(rows);
    if (!rows.empty())
      last = rows.back().now;
    return rows;
  };
}

/// Nothing is missed, whoever owns the shard. An outage of PostgreSQL is waited
/// for; one that lasts to the end has hidden what came in it.
report
inspector::follow(const std::string& what, std::size_t most, duration time,
                  const std::function<void(const boost::json::object&)>& each) {
  report out;
  const auto until = steady::now() + time;
  const auto news = news_of(what);
  std::size_t shown = 0;
  std::string silence;
  while (shown < most && steady::now() < until) {
    try {
      for (const auto& row : news(most - shown)) {
        each(show_row(row, wishes_.limit, out.is_cut));
        ++shown;
      }
      silence.clear();
    } catch (const persistence::unavailable& why) {
      silence = why.what();
    }
    if (shown < most)
      std::this_thread::sleep_for(between_looks);
  }
  out.body = {{"followed", what}, {"shown", shown}};
  if (shown >= most) {
    out.is_cut = true;
    out.more = "--max";
  }
  if (!silence.empty())
    note_silent(cell_, silence, out);
  return out;
}

} // namespace usher::inspect

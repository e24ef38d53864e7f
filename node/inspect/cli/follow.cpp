#include "node/inspect/cli/inspector.hpp"

#include <algorithm>
#include <thread>

namespace usher::inspect {

namespace {

constexpr std::chrono::milliseconds between_looks{200};
constexpr std::size_t most_at_once = 500; ///< rows of a shard in one look

} // namespace

std::vector<std::pair<shard_no, std::uint64_t>>
inspector::heads_of(const std::optional<entity_id>& who) {
  std::vector<std::pair<shard_no, std::uint64_t>> out;
  for (const auto& one : database().shards())
    if (!who || one.shard == shard_of(*who))
      out.emplace_back(one.shard, one.lsn);
  return out;
}

/// By position in each shard's journal, which has no gaps: nothing is missed,
/// whoever owns the shard. An outage of PostgreSQL is waited for.
report
inspector::follow(const std::string& what, std::size_t most, duration time,
                  const std::function<void(const boost::json::object&)>& each) {
  report out;
  const auto kind = kind_named(what);
  const auto who = kind ? std::nullopt : std::optional{find(what)};
  const auto until = steady::now() + time;
  auto heads = heads_of(who);
  std::size_t shown = 0;
  while (shown < most && steady::now() < until) {
    try {
      const auto rows = database().rows_after(heads, most_at_once);
      for (const auto& row : rows) {
        auto& head = *std::ranges::find(
          heads, row.shard, &std::pair<shard_no, std::uint64_t>::first);
        head.second = std::max(head.second, row.lsn);
        if (shown >= most || (kind && row.entity.kind != *kind)
            || (who && row.entity != *who))
          continue;
        each(show_row(row));
        ++shown;
      }
      if (rows.size() < most_at_once)
        std::this_thread::sleep_for(between_looks);
    } catch (const persistence::unavailable&) {
      std::this_thread::sleep_for(between_looks);
    }
  }
  out.body = {{"followed", what}, {"shown", shown}};
  out.is_cut = shown >= most;
  return out;
}

} // namespace usher::inspect

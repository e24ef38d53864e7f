#include "node/inspect/cli/inspector.hpp"
#include "node/inspect/shortened.hpp"
#include "protocol/trace.hpp"

/// What is in the journal: of one entity, and under one trace.
namespace usher::inspect {

namespace {

/// As people read it: the first line names the row, the rest its facts.
std::string text_of(const journal_entry& row, const boost::json::value& facts) {
  auto out = std::to_string(row.now) + "  " + to_rfc3339(row.at) + "  shard "
             + std::to_string(row.shard) + " lsn " + std::to_string(row.lsn)
             + " epoch " + std::to_string(row.epoch);
  if (row.trace)
    out += " trace " + trace_digits(*row.trace);
  out += '\n';
  if (const auto* all = facts.if_array())
    for (const auto& one : *all)
      out +=
        "    " + as_cell(one.at("fact")) + " " + as_cell(one.at("body")) + '\n';
  return out;
}

/// A layout's one fact may be all its seats, and one entry have many facts.
boost::json::value few(boost::json::value facts, std::size_t limit,
                       bool& is_cut) {
  auto* all = facts.if_array();
  if (all == nullptr)
    return facts;
  if (all->size() > limit) {
    all->resize(limit);
    is_cut = true;
  }
  for (auto& one : *all) {
    auto& body = one.as_object()["body"];
    body = shortened(body, limit, is_cut);
  }
  return facts;
}

/// Adds a row to the list, and to the text behind `head`.
void show(const journal_entry& row, const std::string& head, std::size_t limit,
          boost::json::array& list, report& out) {
  auto shown = show_row(row, limit, out.is_cut);
  if (shown["facts"].is_null())
    out.findings.push_back(head + "version " + std::to_string(row.now)
                           + " cannot be read");
  out.text += head + text_of(row, shown["facts"]);
  list.push_back(std::move(shown));
}

} // namespace

boost::json::object show_row(const journal_entry& row, std::size_t limit,
                             bool& is_cut) {
  boost::json::value request;
  if (row.request) {
    const auto kept = json::get<remembered>(std::string_view{*row.request});
    request = boost::json::object{{"request", to_string(kept.request)},
                                  {"status", kept.status}};
  }
  return {{"entity", to_string(row.entity)},
          {"version", row.now},
          {"shard", row.shard},
          {"lsn", row.lsn},
          {"epoch", row.epoch},
          {"at", to_rfc3339(row.at)},
          {"facts", few(show_facts(row.facts), limit, is_cut)},
          {"request", std::move(request)},
          {"trace", row.trace ? boost::json::value(trace_digits(*row.trace))
                              : boost::json::value(nullptr)}};
}

report inspector::journal(const std::string& name, version from) {
  report out;
  const auto who = find(name);
  auto rows = database().rows_of(who, from > 0 ? from - 1 : 0, end_of_time,
                                 wishes_.limit, from == 0);
  database().name_traces(rows);
  const auto last = database().keeping_of(who).last.value_or(0);
  boost::json::array list;
  for (const auto& row : rows)
    show(row, "", wishes_.limit, list, out);
  if (last == 0)
    out.findings.emplace_back("nothing is stored of it");
  out.is_cut |=
    !rows.empty()
    && (rows.back().now < last || (from == 0 && rows.front().now > 1));
  out.body = {
    {"entity", to_string(who)}, {"version", last}, {"rows", std::move(list)}};
  return out;
}

report inspector::trace(const std::string& digits) {
  const auto id = parse_trace_id(digits);
  if (!id)
    throw bad_usage(digits + ": a trace has 32 digits, as in X-Trace-Id");
  report out;
  boost::json::array list;
  if (databases_.empty())
    database(); // no node can tell it
  const bool is_whole = with_each_database([&](stored& it) {
    auto rows = it.rows_under(*id, wishes_.limit + 1);
    if (rows.size() > wishes_.limit) {
      out.is_cut = true;
      rows.pop_back();
    }
    for (const auto& row : rows)
      show(row, to_string(row.entity) + "  ", wishes_.limit, list, out);
  });
  if (list.empty() && is_whole)
    out.findings.emplace_back("it brought about nothing, or nobody asked to "
                              "keep what it did: see the logs");
  out.body = {{"trace", trace_digits(*id)}, {"rows", std::move(list)}};
  note({}, false, out);
  return out;
}

} // namespace usher::inspect

#include "docs.html.hpp"
#include "node/api/handlers.hpp"
#include "openapi.json.hpp"

namespace usher::api {

awaitable<reply> show_health(exchange&) {
  co_return reply{200, "{\"status\":\"alive\"}"};
}

awaitable<reply> show_readiness(exchange& x) {
  const auto& node = x.desk.node;
  if (!node.ready || node.draining || node.writer->stalled
      || !node.database_answers || !node.shards->is_complete())
    co_return problem_reply(x, errc::unavailable);
  co_return reply{200, "{\"status\":\"ready\"}"};
}

namespace {

metrics::readings read_off(services& node) {
  const auto& journal = *node.writer;
  const auto& lists = *node.lists_gauge;
  metrics::readings out;
  out.journal_rows = static_cast<double>(journal.rows);
  out.journal_batches = static_cast<double>(journal.batches);
  out.journal_seconds = static_cast<double>(journal.commit_micros) / 1e6;
  out.journal_waiting = static_cast<double>(journal.waiting());
  out.entities_resident = static_cast<double>(node.entities->residents());
  out.entities_quarantined =
    static_cast<double>(node.entities->quarantined().size());
  out.projection_lag_seconds =
    std::chrono::duration<double>(lists.lag(node.clock.now())).count();
  out.projection_waiting = static_cast<double>(lists.waiting);
  out.projection_shards_behind = static_cast<double>(lists.behind);
  out.live_watchers = static_cast<double>(node.live->watchers());
  out.queue_users = static_cast<double>(node.in_queues.count(node.clock.now()));
  out.seats_available = static_cast<double>(node.seats.sum(node.clock.now()));
  return out;
}

} // namespace

awaitable<reply> show_metrics(exchange& x) {
  x.desk.node.figures.take(read_off(x.desk.node));
  co_return reply{
    200, x.desk.node.figures.text(), {}, "text/plain; version=0.0.4"};
}

awaitable<reply> show_docs(exchange&) {
  co_return reply{200,
                  std::string{docs_html},
                  {},
                  "text/html; charset=utf-8",
                  "X-Frame-Options: DENY\r\n"};
}

awaitable<reply> show_contract(exchange&) {
  co_return reply{200, std::string{openapi_json}};
}

} // namespace usher::api

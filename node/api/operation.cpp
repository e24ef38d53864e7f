#include "docs.html.hpp"
#include "node/api/handlers.hpp"
#include "openapi.json.hpp"

namespace usher::api {

awaitable<reply> show_health(exchange&) {
  co_return reply{200, "{\"status\":\"alive\"}", {}, "application/json", {}};
}

awaitable<reply> show_readiness(exchange& x) {
  const auto& node = x.desk.node;
  if (!node.ready || node.draining || node.writer->stalled)
    co_return problem_reply(x, errc::unavailable);
  co_return reply{200, "{\"status\":\"ready\"}", {}, "application/json", {}};
}

awaitable<reply> show_metrics(exchange& x) {
  co_return reply{
    200, x.desk.node.figures.text(), {}, "text/plain; version=0.0.4", {}};
}

awaitable<reply> show_docs(exchange&) {
  co_return reply{200,
                  std::string{docs_html},
                  {},
                  "text/html; charset=utf-8",
                  "X-Frame-Options: DENY\r\n"};
}

awaitable<reply> show_contract(exchange&) {
  co_return reply{200, std::string{openapi_json}, {}, "application/json", {}};
}

} // namespace usher::api

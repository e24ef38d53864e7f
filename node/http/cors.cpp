#include "node/http/cors.hpp"

#include <algorithm>

namespace usher::http {

namespace {

constexpr std::string_view exposes =
  "\r\nAccess-Control-Expose-Headers: ETag, Location, Retry-After, "
  "Idempotency-Key, X-Trace-Id\r\n";

constexpr std::string_view takes_headers =
  "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, "
  "Idempotency-Key, If-None-Match, Accept-Language, X-Request-Id, traceparent"
  "\r\nAccess-Control-Max-Age: 600\r\n"
  "Vary: Access-Control-Request-Method, Access-Control-Request-Headers\r\n";

} // namespace

cors_policy::cors_policy(std::vector<std::string> origins)
  : origins_(std::move(origins)) {}

bool cors_policy::allows(std::string_view origin) const {
  return std::ranges::find(origins_, origin) != origins_.end();
}

std::string cors_policy::lines_for(std::string_view origin) const {
  if (origins_.empty())
    return {};
  std::string out = "Vary: Origin\r\n"; // caches must keep the two apart
  if (!allows(origin))
    return out;
  out += "Access-Control-Allow-Origin: ";
  out += origin;
  out += exposes;
  return out;
}

std::string cors_policy::preflight_lines(std::string_view origin,
                                         std::string_view methods) const {
  if (!allows(origin))
    return {};
  std::string out = "Access-Control-Allow-Methods: ";
  out += methods;
  out += takes_headers;
  return out;
}

} // namespace usher::http

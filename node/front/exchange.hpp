#pragma once

#include "node/http/problem.hpp"
#include "node/http/request_head.hpp"
#include "node/http/route.hpp"
#include "node/http/token.hpp"
#include "protocol/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace usher {
class front_desk;
} // namespace usher

/// One request and its answer, as handlers see them.
namespace usher::http {

/// What goes back.
struct reply {
  unsigned status = 200;
  std::string body = {};
  std::shared_ptr<const std::string> shared_body = {}; ///< instead of `body`
  std::string_view content_type = "application/json";
  std::string headers = {}; ///< further lines, each with its CRLF
};

/// What came in. The views live as long as the handler runs.
struct exchange {
  front_desk& desk;
  const request_head& head;
  std::string_view body;
  route_match route;
  std::string_view address;            ///< of the peer
  std::optional<access_claims> caller; ///< set on routes that need one
  trace by = {};                       ///< the caller's, or one of our own

  /// The account that asks. Only on routes that need one.
  account_id who() const { return caller->subject; }

  /// Asks an entity, under the trace of this request. With a key the request
  /// may be repeated; of a newborn nothing can be stored. What took long or
  /// failed is logged. What some member is too old to read again is
  /// unavailable.
  boost::asio::awaitable<answer> ask(entity_id to, any_command what,
                                     std::optional<request_key> key = {},
                                     bool newborn = false) const;

  bool is_admin() const { return caller && caller->as == role::admin; }
};

/// The id under which a problem of this code is found again. What the caller
/// gave; else a fault has our own, and a refusal none: it is in no log, and
/// must be the same byte for byte when it is given again.
std::string trace_id_of(const exchange&, errc code);

using handler = boost::asio::awaitable<reply> (*)(exchange&);

/// Logs the end of a request that took long or failed.
void note_end(const exchange&, std::string_view route, unsigned status,
              std::chrono::duration<double> took);

/// A problem in the language of the caller, and so without words of its own.
reply problem_reply(const exchange&, errc code, std::string_view extra = {},
                    std::span<const field_error> fields = {});

} // namespace usher::http

#pragma once

#include "config/settings.hpp"
#include "node/http/rate_limit.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace usher {

/// How much one client may have of this node, whichever io thread it comes to:
/// connections, requests, and tries at a password. Any thread.
class fair_share {
public:
  using clock = http::rate_limiter::clock;

  /// A request that is to be served.
  struct request {
    http::rate_key address = 0;
    std::optional<http::rate_key> user;
    bool hashes_a_password = false;
  };

  explicit fair_share(const config::settings&);

  /// Counts one more connection, or says false if there are too many: in all,
  /// or of this address (of IPv6, its network), unless it is a proxy's.
  bool let_in(const std::string& address, bool is_proxy);

  void let_out(const std::string& address);

  /// Nothing if the request is within all limits, or how long to wait.
  std::optional<clock::duration> take(const request&, clock::time_point now);

private:
  const config::http_limits limits_;
  std::mutex lock_;
  std::size_t connections_ = 0;
  std::unordered_map<http::rate_key, std::uint32_t> connected_;
  http::rate_limiter by_address_;
  http::rate_limiter by_user_;
  http::rate_limiter logins_;
};

} // namespace usher

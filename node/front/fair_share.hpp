#pragma once

#include "config/settings.hpp"
#include "node/http/rate_limit.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace usher {

/// How much one client may have of this node, whichever io thread it comes to:
/// connections, requests, and tries at a password; and how often all of them
/// together may ask about one event, or try one name. Any thread.
class fair_share {
public:
  using clock = http::rate_limiter::clock;

  /// A request that is to be served.
  struct request {
    http::rate_key address = 0;
    std::optional<http::rate_key> user;
    bool hashes_a_password = false;
    std::optional<http::rate_key> event = {}; ///< that it names
  };

  /// A try at the password of a name, and who answers for it.
  struct password_try {
    http::rate_key counts_for = 0;
    http::rate_key from_here = 0; ///< the name at this address
  };

  explicit fair_share(const config::settings&);

  /// Counts one more connection, or says false if there are too many: in all,
  /// or of this address (of IPv6, its network), unless it is a proxy's.
  bool let_in(const std::string& address, bool is_proxy);

  void let_out(const std::string& address);

  /// Sets bytes of memory aside for a body that is still to come, or says false
  /// if its address or its account has too many on their way already. All of
  /// what one of them sends slowly puts nobody else off: see `is_overloaded`.
  bool make_room(const request&, std::uint64_t bytes);

  void give_back(const request&, std::uint64_t bytes);

  /// Nothing if the request is within all limits, or how long to wait.
  std::optional<clock::duration> take(const request&, clock::time_point now);

  /// Whoever tries passwords of others uses up what the name has, but not what
  /// it has at the addresses where it signed in lately: strangers cannot keep
  /// its owner out.
  password_try try_at(http::rate_key name, http::rate_key address);

  /// Counts the try as if it failed, so that tries at once count, too. Nothing
  /// if it may be made, or how long to wait.
  std::optional<clock::duration> begin(const password_try&,
                                       clock::time_point now);

  /// The password was right, or, unless `right`, nobody looked at it: the try
  /// does not count.
  void forgive(const password_try&, bool right);

private:
  /// Where names have signed in lately; the newer takes the place of another.
  http::rate_key& place_of(http::rate_key from_here);
  void set_aside(http::rate_key whose, std::uint64_t bytes);
  void take_back(http::rate_key whose, std::uint64_t bytes);

  const config::http_limits limits_;
  const std::uint64_t most_expected_; // bytes
  std::mutex lock_;
  std::size_t connections_ = 0;
  std::unordered_map<http::rate_key, std::uint32_t> connected_;
  std::unordered_map<http::rate_key, std::uint64_t> expected_;
  http::rate_limiter by_address_;
  http::rate_limiter by_user_;
  http::rate_limiter by_event_;
  http::rate_limiter logins_;
  http::rate_limiter wrong_passwords_;
  std::vector<http::rate_key> signed_in_;
};

} // namespace usher

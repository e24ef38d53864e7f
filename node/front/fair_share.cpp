#include "node/front/fair_share.hpp"

namespace usher {

fair_share::fair_share(const config::settings& chosen)
  : limits_(chosen.http.limits),
    by_address_({double(chosen.rate_limits.per_address_per_second),
                 double(chosen.rate_limits.address_burst)}),
    by_user_({double(chosen.rate_limits.per_user_per_second),
              double(chosen.rate_limits.user_burst)}),
    logins_({double(chosen.rate_limits.logins_per_address_per_minute) / 60,
             double(chosen.rate_limits.logins_per_address_per_minute)}) {}

bool fair_share::let_in(const std::string& address, bool is_proxy) {
  std::lock_guard guard(lock_);
  const auto whose = http::rate_key_of_address(address);
  const auto found = connected_.find(whose);
  const auto count = found == connected_.end() ? 0 : found->second;
  if (connections_ >= limits_.connections
      || (count >= limits_.connections_per_address && !is_proxy))
    return false;
  ++connections_;
  ++connected_[whose];
  return true;
}

void fair_share::let_out(const std::string& address) {
  std::lock_guard guard(lock_);
  --connections_;
  const auto count = connected_.find(http::rate_key_of_address(address));
  if (--count->second == 0)
    connected_.erase(count);
}

std::optional<fair_share::clock::duration>
fair_share::take(const request& wanted, clock::time_point now) {
  std::lock_guard guard(lock_);
  auto wait = by_address_.take(wanted.address, now);
  if (!wait && wanted.user)
    wait = by_user_.take(*wanted.user, now);
  if (!wait && wanted.hashes_a_password)
    wait = logins_.take(wanted.address, now);
  return wait;
}

} // namespace usher

#include "node/front/fair_share.hpp"

#include <algorithm>
#include <bit>

namespace usher {

namespace {

constexpr double seconds_of_wrong_passwords = 15 * 60;
constexpr std::size_t most_signed_in = 65'536; // a power of two

/// Half of what puts off the first; but one body may come whatever its size.
std::uint64_t share_of_bytes(const config::settings& chosen) {
  return std::max<std::uint64_t>(chosen.shedding.max_bytes_in_flight / 8,
                                 chosen.http.limits.layout_body_bytes);
}

} // namespace

fair_share::fair_share(const config::settings& chosen)
  : limits_(chosen.http.limits),
    most_expected_(share_of_bytes(chosen)),
    by_address_({double(chosen.rate_limits.per_address_per_second),
                 double(chosen.rate_limits.address_burst)}),
    by_user_({double(chosen.rate_limits.per_user_per_second),
              double(chosen.rate_limits.user_burst)}),
    by_event_({double(chosen.rate_limits.per_event_per_second),
               double(chosen.rate_limits.event_burst)}),
    logins_({double(chosen.rate_limits.logins_per_address_per_minute) / 60,
             double(chosen.rate_limits.logins_per_address_per_minute)}),
    wrong_passwords_({double(chosen.rate_limits.wrong_passwords_per_name)
                        / seconds_of_wrong_passwords,
                      double(chosen.rate_limits.wrong_passwords_per_name)}),
    signed_in_(most_signed_in) {}

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

bool fair_share::make_room(const request& wanted, std::uint64_t bytes) {
  std::lock_guard guard(lock_);
  const auto has_room = [&](http::rate_key whose) {
    const auto found = expected_.find(whose);
    const auto before = found == expected_.end() ? 0 : found->second;
    return before + bytes <= most_expected_;
  };
  if (!has_room(wanted.address) || (wanted.user && !has_room(*wanted.user)))
    return false;
  set_aside(wanted.address, bytes);
  if (wanted.user)
    set_aside(*wanted.user, bytes);
  return true;
}

void fair_share::give_back(const request& wanted, std::uint64_t bytes) {
  std::lock_guard guard(lock_);
  take_back(wanted.address, bytes);
  if (wanted.user)
    take_back(*wanted.user, bytes);
}

void fair_share::set_aside(http::rate_key whose, std::uint64_t bytes) {
  if (bytes > 0)
    expected_[whose] += bytes;
}

void fair_share::take_back(http::rate_key whose, std::uint64_t bytes) {
  const auto found = expected_.find(whose);
  if (found != expected_.end() && (found->second -= bytes) == 0)
    expected_.erase(found);
}

std::optional<fair_share::clock::duration>
fair_share::take(const request& wanted, clock::time_point now) {
  std::lock_guard guard(lock_);
  auto wait = by_address_.take(wanted.address, now);
  if (!wait && wanted.user)
    wait = by_user_.take(*wanted.user, now);
  if (!wait && wanted.event)
    wait = by_event_.take(*wanted.event, now);
  if (!wait && wanted.hashes_a_password)
    wait = logins_.take(wanted.address, now);
  return wait;
}

http::rate_key& fair_share::place_of(http::rate_key from_here) {
  return signed_in_[from_here & (most_signed_in - 1)];
}

fair_share::password_try fair_share::try_at(http::rate_key name,
                                            http::rate_key address) {
  std::lock_guard guard(lock_);
  const auto here = std::rotl(name, 1) ^ address;
  return {place_of(here) == here ? here : name, here};
}

std::optional<fair_share::clock::duration>
fair_share::begin(const password_try& what, clock::time_point now) {
  std::lock_guard guard(lock_);
  return wrong_passwords_.take(what.counts_for, now);
}

void fair_share::forgive(const password_try& what, bool right) {
  std::lock_guard guard(lock_);
  wrong_passwords_.give_back(what.counts_for);
  if (right)
    place_of(what.from_here) = what.from_here;
}

} // namespace usher

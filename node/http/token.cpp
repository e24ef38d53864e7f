#include "node/http/token.hpp"

#include "node/http/form.hpp"
#include "node/http/text.hpp"
#include "protocol/base64.hpp"
#include "protocol/ensure.hpp"
#include "protocol/json.hpp"

#include <openssl/rand.h>

namespace usher::http {

namespace {

using namespace std::chrono_literals;

/// The claims as they lie in the token; unknown and missing ones are refused.
struct access_wire {
  std::string iss;
  std::string aud;
  account_id sub;
  http::role role = http::role::user;
  std::int64_t iat = 0;
  std::int64_t nbf = 0;
  std::int64_t exp = 0;
  uuid jti;
};

BOOST_DESCRIBE_STRUCT(access_wire, (),
                      (iss, aud, sub, role, iat, nbf, exp, jti))

struct checkout_wire {
  std::string iss;
  std::string aud;
  account_id sub;
  event_id event;
  std::uint64_t number = 0;
  std::int64_t iat = 0;
  std::int64_t nbf = 0;
  std::int64_t exp = 0;
  uuid jti;
};

BOOST_DESCRIBE_STRUCT(checkout_wire, (),
                      (iss, aud, sub, event, number, iat, nbf, exp, jti))

constexpr auto clock_leeway = 5s;
constexpr std::size_t max_token = 2'048;
constexpr std::int64_t last_second = 253'402'300'799; // the year 9999

std::int64_t seconds_of(timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

timestamp moment_of(std::int64_t seconds) {
  return timestamp{std::chrono::seconds{seconds}};
}

bool valid_key_id(std::string_view id) {
  for (char c : id) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
      return false;
  }
  return !id.empty() && id.size() <= 64;
}

std::string header_of(std::string_view type, std::string_view key) {
  std::string out = R"({"alg":"HS256","typ":")";
  out += type;
  out += R"(","kid":")";
  out += key;
  out += "\"}";
  return to_base64url(out) + '.';
}

/// Adds the signature to `header.payload`.
std::string seal(std::string text, std::string_view secret) {
  const auto mac = hmac_sha256(secret, text);
  text += '.';
  text += to_base64url(bytes_of(mac));
  return text;
}

template <class Wire>
bool sane_times(const Wire& wire) {
  return wire.iat >= 0 && wire.nbf >= 0 && wire.exp > wire.nbf
         && wire.exp <= last_second;
}

refresh_token refresh_token_of(const digest& secret) {
  refresh_token out;
  out.text = to_base64url(bytes_of(secret));
  out.hash = sha256(out.text);
  return out;
}

} // namespace

token_keys::token_keys(std::string issuer, std::string audience,
                       std::vector<token_key> keys)
  : issuer_(std::move(issuer)), audience_(std::move(audience)) {
  ensure(!keys.empty() && keys.size() <= 8);
  for (auto& key : keys) {
    ensure(valid_key_id(key.id) && key.secret.size() >= 32);
    keys_.push_back({std::move(key.secret), header_of("at+jwt", key.id),
                     header_of("checkout+jwt", key.id)});
  }
}

std::string token_keys::sign(const access_claims& claims) const {
  const access_wire wire{issuer_,
                         audience_,
                         claims.subject,
                         claims.as,
                         seconds_of(claims.issued),
                         seconds_of(claims.issued),
                         seconds_of(claims.expires),
                         claims.token};
  return seal(keys_.front().access_header + to_base64url(json::text_of(wire)),
              keys_.front().secret);
}

std::string token_keys::sign(const checkout_claims& claims) const {
  const checkout_wire wire{issuer_,
                           audience_,
                           claims.subject,
                           claims.event,
                           claims.number,
                           seconds_of(claims.issued),
                           seconds_of(claims.issued),
                           seconds_of(claims.expires),
                           claims.token};
  return seal(keys_.front().checkout_header + to_base64url(json::text_of(wire)),
              keys_.front().secret);
}

result<std::string> token_keys::payload_of(std::string_view text,
                                           header which) const {
  const auto dot = text.rfind('.');
  if (text.size() > max_token || dot == std::string_view::npos)
    return errc::invalid_token;
  const auto signed_part = text.substr(0, dot);
  for (const auto& key : keys_) {
    const auto& expected = key.*which;
    if (!signed_part.starts_with(expected))
      continue;
    // Compared as text: the one spelling of the signature is the only good one.
    const auto mac =
      to_base64url(bytes_of(hmac_sha256(key.secret, signed_part)));
    if (!equal_in_constant_time(mac, text.substr(dot + 1)))
      continue;
    if (auto payload = from_base64url(signed_part.substr(expected.size())))
      return std::move(*payload);
  }
  return errc::invalid_token;
}

template <class Wire>
result<Wire> token_keys::open(std::string_view text, header which,
                              timestamp now) const {
  const auto payload = payload_of(text, which);
  if (!payload)
    return payload.error();
  auto wire = read_form<Wire>(*payload);
  if (!wire || wire->iss != issuer_ || wire->aud != audience_
      || !sane_times(*wire) || now + clock_leeway < moment_of(wire->nbf))
    return errc::invalid_token;
  if (now >= moment_of(wire->exp))
    return errc::token_expired;
  return std::move(*wire);
}

result<access_claims> token_keys::verify_access(std::string_view text,
                                                timestamp now) const {
  const auto wire = open<access_wire>(text, &ready_key::access_header, now);
  if (!wire)
    return wire.error();
  return access_claims{wire->sub, wire->role, wire->jti, moment_of(wire->iat),
                       moment_of(wire->exp)};
}

result<checkout_claims> token_keys::verify_checkout(std::string_view text,
                                                    timestamp now) const {
  const auto wire = open<checkout_wire>(text, &ready_key::checkout_header, now);
  if (!wire)
    return wire.error();
  return checkout_claims{wire->sub, wire->event,          wire->number,
                         wire->jti, moment_of(wire->iat), moment_of(wire->exp)};
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::size_t scheme = 7;
  if (!equals_ignoring_case(authorization.substr(0, scheme), "bearer "))
    return {};
  return trim(authorization.substr(scheme));
}

refresh_token mint_refresh_token() {
  digest bytes{};
  ensure(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return refresh_token_of(bytes);
}

refresh_token refresh_token_after(std::string_view text, std::string_view key) {
  // No token that the key signs looks so: they have dots, and no blanks.
  std::string before{"the refresh token after "};
  before += text;
  return refresh_token_of(hmac_sha256(key, before));
}

result<digest> digest_of_refresh_token(std::string_view text) {
  const auto bytes = text.size() == 43 ? from_base64url(text) : std::nullopt;
  if (!bytes)
    return errc::invalid_token;
  return sha256(text);
}

} // namespace usher::http

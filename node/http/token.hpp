#pragma once

#include "node/http/mac.hpp"
#include "protocol/error.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// JSON Web Tokens as RFC 8725 wants them. Only we sign them, so a header that
/// is not byte for byte one of ours is refused before anything else is looked
/// at: that ends `none`, confusion of algorithms, foreign types, unknown key
/// ids, jku, x5u, jwk and crit in one comparison.
namespace usher::http {

enum class role : std::uint8_t { user, admin };
BOOST_DESCRIBE_ENUM(role, user, admin)

/// Who asks: what an access token (type `at+jwt`, RFC 9068) says. Times are
/// whole seconds in the token.
struct access_claims {
  account_id subject;
  role as = role::user;
  uuid token; ///< jti: names this token
  timestamp issued;
  timestamp expires;

  bool operator==(const access_claims&) const = default;
};

/// The leave to check out that the waiting room gives (type `checkout+jwt`).
struct checkout_claims {
  account_id subject;
  event_id event;
  std::uint64_t number = 0; ///< the place in the queue
  uuid token;
  timestamp issued;
  timestamp expires;

  bool operator==(const checkout_claims&) const = default;
};

/// A secret of HMAC-SHA256 and its name, which goes into tokens as `kid`:
/// letters, digits, `-`, `_` and `.` only.
struct token_key {
  std::string id;
  std::string secret; ///< at least 32 random bytes
};

/// Signs with the first key and verifies with all, so that keys can rotate.
/// Pure and immutable: threads may share one.
class token_keys {
public:
  /// Between one and eight keys; another number, a short secret or a bad name
  /// is a bug of whoever read the configuration.
  token_keys(std::string issuer, std::string audience,
             std::vector<token_key> keys);

  std::string sign(const access_claims&) const;
  std::string sign(const checkout_claims&) const;

  /// Refuses with invalid_token or token_expired. Clocks of nodes may differ:
  /// a token is good up to five seconds before `nbf`, but never after `exp`.
  result<access_claims> verify_access(std::string_view text,
                                      timestamp now) const;

  /// The same for the leave to check out; refuses with the same codes.
  result<checkout_claims> verify_checkout(std::string_view text,
                                          timestamp now) const;

private:
  struct ready_key {
    std::string secret;
    std::string access_header;   // base64url, with the dot
    std::string checkout_header; // base64url, with the dot
  };

  using header = std::string ready_key::*;

  result<std::string> payload_of(std::string_view text, header) const;
  template <class Wire>
  result<Wire> open(std::string_view text, header, timestamp now) const;

  std::string issuer_;
  std::string audience_;
  std::vector<ready_key> keys_;
};

/// The token of `Authorization: Bearer <token>`; empty if it is none.
std::string_view bearer_token(std::string_view authorization);

/// A refresh token: opaque, to be given out once and stored as its digest.
struct refresh_token {
  std::string text; ///< 43 characters of base64url, 256 random bits
  digest hash;      ///< SHA-256 of the text
};

/// A new one.
refresh_token mint_refresh_token();

/// The one that follows another, which `text` is. Under one key that is always
/// the same: who repeats an exchange gets what he may not have got. Nobody can
/// tell it without the key.
refresh_token refresh_token_after(std::string_view text, std::string_view key);

/// The digest that a refresh token is stored under; invalid_token for a text
/// that cannot be one.
result<digest> digest_of_refresh_token(std::string_view text);

} // namespace usher::http

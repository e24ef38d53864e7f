#pragma once

#include "protocol/error.hpp"
#include "protocol/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Webhooks signed as standardwebhooks.com says: HMAC-SHA256 over
/// `id.timestamp.body`, sent as `v1,<base64>` in `webhook-signature`.
namespace usher::http {

/// The secret of one endpoint.
class webhook_secret {
public:
  /// Reads `whsec_` and base64 of 24 to 64 bytes; anything else is none.
  static std::optional<webhook_secret> parse(std::string_view text);

  /// The value of `webhook-signature`. `sent` is cut to seconds.
  std::string sign(std::string_view id, timestamp sent,
                   std::string_view body) const;

  /// Takes the values of webhook-id, webhook-timestamp (unix seconds) and
  /// webhook-signature (one or more, parted by blanks; other versions than v1
  /// are skipped) with the raw body. Refuses with bad_signature when none
  /// matches or the time is more than 300 s away from `now`.
  result<void> verify(std::string_view id, std::string_view sent,
                      std::string_view signatures, std::string_view body,
                      timestamp now) const;

private:
  explicit webhook_secret(std::string key) : key_(std::move(key)) {}

  std::string sign_at(std::string_view id, std::string_view seconds,
                      std::string_view body) const;

  std::string key_;
};

} // namespace usher::http

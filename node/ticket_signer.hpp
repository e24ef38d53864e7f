#pragma once

#include "protocol/ids.hpp"

#include <array>
#include <string>
#include <string_view>

namespace usher {

/// Signs tickets with Ed25519, so that a scanner that holds the public key
/// needs nobody to tell a true one. The key pair follows from a secret of the
/// installation, and is the same for as long as that is. Immutable: threads may
/// share one.
class ticket_signer {
public:
  explicit ticket_signer(std::string_view secret);

  /// `USH1.<ticket and event, base64url>.<signature, base64url>`.
  std::string sign(ticket_id ticket, event_id event) const;

  /// True for a code that this installation signed.
  bool verify(std::string_view code) const;

  /// The public key as a JSON Web Key Set (RFC 8037): {"keys":[{..}]}.
  std::string key_set() const;

  /// {"ticket":{..}} with the member `code` added to it, if it is valid.
  std::string with_code(const std::string& ticket_json) const;

private:
  std::array<unsigned char, 32> public_{};
  std::array<unsigned char, 64> secret_{};
};

} // namespace usher

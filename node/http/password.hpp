#pragma once

#include "protocol/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Passwords under Argon2id (RFC 9106) by libsodium.
namespace usher::http {

/// What one hash costs. The default is OWASP's: 19 MiB and two passes.
struct password_cost {
  unsigned long long passes = 2;
  std::size_t memory_bytes = std::size_t{19} * 1024 * 1024;
};

/// Takes 8 to 128 bytes of valid UTF-8 without control characters; refuses the
/// rest with invalid_value. Length is all that is asked for (NIST SP 800-63B);
/// the upper bound keeps hashing cheap.
result<void> check_password_policy(std::string_view password);

/// The PHC string to store: `$argon2id$v=19$m=..,t=..,p=1$salt$hash`. Takes
/// tens of milliseconds and the memory of the cost: never on a network thread.
/// Refuses with unavailable when the memory cannot be had.
result<std::string> hash_password(std::string_view password,
                                  const password_cost& = {});

/// True if the password made the hash. As slow as hashing.
bool verify_password(std::string_view hash, std::string_view password);

/// A hash that no password made, as slow to verify as one made at this cost.
std::string hash_of_nobody(const password_cost& = {});

/// True if the hash was made at another cost, or is none: hash again at the
/// next sign-in.
bool needs_rehash(std::string_view hash, const password_cost& = {});

} // namespace usher::http

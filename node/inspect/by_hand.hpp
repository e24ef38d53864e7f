#pragma once

#include "persistence/store.hpp"

#include <stdexcept>
#include <string>

/// What an operator may have written about members and shards.
namespace usher::inspect {

/// Whoever is to obey was told, and may obey yet.
struct not_known : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Pins the shard to the node of that name. Why it was not pinned; empty if it
/// was. Throws `not_known` if the database did not say in time whether it wrote
/// that, and `unavailable` if it wrote nothing; so do the two below.
std::string pin(persistence::registry&, shard_no, const std::string& to);

/// Lets the shard go where the weights say.
void unpin(persistence::registry&, shard_no);

/// Sets the node of that name to draining. Why it was not set; empty if it was.
std::string drain(persistence::registry&, const std::string& name);

} // namespace usher::inspect

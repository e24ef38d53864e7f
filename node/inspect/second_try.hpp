#pragma once

#include "cluster/dead_letters.hpp"

#include <functional>

/// What becomes of dead letters that are delivered again.
namespace usher::inspect {

/// Asks an entity and waits for what it says.
using asking = std::function<answer(request)>;

/// How a second try ended.
enum class ending : std::uint8_t {
  decided,   ///< its entity obeyed, or refused by its rules: it is forgotten
  no_letter, ///< nobody was asked
  set_aside, ///< its entity is in quarantine, and was not asked
  crashed,   ///< its entity crashed on it again
  not_begun, ///< its entity could not be asked just now
  not_known, ///< its entity did not say in time whether it obeys
};

struct second_try {
  ending how;
  std::string said; ///< a part of a sentence about it, for people
};

/// Forgets one; false if it is not there, or somebody is trying it just now.
bool drop(cluster::dead_letters&, std::uint64_t number);

/// Delivers one again and waits. It is forgotten once its entity has decided;
/// until then it stays among the letters, under its number.
second_try try_again(cluster::dead_letters&, const asking&,
                     std::uint64_t number);

/// Those of one entity, oldest first, each once the one before is decided: one
/// that crashes would take along all that wait behind it. Says what came of it.
std::string try_all_again(cluster::dead_letters&, const asking&,
                          const entity_id&);

} // namespace usher::inspect

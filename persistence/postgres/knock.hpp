#pragma once

#include <cstdint>
#include <string>

namespace usher::persistence {

/// What a PostgreSQL says to who only knocks.
enum class at_the_door : std::uint8_t {
  open,    ///< it accepts connections
  not_yet, ///< it starts up, recovers or shuts down
  silent,  ///< nobody is there, or nobody that answers
};

/// Knocks at a PostgreSQL, for 2 s at most unless the conninfo says otherwise.
/// Whether this user may come in, and whether there is such a database, is not
/// asked: who tries hears that. So a conninfo that cannot be read is `open`.
at_the_door knock(const std::string& conninfo);

} // namespace usher::persistence

#include "persistence/postgres/knock.hpp"

#include <libpq-fe.h>

namespace usher::persistence {

at_the_door knock(const std::string& conninfo) {
  // What comes later counts, and a database may be a whole conninfo.
  const char* const names[] = {"connect_timeout", "dbname", nullptr};
  const char* const values[] = {"2", conninfo.c_str(), nullptr};
  switch (PQpingParams(names, values, 1)) {
    case PQPING_REJECT:
      return at_the_door::not_yet;
    case PQPING_NO_RESPONSE:
      return at_the_door::silent;
    default:
      return at_the_door::open;
  }
}

} // namespace usher::persistence

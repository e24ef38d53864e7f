#pragma once

#include "protocol/ids.hpp"

#include <stdexcept>
#include <string>
#include <vector>

/// The schema, as numbered steps that only go forward.
namespace usher::persistence {

/// One step, built into the program from migrations/*.sql.
struct migration {
  int version = 0; ///< gap-free from 1
  std::string name;
  std::string checksum; ///< SHA-256 of the text, in hex
  std::string sql;
};

/// All steps, oldest first.
const std::vector<migration>& migrations();

/// Brings the database up to step `last` (0 means the newest) in one
/// transaction, as the owner of the schema, and returns the version it then
/// has. Several may call this at once: one works, the others wait and find it
/// done. A table that others hold is waited for in short turns, so that nobody
/// waits long behind it. Throws std::runtime_error if an applied step was
/// edited since, and pqxx::failure if the database is silent, or others work or
/// hold a table, for a minute.
int migrate(const std::string& conninfo, int last = 0);

/// The database is another cell than it was opened as.
struct wrong_cell : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Opens a migrated database as this cell, as the owner of the schema: the
/// first to open it decides what it is for ever, and which incarnations its
/// members have. Throws wrong_cell if it is another.
void open_as_cell(const std::string& conninfo, cell_no);

} // namespace usher::persistence

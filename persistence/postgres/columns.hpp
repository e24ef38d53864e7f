#pragma once

#include "persistence/postgres/binary_array.hpp"
#include "protocol/ensure.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <pqxx/pqxx>

#include <string>

/// How values come out of PostgreSQL's columns, and how whole columns go in.
/// What is read must not be NULL.
namespace usher::persistence {

/// All bytes of a column of text.
inline std::string text(const pqxx::field& x) {
  return {x.c_str(), x.size()};
}

/// A column of milliseconds since 1970.
inline timestamp moment(const pqxx::field& x) {
  return timestamp{duration{x.as<std::int64_t>()}};
}

/// A column of the type uuid.
inline uuid id_in(const pqxx::field& x) {
  const auto out = parse_uuid(x.c_str());
  ensure(out.has_value());
  return *out;
}

/// A column as a parameter of a statement.
inline pqxx::binarystring parameter(binary_array& x) {
  return pqxx::binarystring(x.bytes());
}

} // namespace usher::persistence

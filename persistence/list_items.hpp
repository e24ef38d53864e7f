#pragma once

#include "protocol/ids.hpp"
#include "protocol/time.hpp"

#include <pqxx/pqxx>

#include <string>

/// Rows of the lists as the API shows them: JSON objects. The columns are those
/// of read_sql.hpp.
namespace usher::persistence {

/// `from` is where the columns begin.
std::string ticket_item(const pqxx::row&, int from);

/// `tickets` is a JSON array.
std::string order_item(const pqxx::row&, const std::string& tickets);

std::string payment_item(const pqxx::row&);
std::string layout_item(const pqxx::row&);
std::string event_item(const pqxx::row&);

/// A column that holds an id.
uuid id_in(const pqxx::field&);

/// A column that holds milliseconds since 1970.
timestamp moment(const pqxx::field&);

} // namespace usher::persistence

#pragma once

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

} // namespace usher::persistence

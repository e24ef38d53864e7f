#pragma once

#include "persistence/lists/read_model.hpp"
#include "persistence/postgres/pg_link.hpp"

#include <array>

/// The statements of the read model, and the columns they answer with.
namespace usher::persistence {

/// A table of what buyers have: all three are asked in the same ways.
struct sales_table {
  const char* table;
  const char* owner;   ///< the column of whoever it belongs to
  const char* time;    ///< the column that orders it, before the id
  const char* columns; ///< `id` first
  int time_at;         ///< where among them that time is, in milliseconds
  char list;           ///< names its cursors
  const char* item;    ///< names one of them in JSON
};

constexpr std::array<sales_table, 3> sales_tables{{
  {"order_list", "buyer", "created_at",
   "t.id, t.event, t.buyer, t.payment, t.amount, t.currency, t.status, "
   "(extract(epoch FROM t.created_at) * 1000)::bigint, "
   "(extract(epoch FROM t.completed_at) * 1000)::bigint",
   7, 'O', "order"},
  {"ticket_list", "buyer", "issued_at",
   "t.id, t.session, t.event, t.buyer, t.ticket_type, t.number, t.seat, "
   "t.section, t.price, t.currency, "
   "CASE WHEN t.status = 'valid' AND EXISTS (SELECT FROM event_list c "
   "WHERE c.id = t.event AND c.phase = 'cancelled') "
   "THEN 'cancelled' ELSE t.status END, "
   "(extract(epoch FROM t.issued_at) * 1000)::bigint",
   11, 'T', "ticket"},
  {"payment_list", "payer", "created_at",
   "t.id, t.session, t.event, t.payer, t.amount, t.currency, t.status, "
   "t.method, (extract(epoch FROM t.created_at) * 1000)::bigint, "
   "(extract(epoch FROM t.expires_at) * 1000)::bigint, "
   "(extract(epoch FROM t.completed_at) * 1000)::bigint",
   8, 'P', "payment"},
}};

inline const sales_table& table_of(sales_list which) {
  return sales_tables.at(static_cast<std::size_t>(which));
}

/// Of a sales table: <table>_<scope>_<direction> with the key (time and id),
/// the limit and what the scope asks for, and <table>_one with id, caller and
/// the caller's organizations.
std::vector<pg_statement> read_statements();

} // namespace usher::persistence

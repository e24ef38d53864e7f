#pragma once

#include "persistence/cursor.hpp"
#include "persistence/pg_link.hpp"
#include "protocol/error.hpp"

#include <string_view>

namespace usher::persistence {

/// Which page of a list is wanted.
struct page_request {
  std::uint32_t limit = 10; ///< 1 to 100, else invalid_value
  std::string token;        ///< of an earlier page; empty = the first page
};

/// A page of a list, rendered.
struct page {
  std::string items; ///< a JSON array
  std::optional<std::string> next_token;
  std::optional<std::string> previous_token;
};

/// {"<name>":[..],"next_token":..,"previous_token":..}
std::string render(std::string_view name, const page&);

struct event_filter {
  page_request part;
  std::optional<std::uint32_t> page; ///< from 1; a token wins over it
  std::string status;                ///< as buyers see it; empty = any
  std::string search; ///< each of its words must occur, in whatever case
  /// Shows the events of this account's organizations, in every phase, instead
  /// of those that were published.
  std::optional<account_id> organizer;
  timestamp now; ///< by which the shown status is judged
};

struct event_page {
  persistence::page rows;
  std::uint32_t page = 1;
  std::uint32_t limit = 10;
  std::uint64_t total = 0;
};

/// {"events":[..],"pagination":{page,limit,total,totalPages},"next_token":..,
/// "previous_token":..}
std::string render(const event_page&);

/// What lists and single items of the read side answer: JSON as the API shows
/// it. One connection, one thread; `unavailable` while PostgreSQL is away.
/// What was journaled a moment ago may not be here yet.
class read_model {
public:
  explicit read_model(pg_options);

  /// Soonest first. Cancelled events are shown to the public only when
  /// `status` asks for them. Refused: invalid_value, bad_cursor.
  result<event_page> list_events(const event_filter&);

  /// Newest first.
  result<page> list_layouts(const page_request&);

  /// The caller's own, newest first. With an event, only of that; and if the
  /// caller is a member of its organization, everybody's.
  result<page> list_orders(account_id caller, std::optional<event_id>,
                           const page_request&);
  result<page> list_tickets(account_id caller, std::optional<event_id>,
                            const page_request&);
  result<page> list_payments(account_id caller, std::optional<event_id>,
                             const page_request&);

  /// {"order":{..}} with its tickets, for its buyer and the event's organizers;
  /// not_found to everybody else.
  result<std::string> find_order(account_id caller, session_id);

  /// {"ticket":{..}}
  result<std::string> find_ticket(account_id caller, ticket_id);

  /// {"payment":{..}}
  result<std::string> find_payment(account_id caller, payment_id);

private:
  result<page> list_sales(std::size_t table, account_id caller,
                          std::optional<event_id>, const page_request&);
  result<std::string> find_one(std::size_t table, account_id caller,
                               const uuid& id);
  std::vector<std::string> rendered(std::size_t table, const pqxx::result&);
  std::vector<std::string> tickets_of(const pqxx::result& orders);
  bool organizes(account_id caller, event_id);

  pg_link link_;
};

} // namespace usher::persistence

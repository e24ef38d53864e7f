#pragma once

#include "persistence/lists/cursor.hpp"
#include "persistence/postgres/pg_link.hpp"
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
  bool is_incomplete = false; ///< a cell did not answer: its rows are missing
};

/// {"<name>":[..],"next_token":..,"previous_token":..}, and "incomplete":true
/// if it is.
std::string render(std::string_view name, const page&);

struct event_filter {
  page_request part;
  std::optional<std::uint32_t> page; ///< from 1; a token wins over it
  std::string status;                ///< as buyers see it; empty = any
  std::string search; ///< each of its words must occur, in whatever case
  /// Shows the events of this organization, in every phase, instead of those
  /// that were published. Whether they may be shown is not asked here.
  std::optional<organization_id> organization;
  /// Shows those of all organizations, in every phase: to administrators.
  bool is_everybodys = false;
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

/// Rows of a list in one cell, from a place on in its direction, not yet cut
/// into a page.
struct list_part {
  std::vector<cursor> keys;
  std::vector<std::string> items; ///< JSON, one for each key; empty: gone since
  std::uint64_t total = 0;        ///< of the whole list, where that is counted
  std::uint64_t skipped = 0;      ///< rows of earlier pages that were left out
};

/// Which of the lists of what buyers have.
enum class sales_list : std::uint8_t { orders, tickets, payments };

/// Who asks. Organizers see what their events sold; the first cell knows whose
/// organizations are whose, and others must be told.
struct list_reader {
  account_id who;
  std::vector<organization_id> organizations;
};

/// What lists and single items of the read side answer: JSON as the API shows
/// it. One connection, one thread; `unavailable` while PostgreSQL is away.
/// What was journaled a moment ago may not be here yet.
///
/// A list that is spread over cells is made in two steps: `.._from` asks each
/// cell for its rows, and what merges them is in list_page.hpp.
class read_model {
public:
  explicit read_model(pg_options);

  /// The rows of a page and one more, soonest first. Events that ended or
  /// are cancelled are shown to the public only when `status` asks for them.
  /// Unless it `is_alone`, also those of all pages before: only who knows all
  /// cells can tell which to leave out. Refused: invalid_value, bad_cursor.
  result<list_part> events_from(const event_filter&, bool is_alone);

  /// Newest first.
  result<page> list_layouts(const page_request&);

  /// The rows of a page and one more: the reader's own, newest first. With an
  /// event, only of that; and if the reader is a member of its organization,
  /// everybody's. Refused: invalid_value, bad_cursor.
  result<list_part> sales_from(sales_list, const list_reader&,
                               std::optional<event_id>, const page_request&);

  /// {"order":{..}} with its tickets, {"ticket":{..}} or {"payment":{..}}, for
  /// the buyer and the event's organizers; not_found to everybody else.
  result<std::string> find_sale(sales_list, const list_reader&, const uuid& id);

  /// Those that the account is a member of. Only the first cell knows.
  std::vector<organization_id> organizations_of(account_id);

  /// A page of them and one more, by their ids: the keys alone, no items.
  /// Refused: invalid_value, bad_cursor.
  result<list_part> memberships_from(account_id, const page_request&);

private:
  std::vector<std::string> rendered(sales_list, const pqxx::result&);
  std::vector<std::string> tickets_of(const pqxx::result& orders);
  bool organizes(const list_reader&, event_id);

  pg_link link_;
};

} // namespace usher::persistence

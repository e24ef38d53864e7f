#pragma once

#include "protocol/event.hpp"
#include "protocol/journal.hpp"
#include "protocol/layout.hpp"
#include "protocol/organization.hpp"
#include "protocol/payment.hpp"

#include <map>

/// What facts do to the rows that lists show. Pure: no database, no clock.
///
/// A statement may touch a row but once. So the facts of a batch are first
/// folded into one change for each row: a row that appears in the batch is
/// inserted as it is at the batch's end, and one that was there before is told
/// only what is different.
namespace usher::persistence {

/// A booking session from its checkout on.
struct order_change {
  std::optional<booking_session::checkout_started> begun; ///< the first
  std::optional<payment_id> payment;                      ///< the newest
  std::optional<std::int64_t> amount;
  std::optional<timestamp> completed_at;
  std::string status; ///< as it is after the batch
};

struct payment_change {
  std::optional<payment::created> created;
  std::optional<timestamp> completed_at;
  std::string status;
};

struct ticket_row {
  booking_session::ticket what;
  session_id session;
  event_id event;
  account_id buyer;
  std::string currency;
  timestamp issued_at;
};

struct event_change {
  std::optional<event::created> created;
  std::optional<event::phase> phase;
  bool published = false;
  std::map<std::string, bool> exhausted; ///< what is known of some sections
};

struct layout_row {
  account_id owner;
  std::string name;
  std::uint64_t capacity = 0;
  std::size_t sections = 0;
  timestamp created_at;
};

/// Who has left stays, in no role.
struct membership_row {
  organization_id organization;
  account_id account;
  organization::role role{};
};

/// The changes of one batch, by row.
struct list_changes {
  std::map<uuid, order_change> orders;
  std::map<uuid, payment_change> payments;
  std::vector<ticket_row> tickets;
  std::map<uuid, event_change> events;
  std::map<uuid, layout_row> layouts;
  std::vector<membership_row> memberships;

  /// Takes in the facts of one entry; entries of an entity must come in their
  /// order. Throws json::bad_shape for what it cannot read, and has then taken
  /// in nothing of the entry.
  void add(const entry&);

  /// True if nothing but orders, payments and tickets changes.
  bool is_only_sales() const {
    return events.empty() && layouts.empty() && memberships.empty();
  }
};

/// The kinds of entities that lists tell of.
bool is_shown(entity_kind);

/// The list item of an event but for id, status and phase: a JSON object.
std::string document_of(const event::profile&, timestamp created_at);

/// What a search for an event looks at.
std::string search_text_of(const event::profile&);

} // namespace usher::persistence

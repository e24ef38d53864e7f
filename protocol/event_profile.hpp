#pragma once

#include "protocol/event.hpp"
#include "protocol/json_object.hpp"

namespace usher::event {

/// Writes what the organizer says of an event, as the API shows it: all
/// members from `organization_id` to `ticket_types`.
void put_profile(json::object&, const profile&);

/// Changes what the revision says, and nothing else. Ticket types come without
/// ids.
void apply(const revision&, profile& to);
void apply(const settings_revision&, settings& to);

} // namespace usher::event

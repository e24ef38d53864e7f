#pragma once

#include "actors/event/event.hpp"
#include "protocol/command.hpp"

/// How an event is drawn up, and what whoever changes it is asked first.
namespace usher::event {

/// Whether who was asked could not answer: that is no refusal, and soon over.
bool is_silent(const answer_slot&);

/// Whether the organization has answered that the caller may change its events.
bool may_edit(const answer_slot&);

/// Asks the organization what the caller may do there.
letter role_question(const profile&, account_id caller);

/// Makes a draft: for an editor of the organization, on a layout that is there.
decision<state> draft(const state&, const uuid& self, const create&,
                      timestamp now);

/// Changes what a draft says, as if it had been made like that.
decision<state> redraft(const state&, const uuid& self, const revise&,
                        timestamp now);

} // namespace usher::event

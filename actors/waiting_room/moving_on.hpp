#pragma once

#include "actors/waiting_room/waiting_room.hpp"

#include <vector>

/// What the clock and the free slots bring about, whatever was decided on.
namespace usher::waiting_room {

/// `happened`, and what may happen now after it: turns that ran out are over,
/// sessions are asked how they are, the draw, the next call. A number that is
/// dealt or over costs what is due now, and not what there is.
decision<state> move_on(const state&, std::vector<fact> happened,
                        timestamp now);

/// Nobody may know the order before, and nobody choose it: it hangs on a secret
/// from before the first number. How many take part must not change it, or the
/// last to come would choose after all, once the secret were out.
drawn draw_now(const state&);

/// Asks a session whether it still uses the turn of this number.
letter doubt(const state&, session_id, std::uint64_t number);

} // namespace usher::waiting_room

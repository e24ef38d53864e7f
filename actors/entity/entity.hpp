#pragma once

#include "protocol/command.hpp"
#include "protocol/error.hpp"
#include "protocol/ids.hpp"
#include "protocol/request.hpp"
#include "protocol/time.hpp"

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the rules of an entity look like. Everything here is a value.
namespace usher {

/// Something said to another entity.
struct letter {
  entity_id to;
  any_command what;
};

/// A letter that wants an answer. When it comes, `then` is decided on next,
/// with the answer in its slot `got`; until then other commands wait, so that
/// what the rules know in between cannot go stale.
template <class Command>
struct question {
  letter ask;
  Command then;
  bool newborn = false; ///< whom it asks: nothing can be stored under a new id
};

/// What the rules say to one command: what happened, and what to say to whom.
template <class State>
struct decision {
  using command = typename State::command;
  using fact = typename State::fact;

  std::vector<fact> facts;
  std::optional<answer> reply;
  std::uint16_t show = 0; ///< reply with the state as JSON, under this status
  std::optional<question<command>> ask;
  std::vector<letter> letters;
  std::vector<errand> errands;

  /// Nothing happened, and there is nothing to say.
  decision() = default;

  /// It is granted; these are the facts.
  decision(std::vector<fact> happened) // NOLINT(google-explicit-constructor)
    : facts(std::move(happened)) {}

  /// It is refused, and nothing happened.
  decision(errc why, std::string more = {}) // NOLINT
    : reply(answer{why, std::move(more)}) {}

  decision& replying(any_reply with) & {
    reply = answer{errc::ok, {}, std::move(with)};
    return *this;
  }

  decision&& replying(any_reply with) && {
    reply = answer{errc::ok, {}, std::move(with)};
    return std::move(*this);
  }

  /// The reply is the state as JSON, after the facts: see `render`.
  decision&& showing(std::uint16_t status) && {
    show = status;
    return std::move(*this);
  }

  decision&& refusing(errc why, std::string more = {}) && {
    reply = answer{why, std::move(more)};
    return std::move(*this);
  }

  decision&& asking(entity_id to, any_command what, command then) && {
    ask = question<command>{{to, std::move(what)}, std::move(then)};
    return std::move(*this);
  }

  decision&& telling(entity_id to, any_command what) && {
    letters.push_back({to, std::move(what)});
    return std::move(*this);
  }

  decision&& running(errand what) && {
    errands.push_back(std::move(what));
    return std::move(*this);
  }
};

/// What a state must offer to live as an actor: its place in the world, and
/// three pure functions.
template <class State>
concept entity = requires(State& state, const State& view, const uuid& self,
                          const typename State::command& cmd,
                          const typename State::fact& what, timestamp now) {
  { State::kind } -> std::convertible_to<entity_kind>;
  { decide(view, self, cmd, now) } -> std::same_as<decision<State>>;
  { evolve(state, what) } -> std::same_as<void>;
  { wake_at(view) } -> std::same_as<std::optional<timestamp>>;
};

} // namespace usher

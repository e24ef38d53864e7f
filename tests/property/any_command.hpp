#pragma once

#include "actors/account/account.hpp"
#include "actors/allowance/allowance.hpp"
#include "actors/event/event.hpp"
#include "actors/payment/payment.hpp"
#include "actors/seat_block/seat_block.hpp"
#include "actors/waiting_room/waiting_room.hpp"
#include "protocol/command.hpp"
#include "tests/support/sale.hpp"

#include <numeric>
#include <rapidcheck.h>

/// Random lives of entities, with what they wrote.
namespace usher::test {

/// Any of from..to, alike at every size of a test.
inline std::uint32_t pick(std::uint32_t from, std::uint32_t to) {
  std::vector<std::uint32_t> all(to - from + 1);
  std::iota(all.begin(), all.end(), from);
  return *rc::gen::elementOf(all);
}

template <class Command>
Command with_answer(Command then, answer what) {
  std::visit(
    [&](auto& cmd) {
      if constexpr (requires { cmd.got; })
        cmd.got = std::make_shared<const answer>(std::move(what));
    },
    then);
  return then;
}

/// A live state, beside the rows it has written and a snapshot of it.
template <class State>
class history_of {
public:
  using command = typename State::command;
  using fact = typename State::fact;

  explicit history_of(const uuid& self) : self_(self) {}

  decision<State> obey(const command& what, timestamp now) {
    last = now;
    auto said = decide(std::as_const(state), self_, what, now);
    for (const auto& one : said.facts)
      evolve(state, one);
    if (!said.facts.empty())
      rows_.push_back(encode_facts(said.facts));
    return said;
  }

  void take_snapshot() {
    snapshot_ = folded();
    tail_from_ = rows_.size();
  }

  std::string folded() const { return json::text_of(state); }

  std::string replayed() const { return json::text_of(replay(State{}, 0)); }

  std::string from_snapshot() const {
    if (snapshot_.empty())
      return replayed();
    auto base = json::get<State>(snapshot_);
    if constexpr (requires { revive(base); })
      revive(base);
    return json::text_of(replay(std::move(base), tail_from_));
  }

  State state;
  timestamp last = t0;

private:
  State replay(State out, std::size_t from) const {
    for (auto i = from; i < rows_.size(); ++i)
      decode_facts<fact>(rows_[i], [&](const fact& x) { evolve(out, x); });
    return out;
  }

  uuid self_;
  std::vector<std::string> rows_;
  std::string snapshot_;
  std::size_t tail_from_ = 0;
};

inline answer nobody_answers(const letter&) {
  return {errc::outcome_unknown};
}

/// After each step `holds` is asked; what the entity asks others, `answers`
/// tells it. In the end the three ways to the same state are compared.
template <class State, class Any, class Holds,
          class Answers = decltype(&nobody_answers)>
void live_through(const uuid& self, Any any_command, Holds holds,
                  Answers answers = &nobody_answers) {
  auto now = t0;
  history_of<State> past(self);
  for (auto n = pick(1, 60); n > 0; --n) {
    now += duration{static_cast<std::int64_t>(pick(0, 400)) * 1000};
    auto next = std::optional{any_command(past)};
    while (next) {
      const auto before = past.state;
      const auto said = past.obey(*next, now);
      holds(before, past, said);
      next.reset();
      if (said.ask)
        next = with_answer(said.ask->then, answers(said.ask->ask));
    }
    if (pick(0, 12) == 0)
      past.take_snapshot();
  }
  RC_ASSERT(past.folded() == past.replayed());
  RC_ASSERT(past.folded() == past.from_snapshot());
}

} // namespace usher::test

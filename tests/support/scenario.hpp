#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/codec.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

/// Rules as sentences: given(past).when(command).then(facts).
namespace usher::test {

using namespace std::chrono_literals;

/// Nine o'clock on the first day.
constexpr timestamp t0{std::chrono::hours{9}};

/// The n-th id: tests name people, events and seats by small numbers.
constexpr uuid nth(std::uint8_t n) {
  uuid out;
  out.bytes[15] = n;
  return out;
}

/// The command inside `what`, if it is a C.
template <class C>
const C* find_in(const any_command& what) {
  return std::visit(
    [](const auto& cmd) -> const C* {
      if constexpr (boost::mp11::mp_contains<std::decay_t<decltype(cmd)>,
                                             C>::value)
        return std::get_if<C>(&cmd);
      else
        return nullptr;
    },
    what);
}

inline answer_slot granting(any_reply with = {}) {
  return std::make_shared<const answer>(answer{errc::ok, {}, std::move(with)});
}

inline answer_slot refusing(errc why) {
  return std::make_shared<const answer>(answer{why});
}

/// given(past...).when(command, at).then(facts...). Each `when` is decided on
/// the state that the ones before it have left.
template <entity State>
class scenario {
public:
  using command = typename State::command;
  using fact = typename State::fact;
  using facts = std::vector<fact>;

  explicit scenario(const uuid& self, const facts& past = {}) : self_(self) {
    for (const auto& what : past)
      evolve(state_, what);
  }

  scenario& when(const command& cmd, timestamp now = t0) {
    said_ = decide(state_, self_, cmd, now);
    for (const auto& what : said_.facts)
      evolve(state_, what);
    return *this;
  }

  /// Whoever was asked answers.
  scenario& when_answered(answer_slot got, timestamp now = t0) {
    if (!said_.ask) {
      ADD_FAILURE() << "nobody was asked";
      return *this;
    }
    auto then = said_.ask->then;
    std::visit(
      [&](auto& cmd) {
        if constexpr (requires { cmd.got; })
          cmd.got = std::move(got);
      },
      then);
    return when(then, now);
  }

  scenario& when_granted(any_reply with = {}, timestamp now = t0) {
    return when_answered(granting(std::move(with)), now);
  }

  scenario& when_refused(errc why, timestamp now = t0) {
    return when_answered(refusing(why), now);
  }

  /// It is granted, and exactly this happened.
  scenario& then(const facts& expected) {
    EXPECT_TRUE(!said_.reply || said_.reply->granted())
      << "refused: " << to_string(said_.reply->refused);
    EXPECT_EQ(encode_facts(said_.facts), encode_facts(expected));
    return *this;
  }

  /// It is granted, and nothing happened.
  scenario& then_nothing() { return then({}); }

  /// It is refused; `expected` is what happened all the same.
  scenario& then_refused(errc why, const facts& expected = {}) {
    const auto said = said_.reply ? said_.reply->refused : errc::ok;
    EXPECT_EQ(to_string(said), to_string(why));
    EXPECT_EQ(encode_facts(said_.facts), encode_facts(expected));
    EXPECT_FALSE(said_.ask) << "it goes on";
    return *this;
  }

  /// `whom` is asked C, and `holds` of it.
  template <class C, class Check>
  scenario& then_asks(const entity_id& whom, Check holds) {
    if (!said_.ask) {
      ADD_FAILURE() << "nobody is asked";
      return *this;
    }
    EXPECT_EQ(to_string(said_.ask->ask.to), to_string(whom));
    if (auto* asked = find_in<C>(said_.ask->ask.what))
      EXPECT_TRUE(holds(*asked)) << "asked for something else";
    else
      ADD_FAILURE() << "another question";
    return *this;
  }

  template <class C>
  scenario& then_asks(const entity_id& whom) {
    return then_asks<C>(whom, [](const C&) { return true; });
  }

  scenario& then_asks_nobody() {
    EXPECT_FALSE(said_.ask);
    return *this;
  }

  /// The `n`-th letter is a C to `whom`, and `holds` of it.
  template <class C, class Check>
  scenario& then_tells(std::size_t n, const entity_id& whom, Check holds) {
    if (n >= said_.letters.size()) {
      ADD_FAILURE() << "only " << said_.letters.size() << " letters";
      return *this;
    }
    EXPECT_EQ(to_string(said_.letters[n].to), to_string(whom));
    if (auto* told = find_in<C>(said_.letters[n].what))
      EXPECT_TRUE(holds(*told)) << "told something else";
    else
      ADD_FAILURE() << "another letter";
    return *this;
  }

  template <class C>
  scenario& then_tells(std::size_t n, const entity_id& whom) {
    return then_tells<C>(n, whom, [](const C&) { return true; });
  }

  scenario& then_letters(std::size_t expected) {
    EXPECT_EQ(said_.letters.size(), expected);
    return *this;
  }

  /// It is granted with a reply of this type.
  template <class Reply>
  Reply replied() const {
    if (said_.reply)
      if (auto* found = std::get_if<Reply>(&said_.reply->reply))
        return *found;
    ADD_FAILURE() << "another reply, or none";
    return {};
  }

  std::optional<timestamp> wakes_at() const { return wake_at(state_); }

  const decision<State>& said() const { return said_; }

  const State& state() const { return state_; }

private:
  uuid self_;
  State state_;
  decision<State> said_;
};

} // namespace usher::test

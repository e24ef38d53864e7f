#pragma once

#include "tests/simulation/world.hpp"

#include <gtest/gtest.h>

/// Whoever talks to the node from outside: waits, retries, remembers.
namespace usher::simulation {

/// What was promised to somebody: it must be in the journal for ever.
struct promise {
  entity_id entity;
  std::uint16_t status = 0;
  std::string text;
};

class outside {
public:
  using heard = std::function<void(const answer*)>; ///< none = no answer came

  explicit outside(world& w) : world_(w) {
    world_.on_answer = [this](const response& what) { take(what); };
  }

  /// Asks once.
  void ask(const entity_id& to, any_command what, heard then,
           std::optional<request_key> key = {}) {
    const auto number = ++last_;
    waiting_[number] = {std::move(then), key, to};
    world_.ask({to, std::move(what), {1, {}, number}, key});
    world_.after(duration{3000 + static_cast<std::int64_t>(world_.any(5000))},
                 [this, number] { give_up(number); });
  }

  /// Asks under one key until there is a definite answer, at most `tries`
  /// times.
  void insist(const entity_id& to, const any_command& what, request_key key,
              const heard& then, int tries = 5) {
    ask(
      to, what,
      [=, this](const answer* got) {
        const bool again = !got || http_status(got->refused) == 503
                           || got->refused == errc::request_in_progress;
        if (!again || tries <= 1)
          return then(got);
        world_.after(
          duration{500 + static_cast<std::int64_t>(world_.any(4000))},
          [=, this] { insist(to, what, key, then, tries - 1); });
      },
      key);
  }

  const std::map<uuid, promise>& promises() const { return promises_; }

private:
  struct pending {
    heard then;
    std::optional<request_key> key;
    entity_id to;
  };

  void take(const response& what) {
    auto found = waiting_.extract(what.to.number);
    if (found.empty())
      return; // too late
    const auto& asked = found.mapped();
    if (asked.key && what.what.granted())
      remember(asked, std::get_if<document>(&what.what.reply));
    asked.then(&what.what);
  }

  /// Same key, same bytes.
  void remember(const pending& asked, const document* got) {
    if (!got)
      return;
    auto [known, is_new] = promises_.try_emplace(
      asked.key->request, promise{asked.to, got->status, got->json});
    EXPECT_EQ(known->second.text, got->json) << "another answer, same key";
    EXPECT_EQ(known->second.status, got->status);
  }

  void give_up(std::uint64_t number) {
    if (auto found = waiting_.extract(number); !found.empty())
      found.mapped().then(nullptr);
  }

  world& world_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, pending> waiting_;
  std::map<uuid, promise> promises_;
};

} // namespace usher::simulation

#include "actors/login/login.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

namespace usher::login {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

said give(const claim& cmd, timestamp now) {
  return facts{claimed_at{cmd.account, now}};
}

/// A registration under way is never robbed: while it may go on it has the
/// name, and whoever begins it again has its whole time again.
said take(const state& name, const claim& cmd, timestamp now) {
  if (name.account.value.is_nil())
    return give(cmd, now);
  const bool may_be_left = name.claimed_at + a_registration <= now;
  if (name.account == cmd.account)
    return may_be_left ? give(cmd, now) : said{};
  if (!may_be_left)
    return errc::already_exists;
  if (!cmd.asked) {
    auto next = cmd;
    next.asked = true;
    return said{}.asking({entity_kind::account, name.account.value},
                         account::command{account::challenge{}}, next);
  }
  if (cmd.got->refused == errc::not_found)
    return give(cmd, now);
  return cmd.got->granted() ? errc::already_exists : cmd.got->refused;
}

} // namespace

decision<state> decide(const state& name, const uuid&, const command& cmd,
                       timestamp now) {
  return match(
    cmd, //
    [&](const claim& c) { return take(name, c, now); },
    [&](const release& c) {
      return name.account == c.account && !c.account.value.is_nil()
               ? said{facts{released{}}}
               : said{};
    },
    [&](const resolve&) {
      if (name.account.value.is_nil())
        return said{errc::not_found};
      return said{}.replying(owner{name.account});
    },
    [&](const wake&) { return said{}; });
}

void evolve(state& name, const fact& what) {
  match(
    what, //
    [&](const claimed& e) {
      name = {e.account, {}};
    },
    [&](const released&) { name = {}; },
    [&](const login::claimed_at& e) {
      name = {e.account, e.at};
    });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt;
}

} // namespace usher::login

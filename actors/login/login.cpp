#include "actors/login/login.hpp"

#include "protocol/command.hpp"
#include "protocol/match.hpp"

namespace usher::login {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

} // namespace

decision<state> decide(const state& name, const uuid&, const command& cmd,
                       timestamp) {
  return match(
    cmd, //
    [&](const claim& c) {
      if (name.account.value.is_nil())
        return said{facts{claimed{c.account}}};
      return name.account == c.account ? said{} : said{errc::already_exists};
    },
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
    [&](const claimed& e) { name.account = e.account; },
    [&](const released&) { name.account = {}; });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt;
}

} // namespace usher::login

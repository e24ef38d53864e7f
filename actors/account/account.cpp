#include "actors/account/account.hpp"

#include "protocol/command.hpp"
#include "protocol/json_object.hpp"
#include "protocol/match.hpp"

#include <algorithm>

namespace usher::account {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

entity_id login_of(const std::string& name) {
  return {entity_kind::login, login::key_of(name)};
}

said claim_name(const std::string& name, const uuid& self,
                register_person next) {
  ++next.asked;
  return said{}.asking(login_of(name), login::command{login::claim{{self}}},
                       std::move(next));
}

/// Takes the e-mail address, then the user name; gives the first back if the
/// second is somebody else's.
said enroll(const state& account, const uuid& self, const register_person& cmd,
            timestamp now) {
  enum : std::uint8_t { nothing, email, user_name };

  if (account.exists)
    return errc::already_exists;
  if (cmd.asked == nothing)
    return claim_name(cmd.who.email, self, cmd);
  if (!cmd.got->granted()) {
    if (cmd.got->refused != errc::already_exists)
      return {cmd.got->refused, cmd.got->more};
    if (cmd.asked == email)
      return errc::email_taken;
    return said{errc::username_taken}.telling(
      login_of(cmd.who.email), login::command{login::release{{self}}});
  }
  if (cmd.asked == email && !cmd.who.user_name.empty())
    return claim_name(cmd.who.user_name, self, cmd);
  return said{facts{registered{cmd.who, cmd.password_hash, cmd.as, now}}}
    .showing(201);
}

/// Two may sign in at once when the hash is due to be renewed: the first does.
said begin_family(const state& account, const sign_in& cmd, timestamp now) {
  const bool is_current = !cmd.checked || cmd.checked == account.password_hash;
  if (!is_current && cmd.checked != account.former_hash)
    return errc::invalid_credentials; // another password by now
  facts happened;
  for (const auto& [id, family] : account.families)
    if (family.until <= now)
      happened.emplace_back(signed_out{id, false});
  if (account.families.size() - happened.size() >= most_families) {
    auto oldest = std::ranges::min_element(
      account.families, {}, [](const auto& f) { return f.second.until; });
    if (oldest->second.until > now)
      happened.emplace_back(signed_out{oldest->first, false});
  }
  happened.emplace_back(signed_in{cmd.family, cmd.token_hash, cmd.until});
  if (cmd.password_hash && is_current)
    happened.emplace_back(rehashed{*cmd.password_hash});
  return happened;
}

/// Whether this is the last exchange once more, by whom its answer may not have
/// reached: from the former token to the one that is good now.
bool is_repeat(const family& of, const rotate& cmd, timestamp now) {
  return !of.former_hash.empty() && of.former_hash == cmd.token_hash
         && of.token_hash == cmd.next_hash
         && now < of.rotated_at + exchange_repeated;
}

said exchange(const state& account, const uuid& self, const rotate& cmd,
              timestamp now) {
  auto found = account.families.find(cmd.family);
  if (found == account.families.end())
    return errc::invalid_token;
  const bool again = is_repeat(found->second, cmd, now);
  if (!again && found->second.token_hash != cmd.token_hash)
    return said{facts{signed_out{cmd.family, true}}}.refusing(
      errc::token_reused);
  if (found->second.until <= now)
    return errc::token_expired;
  facts happened;
  if (!again)
    happened.emplace_back(rotated{cmd.family, cmd.next_hash, cmd.until, now});
  return said{std::move(happened)}.replying(
    secret{{self}, {}, account.who.email, account.as});
}

said end_family(const state& account, const sign_out& cmd) {
  auto found = account.families.find(cmd.family);
  if (found == account.families.end())
    return {};
  const bool reuse = found->second.token_hash != cmd.token_hash;
  return facts{signed_out{cmd.family, reuse}};
}

} // namespace

decision<state> decide(const state& account, const uuid& self,
                       const command& cmd, timestamp now) {
  if (auto* c = std::get_if<register_person>(&cmd))
    return enroll(account, self, *c, now);
  if (!account.exists)
    return errc::not_found;
  return match(
    cmd, //
    [&](const register_person&) { return said{}; },
    [&](const challenge&) {
      return said{}.replying(
        secret{{self}, account.password_hash, account.who.email, account.as});
    },
    [&](const sign_in& c) { return begin_family(account, c, now); },
    [&](const rotate& c) { return exchange(account, self, c, now); },
    [&](const sign_out& c) { return end_family(account, c); },
    [&](const describe&) { return said{}.showing(200); },
    [&](const set_password& c) {
      return said{facts{password_changed{c.password_hash}}};
    },
    [&](const wake&) { return said{}; });
}

void evolve(state& account, const fact& what) {
  match(
    what, //
    [&](const registered& e) {
      account.who = e.who;
      account.password_hash = e.password_hash;
      account.as = e.as;
      account.registered_at = e.at;
      account.exists = true;
    },
    [&](const signed_in& e) {
      account.families[e.family] = {e.token_hash, e.until};
    },
    [&](const rotated& e) {
      auto& of = account.families[e.family];
      of = {e.token_hash, e.until, of.token_hash, e.at};
    },
    [&](const signed_out& e) { account.families.erase(e.family); },
    [&](const rehashed& e) {
      account.former_hash = std::move(account.password_hash);
      account.password_hash = e.password_hash;
    },
    [&](const password_changed& e) {
      account.former_hash.reset();
      account.password_hash = e.password_hash;
      account.families.clear();
    });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt; // old families are cleared at the next sign-in
}

std::string render(const state& account, const uuid& self) {
  std::string out = "{\"user\":";
  {
    json::object to{out};
    auto put_known = [&](std::string_view name, const std::string& text) {
      if (!text.empty())
        to.put(name, text);
    };
    to.put("id", self);
    put_known("email", account.who.email);
    put_known("user_name", account.who.user_name);
    put_known("first_name", account.who.first_name);
    put_known("last_name", account.who.last_name);
    put_known("mobile_phone", account.who.mobile_phone);
    to.put("role", account.as).put_time("created_at", account.registered_at);
  }
  out += '}';
  return out;
}

} // namespace usher::account

#include "actors/organization/organization.hpp"

#include "protocol/characters.hpp"
#include "protocol/command.hpp"
#include "protocol/json_object.hpp"
#include "protocol/match.hpp"
#include "protocol/wrong_field.hpp"

namespace usher::organization {

namespace {

using facts = std::vector<fact>;
using said = decision<state>;

role role_in(const state& organization, account_id who) {
  auto found = organization.members.find(who);
  return found == organization.members.end() ? role::none : found->second;
}

/// Each is shown with the organization.
constexpr std::size_t most_members = 200;

errc why_not(const state& organization, const appoint& cmd) {
  const auto mine = role_in(organization, cmd.caller);
  const auto theirs = role_in(organization, cmd.who);
  if (mine == role::none)
    return errc::not_found;
  if (theirs == role::owner || cmd.to == role::owner)
    return errc::forbidden;
  if (cmd.who == cmd.caller && cmd.to == role::none)
    return errc::ok;
  const auto highest = mine == role::owner ? role::admin : role::editor;
  const bool may =
    mine >= role::admin && theirs <= highest && cmd.to <= highest;
  return may ? errc::ok : errc::forbidden;
}

said give_role(const state& organization, const appoint& cmd) {
  if (const auto why = why_not(organization, cmd); why != errc::ok)
    return why;
  const auto is = role_in(organization, cmd.who);
  if (is == cmd.to)
    return said{}.showing(200);
  if (is == role::none && organization.members.size() >= most_members)
    return {errc::invalid_value,
            more_about({"email", "200 people may belong to it"})};
  return said{facts{role_changed{cmd.who, cmd.to, cmd.caller}}}.showing(200);
}

} // namespace

decision<state> decide(const state& organization, const uuid&,
                       const command& cmd, timestamp) {
  return match(
    cmd, //
    [&](const create& c) {
      if (!organization.members.empty())
        return said{errc::already_exists};
      if (c.name.empty() || characters(c.name) > 200)
        return said{errc::invalid_value,
                    more_about({"name", "1 to 200 characters"})};
      return said{facts{created{c.caller, c.name}}}.showing(201);
    },
    [&](const appoint& c) { return give_role(organization, c); },
    [&](const role_of& c) {
      if (organization.members.empty())
        return said{errc::not_found};
      return said{}.replying(member_role{role_in(organization, c.who)});
    },
    [&](const describe& c) {
      if (role_in(organization, c.caller) == role::none)
        return said{errc::not_found};
      return said{}.showing(200);
    },
    [&](const wake&) { return said{}; });
}

void evolve(state& organization, const fact& what) {
  match(
    what, //
    [&](const created& e) {
      organization.name = e.name;
      organization.members[e.owner] = role::owner;
    },
    [&](const role_changed& e) {
      if (e.is == role::none)
        organization.members.erase(e.who);
      else
        organization.members[e.who] = e.is;
    });
}

std::optional<timestamp> wake_at(const state&) {
  return std::nullopt;
}

std::string render(const state& organization, const uuid& self) {
  std::string out = "{\"organization\":";
  {
    json::object to{out};
    to.put("id", self).put("name", organization.name);
    to.put_objects("members", organization.members,
                   [](json::object& one, const auto& member) {
                     one.put("user_id", member.first);
                     one.put("role", member.second);
                   });
  }
  out += '}';
  return out;
}

} // namespace usher::organization

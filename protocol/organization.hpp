#pragma once

#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

/// Who sells: a name and its people.
namespace usher::organization {

enum class role : std::uint8_t { none, viewer, editor, admin, owner };

BOOST_DESCRIBE_ENUM(role, none, viewer, editor, admin, owner)

struct create {
  static constexpr std::string_view command_name = "organization.create/1";
  account_id caller;
  std::string name;
};

BOOST_DESCRIBE_STRUCT(create, (), (caller, name))

/// Give somebody a role, or another one; `none` takes it away. Admins do so up
/// to editors, the owner to admins, too; whoever is not the owner may go.
struct appoint {
  static constexpr std::string_view command_name = "organization.appoint/1";
  account_id caller;
  account_id who;
  role to{};
};

BOOST_DESCRIBE_STRUCT(appoint, (), (caller, who, to))

/// What may this account do here?
struct role_of {
  static constexpr std::string_view command_name = "organization.role_of/1";
  static constexpr bool is_query = true;
  account_id who;
};

BOOST_DESCRIBE_STRUCT(role_of, (), (who))

struct describe {
  static constexpr std::string_view command_name = "organization.describe/1";
  static constexpr bool is_query = true;
  account_id caller;
};

BOOST_DESCRIBE_STRUCT(describe, (), (caller))

using command = std::variant<create, appoint, role_of, describe, wake>;

struct member_role {
  role is{};
};

BOOST_DESCRIBE_STRUCT(member_role, (), (is))

struct created {
  static constexpr std::string_view fact_name = "organization.created/1";
  static constexpr bool is_listed = true;
  account_id owner;
  std::string name;
  bool operator==(const created&) const = default;
};

BOOST_DESCRIBE_STRUCT(created, (), (owner, name))

/// Somebody belongs to it in another role; with `none`, not any more.
struct role_changed {
  static constexpr std::string_view fact_name = "organization.role_changed/1";
  static constexpr bool is_listed = true;
  account_id who;
  role is{};
  account_id by;
  bool operator==(const role_changed&) const = default;
};

BOOST_DESCRIBE_STRUCT(role_changed, (), (who, is, by))

using fact = std::variant<created, role_changed>;

} // namespace usher::organization

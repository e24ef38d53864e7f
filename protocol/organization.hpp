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

using command = std::variant<create, role_of, describe, wake>;

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

using fact = std::variant<created>;

} // namespace usher::organization

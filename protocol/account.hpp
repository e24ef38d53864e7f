#pragma once

#include "protocol/answer.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/wake.hpp"

#include <variant>

namespace usher {

/// A name that signs in to one account: an e-mail address or a user name.
namespace login {

/// Names are compared in lower case.
uuid key_of(std::string_view name);

/// Take the name, if it is nobody's, or was left behind: claimed long ago for
/// an account that was never registered.
struct claim {
  static constexpr std::string_view command_name = "login.claim/1";
  account_id account;
  bool asked = false;   ///< whether the account that has it exists
  answer_slot got = {}; ///< of that account
};

BOOST_DESCRIBE_STRUCT(claim, (), (account))

/// Give the name up again, if it is this account's.
struct release {
  static constexpr std::string_view command_name = "login.release/1";
  account_id account;
};

BOOST_DESCRIBE_STRUCT(release, (), (account))

struct resolve {
  static constexpr std::string_view command_name = "login.resolve/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(resolve, (), ())

using command = std::variant<claim, release, resolve, wake>;

struct owner {
  account_id account;
};

BOOST_DESCRIBE_STRUCT(owner, (), (account))

struct claimed {
  static constexpr std::string_view fact_name = "login.claimed/1";
  account_id account;
  bool operator==(const claimed&) const = default;
};

BOOST_DESCRIBE_STRUCT(claimed, (), (account))

struct released {
  static constexpr std::string_view fact_name = "login.released/1";
  bool operator==(const released&) const = default;
};

BOOST_DESCRIBE_STRUCT(released, (), ())

/// As login.claimed/1, which had no time.
struct claimed_at {
  static constexpr std::string_view fact_name = "login.claimed/2";
  account_id account;
  timestamp at;
  bool operator==(const claimed_at&) const = default;
};

BOOST_DESCRIBE_STRUCT(claimed_at, (), (account, at))

using fact = std::variant<claimed, released, claimed_at>;

} // namespace login

/// A person: who they are, and who is signed in for them.
namespace account {

enum class role : std::uint8_t { user, admin };

BOOST_DESCRIBE_ENUM(role, user, admin)

struct person {
  std::string email;
  std::string user_name;
  std::string first_name;
  std::string last_name;
  std::string mobile_phone;
  bool operator==(const person&) const = default;
};

BOOST_DESCRIBE_STRUCT(person, (),
                      (email, user_name, first_name, last_name, mobile_phone))

// -- commands

/// `password_hash` is Argon2id's, made at the front.
struct register_person {
  static constexpr std::string_view command_name = "account.register_person/1";
  person who;
  std::string password_hash;
  role as{};
  std::uint8_t asked = 0;
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(register_person, (), (who, password_hash, as))

/// What the front needs to check a password.
struct challenge {
  static constexpr std::string_view command_name = "account.challenge/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(challenge, (), ())

/// The password was right: begin a family of refresh tokens. With a
/// `password_hash`, that is what the password is checked against from now on:
/// it was made at the cost of today, the stored one at another. `checked` is
/// what the password was right for: it may have been changed in the meantime.
struct sign_in {
  static constexpr std::string_view command_name = "account.sign_in/1";
  uuid family;
  std::string token_hash;
  timestamp until;
  std::optional<std::string> password_hash{};
  std::optional<std::string> checked{}; ///< absent before
};

BOOST_DESCRIBE_STRUCT(sign_in, (),
                      (family, token_hash, until, password_hash, checked))

/// Exchange a refresh token for the next one of its family. An old one ends
/// the family; but to ask again for the same next one, soon, is no second
/// exchange.
struct rotate {
  static constexpr std::string_view command_name = "account.rotate/1";
  uuid family;
  std::string token_hash;
  std::string next_hash;
  timestamp until;
};

BOOST_DESCRIBE_STRUCT(rotate, (), (family, token_hash, next_hash, until))

struct sign_out {
  static constexpr std::string_view command_name = "account.sign_out/1";
  uuid family;
  std::string token_hash;
};

BOOST_DESCRIBE_STRUCT(sign_out, (), (family, token_hash))

struct describe {
  static constexpr std::string_view command_name = "account.describe/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(describe, (), ())

/// From now on another password is the right one; whoever is signed in must
/// sign in again.
struct set_password {
  static constexpr std::string_view command_name = "account.set_password/1";
  std::string password_hash;
};

BOOST_DESCRIBE_STRUCT(set_password, (), (password_hash))

using command = std::variant<register_person, challenge, sign_in, rotate,
                             sign_out, describe, set_password, wake>;

// -- answers

struct secret {
  account_id id;
  std::string password_hash;
  std::string email;
  role as{};
};

BOOST_DESCRIBE_STRUCT(secret, (), (id, password_hash, email, as))

// -- facts

struct registered {
  static constexpr std::string_view fact_name = "account.registered/1";
  person who;
  std::string password_hash;
  role as{};
  timestamp at;
  bool operator==(const registered&) const = default;
};

BOOST_DESCRIBE_STRUCT(registered, (), (who, password_hash, as, at))

struct signed_in {
  static constexpr std::string_view fact_name = "account.signed_in/1";
  uuid family;
  std::string token_hash;
  timestamp until;
  bool operator==(const signed_in&) const = default;
};

BOOST_DESCRIBE_STRUCT(signed_in, (), (family, token_hash, until))

struct rotated {
  static constexpr std::string_view fact_name = "account.rotated/1";
  uuid family;
  std::string token_hash;
  timestamp until;
  timestamp at{}; ///< the epoch of old: nobody knows
  bool operator==(const rotated&) const = default;
};

BOOST_DESCRIBE_STRUCT(rotated, (), (family, token_hash, until, at))

/// `reuse` tells that somebody showed an old token.
struct signed_out {
  static constexpr std::string_view fact_name = "account.signed_out/1";
  uuid family;
  bool reuse = false;
  bool operator==(const signed_out&) const = default;
};

BOOST_DESCRIBE_STRUCT(signed_out, (), (family, reuse))

/// The same password, hashed at another cost.
struct rehashed {
  static constexpr std::string_view fact_name = "account.rehashed/1";
  std::string password_hash;
  bool operator==(const rehashed&) const = default;
};

BOOST_DESCRIBE_STRUCT(rehashed, (), (password_hash))

/// Another password. It ends all families.
struct password_changed {
  static constexpr std::string_view fact_name = "account.password_changed/1";
  std::string password_hash;
  bool operator==(const password_changed&) const = default;
};

BOOST_DESCRIBE_STRUCT(password_changed, (), (password_hash))

using fact = std::variant<registered, signed_in, rotated, signed_out, rehashed,
                          password_changed>;

} // namespace account
} // namespace usher

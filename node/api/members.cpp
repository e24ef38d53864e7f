#include "node/api/handlers.hpp"

/// Who belongs to an organization, and in which role.
namespace usher::api {

namespace {

enum class role_to_give : std::uint8_t { viewer, editor, admin };

BOOST_DESCRIBE_ENUM(role_to_give, viewer, editor, admin)

struct member_form {
  std::string email;
  role_to_give role{};
};

BOOST_DESCRIBE_STRUCT(member_form, (), (email, role))

organization::role role_of(role_to_give wanted) {
  switch (wanted) {
    case role_to_give::viewer:
      return organization::role::viewer;
    case role_to_give::editor:
      return organization::role::editor;
    case role_to_give::admin:
      return organization::role::admin;
  }
  return organization::role::none;
}

/// Strangers hear of no organization, nor of who has an account.
awaitable<errc> why_no_member(exchange& x, const uuid& where) {
  const auto said =
    co_await x.ask({entity_kind::organization, where},
                   organization::command{organization::role_of{x.who()}});
  if (!said.granted())
    co_return said.refused;
  const auto is = std::get<organization::member_role>(said.reply).is;
  co_return is == organization::role::none ? errc::not_found : errc::ok;
}

awaitable<reply> give_role(exchange& x, const uuid& where, account_id who,
                           organization::role to) {
  organization::command wanted = organization::appoint{x.who(), who, to};
  co_return co_await order(x, {entity_kind::organization, where},
                           std::move(wanted));
}

} // namespace

awaitable<reply> add_member(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto form = form_of<member_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (const auto why = co_await why_no_member(x, *id); why != errc::ok)
    co_return problem_reply(x, why);
  auto found = co_await x.ask({entity_kind::login, login::key_of(form->email)},
                              login::command{login::resolve{}});
  if (found.refused == errc::not_found)
    co_return refuse_field(x, errc::invalid_value, "email",
                           "that of an account");
  if (!found.granted())
    co_return reply_of(x, std::move(found));
  co_return co_await give_role(
    x, *id, std::get<login::owner>(found.reply).account, role_of(form->role));
}

awaitable<reply> remove_member(exchange& x) {
  const auto id = id_in(x);
  const auto who = id_in(x, 1);
  if (!id || !who)
    co_return problem_reply(x, errc::not_found);
  co_return co_await give_role(x, *id, {*who}, organization::role::none);
}

} // namespace usher::api

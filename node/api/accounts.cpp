#include "node/api/handlers.hpp"
#include "node/http/mac.hpp"
#include "node/http/password.hpp"
#include "protocol/base64.hpp"
#include "protocol/json_object.hpp"

#include <algorithm>

namespace usher::api {

namespace {

struct registration {
  std::string email;
  std::string password;
  std::string first_name;
  std::string last_name;
  std::optional<std::string> user_name;
  std::optional<std::string> mobile_phone;
};

BOOST_DESCRIBE_STRUCT(registration, (),
                      (email, password, first_name, last_name, user_name,
                       mobile_phone))

struct credentials {
  std::optional<std::string> email;
  std::optional<std::string> username;
  std::string password;
};

BOOST_DESCRIBE_STRUCT(credentials, (), (email, username, password))

struct refresh_form {
  std::string refresh_token;
};

BOOST_DESCRIBE_STRUCT(refresh_form, (), (refresh_token))

bool is_email(const std::string& text) {
  const auto at = text.find('@');
  return text.size() <= 254 && at != std::string::npos && at > 0
         && at + 1 < text.size() && text.find('@', at + 1) == std::string::npos
         && std::ranges::all_of(text,
                                [](char c) { return c > ' ' && c < 127; });
}

bool is_user_name(const std::string& text) {
  return text.size() >= 3 && text.size() <= 50
         && std::ranges::all_of(text, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '_' || c == '.'
                     || c == '-';
            });
}

/// The field that is not as it must be; empty if all are.
std::string wrong_field(const registration& form) {
  auto is_name = [](const std::string& text) {
    return !text.empty() && text.size() <= 100;
  };
  if (!is_email(form.email))
    return "email";
  if (!http::check_password_policy(form.password))
    return "password";
  if (!is_name(form.first_name))
    return "first_name";
  if (!is_name(form.last_name))
    return "last_name";
  if (form.user_name && !is_user_name(*form.user_name))
    return "user_name";
  if (form.mobile_phone && form.mobile_phone->size() > 20)
    return "mobile_phone";
  return {};
}

entity_id account_of(account_id who) {
  return {entity_kind::account, who.value};
}

/// A refresh token names its account and its family, and proves itself by a
/// secret of which only the digest is stored.
struct family_token {
  account_id account;
  uuid family;
  std::string hash;
  std::string text;
};

family_token seal(account_id account, const uuid& family,
                  const http::refresh_token& secret) {
  return {account, family, to_base64url(http::bytes_of(secret.hash)),
          to_string(account.value) + '.' + to_string(family) + '.'
            + secret.text};
}

constexpr std::size_t id_size = 36;
constexpr std::size_t before_secret = 2 * id_size + 2;

std::optional<family_token> open_token(const std::string& text) {
  if (text.size() <= before_secret || text[id_size] != '.'
      || text[2 * id_size + 1] != '.')
    return std::nullopt;
  auto account = parse_uuid(std::string_view{text}.substr(0, id_size));
  auto family = parse_uuid(std::string_view{text}.substr(id_size + 1, id_size));
  auto hash =
    http::digest_of_refresh_token(std::string_view{text}.substr(before_secret));
  if (!account || !family || !hash)
    return std::nullopt;
  return family_token{
    {*account}, *family, to_base64url(http::bytes_of(*hash)), text};
}

/// The next one of the family.
family_token token_after(const exchange& x, const family_token& old) {
  const auto& keys = x.desk.settings().security.jwt_keys;
  return seal(
    old.account, old.family,
    http::refresh_token_after(std::string_view{old.text}.substr(before_secret),
                              keys.front().secret));
}

reply tokens_reply(exchange& x, const account::secret& who,
                   const family_token& refresh) {
  const auto& node = x.desk.node;
  const auto now = node.clock.now();
  http::access_claims claims;
  claims.subject = who.id;
  claims.as =
    who.as == account::role::admin ? http::role::admin : http::role::user;
  claims.token = mint_uuid();
  claims.issued = now;
  claims.expires = now + node.settings.security.access_token;
  reply out;
  json::object{out.body}
    .put_text("access_token", node.keys->sign(claims))
    .put_text("refresh_token", refresh.text)
    .put_text("token_type", "Bearer")
    .put("expires_in", node.settings.security.access_token / duration{1000});
  out.headers = "Cache-Control: no-store\r\n";
  return out;
}

/// Finds who signs in under this name. Nobody is told that a password is wrong
/// because its account cannot be asked.
awaitable<result<account::secret>> find_secret(exchange& x,
                                               const std::string& name) {
  const auto nobody = [](errc why) {
    return http_status(why) < 500 ? errc::invalid_credentials : why;
  };
  auto owner = co_await x.ask({entity_kind::login, login::key_of(name)},
                              login::command{login::resolve{}});
  if (!owner.granted())
    co_return nobody(owner.refused);
  auto said =
    co_await x.ask(account_of(std::get<login::owner>(owner.reply).account),
                   account::command{account::challenge{}});
  if (!said.granted())
    co_return nobody(said.refused);
  co_return std::get<account::secret>(said.reply);
}

/// As slow for a name that does not exist as for a wrong password, so that
/// nobody can try out names.
awaitable<reply> sign_in(exchange& x, const result<account::secret>& found,
                         const std::string& password) {
  const auto cost = x.desk.password_cost();
  // Nobody's: verified all the same, against a hash that nothing matches.
  auto hash = found ? found->password_hash : http::hash_of_nobody(cost);
  auto work = [hash, password, cost]() -> result<std::string> {
    if (!http::verify_password(hash, password))
      return errc::invalid_credentials;
    if (!http::needs_rehash(hash, cost))
      return std::string{};
    const auto anew = http::hash_password(password, cost);
    return anew ? *anew : std::string{}; // the old one serves
  };
  auto renewed = co_await x.desk.hash(x, work);
  if (!renewed)
    co_return problem_reply(x, renewed.error());
  if (!found)
    co_return problem_reply(x, errc::invalid_credentials);
  auto refresh = seal(found->id, mint_uuid(), http::mint_refresh_token());
  account::sign_in begin{refresh.family, refresh.hash,
                         x.desk.node.clock.now()
                           + x.desk.settings().security.refresh_token};
  begin.checked = std::move(hash);
  if (!renewed->empty())
    begin.password_hash = std::move(*renewed);
  auto said =
    co_await x.ask(account_of(found->id), account::command{std::move(begin)});
  co_return said.granted() ? tokens_reply(x, *found, refresh)
                           : reply_of(x, std::move(said));
}

} // namespace

awaitable<reply> register_account(exchange& x) {
  auto form = form_of<registration>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (auto field = wrong_field(*form); !field.empty())
    co_return refuse_field(x, errc::invalid_value, field);
  auto id = new_id_for_secret(x, login::key_of(form->email));
  if (!id)
    co_return refuse_field(x, id.error(), "Idempotency-Key");
  auto work = [password = form->password, cost = x.desk.password_cost()] {
    return http::hash_password(password, cost);
  };
  auto hash = co_await x.desk.hash(x, work);
  if (!hash)
    co_return problem_reply(x, hash.error());
  account::register_person wanted;
  wanted.who = {form->email, form->user_name.value_or(""), form->first_name,
                form->last_name, form->mobile_phone.value_or("")};
  wanted.password_hash = std::move(*hash);
  auto said = co_await x.ask({entity_kind::account, id->id},
                             account::command{std::move(wanted)}, id->key,
                             id->is_newborn());
  if (said.refused == errc::already_exists)
    said = {errc::email_taken}; // by who used the key before, long ago
  co_return reply_of(x, std::move(said));
}

awaitable<reply> log_in(exchange& x) {
  auto form = form_of<credentials>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (form->email.has_value() == form->username.has_value())
    co_return refuse_field(x, errc::missing_field, "email");
  const auto name = form->email ? *form->email : *form->username;
  const auto found = co_await find_secret(x, name);
  if (!found && found.error() != errc::invalid_credentials)
    co_return problem_reply(x, found.error());
  // The names of one account share what may be tried.
  const auto whom = found ? found->id.value : login::key_of(name);
  fair_share::password_try attempt;
  if (auto refused = x.desk.try_password(x, whom, attempt))
    co_return std::move(*refused);
  auto out = co_await sign_in(x, found, form->password);
  constexpr unsigned wrong = 401;
  if (out.status != wrong)
    x.desk.node.shares->forgive(attempt, out.status == 200);
  co_return out;
}

awaitable<reply> refresh_tokens(exchange& x) {
  auto form = form_of<refresh_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  auto old = open_token(form->refresh_token);
  if (!old)
    co_return problem_reply(x, errc::invalid_token);
  auto next = token_after(x, *old);
  account::rotate exchange_for{old->family, old->hash, next.hash,
                               x.desk.node.clock.now()
                                 + x.desk.settings().security.refresh_token};
  auto said = co_await x.ask(account_of(old->account),
                             account::command{std::move(exchange_for)});
  if (said.refused == errc::not_found)
    co_return problem_reply(x, errc::invalid_token);
  co_return said.granted()
    ? tokens_reply(x, std::get<account::secret>(said.reply), next)
    : reply_of(x, std::move(said));
}

awaitable<reply> log_out(exchange& x) {
  auto form = form_of<refresh_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  auto old = open_token(form->refresh_token);
  if (!old)
    co_return problem_reply(x, errc::invalid_token);
  account::sign_out farewell{old->family, old->hash};
  auto said = co_await x.ask(account_of(old->account),
                             account::command{std::move(farewell)});
  if (said.refused == errc::not_found)
    co_return problem_reply(x, errc::invalid_token);
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  co_return reply{204};
}

awaitable<reply> verify_token(exchange& x) {
  auto said =
    co_await x.ask(account_of(x.who()), account::command{account::challenge{}});
  if (said.refused == errc::not_found)
    co_return problem_reply(x, errc::invalid_token);
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  reply out;
  json::object{out.body}
    .put("user_id", x.who())
    .put("email", std::get<account::secret>(said.reply).email)
    .put_text("role", x.is_admin() ? "admin" : "user")
    .put_time("expires_at", x.caller->expires);
  co_return out;
}

awaitable<reply> show_me(exchange& x) {
  auto said =
    co_await x.ask(account_of(x.who()), account::command{account::describe{}});
  co_return reply_of(x, std::move(said));
}

} // namespace usher::api

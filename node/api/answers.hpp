#pragma once

#include "node/front/front_desk.hpp"
#include "node/http/form.hpp"
#include "persistence/lists/read_model.hpp"

/// What the handlers of all routes share.
namespace usher::api {

using boost::asio::awaitable;
using http::exchange;
using http::problem_reply;
using http::reply;

/// The answer of an entity as HTTP: its document, or the problem.
reply reply_of(const exchange&, answer said);

/// The same for what was to be made under this id: if something is there, made
/// under a key that is not remembered any more, its id is told.
reply reply_of_new(const exchange&, answer said, const uuid& id);

/// The path parameter as an id; nothing means 404.
std::optional<uuid> id_in(const exchange&, std::size_t parameter = 0);

/// Reads the body as a form; an empty body reads as {}.
template <class Form>
http::form<Form> form_of(const exchange& x,
                         const http::form_limits& limits = {}) {
  return http::read_form<Form>(x.body.empty() ? std::string_view{"{}"} : x.body,
                               limits);
}

/// The problem that refuses a form.
reply refuse(const exchange&, const http::form_refusal&);

/// The problem that names one field.
reply refuse_field(const exchange&, errc why, std::string field,
                   std::string message = {});

/// Which page of a list the query wants by `limit` and `page_token`.
http::form<persistence::page_request> page_in(const http::query&);

/// The Idempotency-Key of a request, bound to caller, route and body; empty
/// without one. Refused with bad_request if it is not 1 to 255 visible
/// characters.
result<std::optional<request_key>> key_of(const exchange&);

/// Where a new thing gets its id: with a key, the id that the key names, so
/// that a repeat finds what the first try made; without, a new one.
struct new_id {
  uuid id;
  std::optional<request_key> key;

  /// True if nothing can be stored under the id yet.
  bool is_newborn() const { return !key; }
};

/// In a cell: most things are in the first.
result<new_id> new_id_for(const exchange&, cell_no = first_cell);

/// The same for who is not signed in, and whose body holds a secret: the key is
/// theirs alone, and nobody can try out the secret on what is stored of it.
result<new_id> new_id_for_secret(const exchange&, const uuid& caller);

/// The same for an entity that its maker goes on talking to: without a key, of
/// a shard that is here, if one is, so that whoever stays with this front
/// reaches it without a hop.
result<new_id> new_id_nearby(const exchange&, entity_kind, cell_no);

/// Sends a command that may be repeated under the request's key.
awaitable<reply> order(exchange& x, entity_id to, any_command what);

/// An empty object, for routes whose body says nothing.
struct nothing {};

BOOST_DESCRIBE_STRUCT(nothing, (), ())

} // namespace usher::api

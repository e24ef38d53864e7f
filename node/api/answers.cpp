#include "node/api/answers.hpp"

#include "node/http/mac.hpp"
#include "protocol/wrong_field.hpp"

#include <algorithm>
#include <cstring>

namespace usher::http {

std::string trace_id_of(const exchange& x, errc code) {
  std::string given{
    pick_trace_id(x.head[field::traceparent], x.head[field::x_request_id])};
  return given.empty() && http_status(code) >= 500 ? trace_digits(x.by.id)
                                                   : given;
}

reply problem_reply(const exchange& x, errc code, std::string_view extra,
                    std::span<const field_error> fields) {
  reply out;
  const auto speaks = pick_language(x.head[field::accept_language]);
  const auto trace = trace_id_of(x, code);
  out.status = http_status(code);
  out.content_type = "application/problem+json";
  out.body = problem_json({.code = code,
                           .fields = fields,
                           .extra = extra,
                           .trace_id = trace,
                           .speaks = speaks});
  out.headers = "Content-Language: ";
  out.headers += tag_of(speaks);
  out.headers += "\r\n";
  if (out.status == 503 || code == errc::request_in_progress)
    out.headers += "Retry-After: 1\r\n";
  return out;
}

} // namespace usher::http

namespace usher::api {

using http::field;

reply reply_of(const exchange& x, answer said) {
  if (!said.granted()) {
    auto wrong = wrong_field_in(said.more);
    return wrong ? refuse_field(x, said.refused, std::move(wrong->field),
                                std::move(wrong->message))
                 : problem_reply(x, said.refused, said.more);
  }
  if (auto* made = std::get_if<document>(&said.reply))
    return {made->status, std::move(made->json)};
  return {200, "{}"};
}

reply reply_of_new(const exchange& x, answer said, const uuid& id) {
  if (said.refused == errc::already_exists) {
    said.more = "\"id\":";
    json::put(said.more, id);
  }
  return reply_of(x, std::move(said));
}

std::optional<uuid> id_in(const exchange& x, std::size_t parameter) {
  return parse_uuid(x.route.parameters.at(parameter));
}

reply refuse(const exchange& x, const http::form_refusal& why) {
  return problem_reply(x, why.code, {}, why.fields);
}

reply refuse_field(const exchange& x, errc why, std::string field,
                   std::string message) {
  const std::vector<http::field_error> one{
    {std::move(field), why, std::move(message)}};
  return problem_reply(x, why, {}, one);
}

http::form<persistence::page_request> page_in(const http::query& query) {
  auto limit = query.number("limit", 1, 100, 10);
  if (!limit)
    return limit.error();
  return persistence::page_request{
    static_cast<std::uint32_t>(*limit),
    std::string{query.text("page_token").value_or("")}};
}

namespace {

/// The key, bound to whose it is, and to a body by its digest.
result<std::optional<request_key>>
bound_key(const exchange& x, const uuid& caller, const http::digest& body) {
  if (!x.head.has(field::idempotency_key))
    return std::optional<request_key>{};
  const auto text = x.head[field::idempotency_key];
  if (text.empty() || text.size() > 255
      || !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; }))
    return errc::bad_request;
  std::string scope{text};
  scope += '\n';
  scope += to_string(x.head.verb);
  scope += ' ';
  scope += x.head.path;
  request_key out{derive_uuid(caller, scope), 0};
  std::memcpy(&out.body_hash, body.data(), sizeof(out.body_hash));
  out.body_hash >>= 1; // JSON readers are sure of 63 bits
  return std::optional{out};
}

new_id id_for(const std::optional<request_key>& key, cell_no cell) {
  if (!key)
    return {in_cell(mint_uuid(), cell), std::nullopt};
  return {in_cell(derive_uuid(key->request, "new"), cell), key};
}

} // namespace

result<std::optional<request_key>> key_of(const exchange& x) {
  const auto caller = x.caller ? x.caller->subject.value : uuid{};
  if (x.head.query.empty())
    return bound_key(x, caller, http::sha256(x.body));
  std::string wish{x.body}; // of a DELETE, all of it is in the query
  wish += '?';
  wish += x.head.query;
  return bound_key(x, caller, http::sha256(wish));
}

result<new_id> new_id_for(const exchange& x, cell_no cell) {
  auto key = key_of(x);
  if (!key)
    return key.error();
  return id_for(*key, cell);
}

// The journal keeps digests for ever. Whoever reads it must not be able to try
// passwords on one: so it takes a secret that is not there. All nodes have it,
// and it stays as long as the tickets do.
result<new_id> new_id_for_secret(const exchange& x, const uuid& caller) {
  const auto key = http::hmac_sha256(x.desk.settings().security.ticket_secret(),
                                     "usher bodies of requests");
  auto bound =
    bound_key(x, caller, http::hmac_sha256(http::bytes_of(key), x.body));
  if (!bound)
    return bound.error();
  return id_for(*bound, first_cell);
}

result<new_id> new_id_nearby(const exchange& x, entity_kind kind,
                             cell_no cell) {
  constexpr int tries = 64; // a front may have no shards at all
  auto out = new_id_for(x, cell);
  if (!out || !out->is_newborn())
    return out;
  const auto& shards = *x.desk.node.shards;
  for (int i = 0; i < tries && !shards.is_here({kind, out->id}); ++i)
    out->id = in_cell(mint_uuid(), cell);
  return out;
}

awaitable<reply> order(exchange& x, entity_id to, any_command what) {
  auto key = key_of(x);
  if (!key)
    co_return refuse_field(x, key.error(), "Idempotency-Key");
  auto said = co_await x.ask(to, std::move(what), *key);
  co_return reply_of(x, std::move(said));
}

} // namespace usher::api

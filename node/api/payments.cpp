#include "node/api/handlers.hpp"
#include "node/sandbox_provider.hpp"
#include "node/ticket_signer.hpp"

namespace usher::api {

namespace {

using http::field;
using persistence::page_request;
using persistence::read_model;

enum class play : std::uint8_t {
  succeed,
  fail,
  expire,
  late_success,
  wrong_amount
};

BOOST_DESCRIBE_ENUM(play, succeed, fail, expire, late_success, wrong_amount)

struct play_form {
  play outcome{};
};

BOOST_DESCRIBE_STRUCT(play_form, (), (outcome))

struct callback_data {
  usher::payment_id payment_id;
  money amount;
};

BOOST_DESCRIBE_STRUCT(callback_data, (), (payment_id, amount))

struct callback_form {
  std::string type;
  callback_data data;
};

BOOST_DESCRIBE_STRUCT(callback_form, (), (type, data))

std::optional<payment::report> report_of(std::string_view type) {
  if (type == "payment.succeeded")
    return payment::report::succeeded;
  if (type == "payment.failed")
    return payment::report::failed;
  if (type == "payment.expired")
    return payment::report::expired;
  return std::nullopt;
}

awaitable<answer> look_at(exchange& x, const uuid& id) {
  return x.desk.ask({entity_kind::payment, id},
                    payment::command{payment::describe{x.who()}});
}

sandbox_play script_of(play outcome, const payment::standing& about) {
  sandbox_play out;
  out.payment = about.id;
  out.amount = about.amount;
  switch (outcome) {
    case play::succeed:
      break;
    case play::fail:
      out.what = payment::report::failed;
      break;
    case play::expire:
      out.what = payment::report::expired;
      break;
    case play::late_success:
      out.at = about.until + std::chrono::seconds{1};
      break;
    case play::wrong_amount:
      ++out.amount.amount;
      break;
  }
  return out;
}

/// Lists of sales share their parameters and their access.
using list_function = result<persistence::page> (read_model::*)(
  account_id, std::optional<event_id>, const page_request&);

awaitable<reply> list_sales(exchange& x, std::string_view name,
                            list_function list) {
  constexpr std::array<std::string_view, 3> allowed{"limit", "page_token",
                                                    "event_id"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto limit = query->number("limit", 1, 100, 10);
  if (!limit)
    co_return refuse(x, limit.error());
  std::optional<event_id> event;
  if (auto text = query->text("event_id")) {
    auto id = parse_uuid(*text);
    if (!id)
      co_return refuse_field(x, errc::invalid_value, "event_id");
    event = event_id{*id};
  }
  page_request part{static_cast<std::uint32_t>(*limit),
                    std::string{query->text("page_token").value_or("")}};
  auto work = [&x, name, list, event, part](read_model& model) -> reply {
    auto found = (model.*list)(x.who(), event, part);
    if (!found)
      return problem_reply(x, found.error());
    return {200, render(name, *found), {}, "application/json", {}};
  };
  co_return co_await x.desk.query(x, work);
}

template <class Id>
awaitable<reply>
show_sale(exchange& x, result<std::string> (read_model::*one)(account_id, Id)) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto work = [&x, one, id = Id{*id}](read_model& model) -> reply {
    auto found = (model.*one)(x.who(), id);
    if (!found)
      return problem_reply(x, found.error());
    return {200, std::move(*found), {}, "application/json", {}};
  };
  co_return co_await x.desk.query(x, work);
}

} // namespace

/// The provider's page, as far as a sandbox needs one: it answers once the
/// webhook was taken, or at once if the play is for later.
awaitable<reply> play_sandbox(exchange& x) {
  const auto id = id_in(x);
  if (!id || !x.desk.node.sandbox)
    co_return problem_reply(x, errc::not_found);
  auto form = form_of<play_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (auto mine = co_await look_at(x, *id); !mine.granted())
    co_return reply_of(x, std::move(mine));
  auto said = co_await x.desk.ask({entity_kind::payment, *id},
                                  payment::command{payment::inquire{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  const auto& about = std::get<payment::standing>(said.reply);
  if (about.now != payment::status::pending)
    co_return problem_reply(x, errc::payment_settled);
  auto script = script_of(form->outcome, about);
  if (!co_await x.desk.node.sandbox->perform(std::move(script)))
    co_return problem_reply(x, errc::outcome_unknown);
  auto after = co_await look_at(x, *id);
  co_return reply_of(x, std::move(after));
}

/// The order of checks is WIRE.md's: signature, known payment, amount, already
/// done, apply.
awaitable<reply> hear_sandbox(exchange& x) {
  if (!x.desk.node.sandbox)
    co_return problem_reply(x, errc::not_found);
  const auto name = x.head.find("webhook-id").value_or("");
  const auto verified = x.desk.node.sandbox->secret().verify(
    name, x.head.find("webhook-timestamp").value_or(""),
    x.head.find("webhook-signature").value_or(""), x.body,
    x.desk.node.clock.now());
  if (!verified || name.empty() || name.size() > 100)
    co_return problem_reply(x, errc::bad_signature);
  auto form = form_of<callback_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  auto what = report_of(form->type);
  if (!what)
    co_return refuse_field(x, errc::invalid_value, "type");
  payment::notify news;
  news.callback = std::string{name};
  news.what = *what;
  news.amount = form->data.amount;
  auto said =
    co_await x.desk.ask({entity_kind::payment, form->data.payment_id.value},
                        payment::command{std::move(news)});
  if (said.refused == errc::wrong_amount) // recorded: nothing to be repeated
    co_return reply{
      200, "{\"status\":\"refused\"}", {}, "application/json", {}};
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  co_return reply{200, "{\"status\":\"taken\"}", {}, "application/json", {}};
}

awaitable<reply> list_payments(exchange& x) {
  return list_sales(x, "payments", &read_model::list_payments);
}

awaitable<reply> list_orders(exchange& x) {
  return list_sales(x, "orders", &read_model::list_orders);
}

awaitable<reply> list_tickets(exchange& x) {
  return list_sales(x, "tickets", &read_model::list_tickets);
}

/// The payer sees it as it is now; organizers see it in the lists.
awaitable<reply> show_payment(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await look_at(x, *id);
  if (said.refused != errc::not_found)
    co_return reply_of(x, std::move(said));
  co_return co_await show_sale(x, &read_model::find_payment);
}

awaitable<reply> show_order(exchange& x) {
  return show_sale(x, &read_model::find_order);
}

awaitable<reply> show_ticket(exchange& x) {
  auto out = co_await show_sale(x, &read_model::find_ticket);
  if (out.status == 200)
    out.body = x.desk.node.tickets->with_code(out.body);
  co_return out;
}

} // namespace usher::api

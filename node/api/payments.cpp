#include "node/api/handlers.hpp"
#include "node/sandbox_provider.hpp"
#include "node/ticket_signer.hpp"
#include "persistence/lists/list_page.hpp"

namespace usher::api {

namespace {

using http::field;
using persistence::list_reader;
using persistence::page_request;
using persistence::read_model;
using persistence::sales_list;

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
  return x.ask({entity_kind::payment, id},
               payment::command{payment::describe{x.who()}});
}

awaitable<bool> is_payer(exchange& x, const payment::standing& about) {
  if (about.payer)
    co_return *about.payer == x.who();
  const auto said = co_await look_at(x, about.id.value);
  co_return said.granted();
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

/// Whether a play has had its effect, even if the money went back since: who
/// repeats it under a key, not knowing that, need not be told that it cannot
/// be.
bool has_come_true(play outcome, payment::status now) {
  switch (outcome) {
    case play::succeed:
      return now == payment::status::completed
             || now == payment::status::refunding
             || now == payment::status::refunded;
    case play::fail:
      return now == payment::status::failed;
    case play::expire:
      return now == payment::status::expired;
    case play::late_success:
    case play::wrong_amount:
      return false;
  }
  return false;
}

/// Of which organizations the caller is a member; the first cell alone knows.
/// Nothing if it does not answer. In the first cell nobody has to ask.
awaitable<std::optional<list_reader>> reader_for(exchange& x, cell_no cell) {
  list_reader out{x.who(), {}};
  if (cell == first_cell)
    co_return out;
  auto known = std::make_shared<std::vector<organization_id>>();
  auto work = [known, who = x.who()](read_model& model) -> reply {
    *known = model.organizations_of(who);
    return {};
  };
  const auto said = co_await x.desk.query(x, first_cell, work);
  if (said.status != 200)
    co_return std::nullopt;
  out.organizations = std::move(*known);
  co_return out;
}

reply show_page(std::string_view name, sales_list list,
                const page_request& part, gathered found, bool is_incomplete) {
  auto page = page_of_sales(list, part, std::move(found.parts));
  page.is_incomplete = found.is_incomplete || is_incomplete;
  return {200, render(name, page)};
}

/// What an event sold is in its cell. Buyers need nobody else for that; of
/// organizers it must be known that they are.
awaitable<reply> list_of_event(exchange& x, std::string_view name,
                               sales_list list, event_id event,
                               page_request part) {
  const auto cell = cell_of(event.value);
  const auto known = co_await reader_for(x, cell);
  const auto reader = known.value_or(list_reader{x.who(), {}});
  auto work = [&x, name, list, reader, event, part,
               all = known.has_value()](read_model& model) -> reply {
    auto found = model.sales_from(list, reader, event, part);
    if (!found)
      return problem_reply(x, found.error());
    gathered alone;
    alone.parts.push_back(std::move(*found));
    return show_page(name, list, part, std::move(alone), !all);
  };
  co_return co_await x.desk.query(x, cell, work);
}

awaitable<reply> list_sales(exchange& x, std::string_view name,
                            sales_list list) {
  constexpr std::array<std::string_view, 3> allowed{"limit", "page_token",
                                                    "event_id"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto page = page_in(*query);
  if (!page)
    co_return refuse(x, page.error());
  auto part = std::move(*page);
  if (auto text = query->text("event_id")) {
    auto id = parse_uuid(*text);
    if (!id)
      co_return refuse_field(x, errc::invalid_value, "event_id");
    co_return co_await list_of_event(x, name, list, {*id}, std::move(part));
  }
  auto work = [list, part, who = x.who()](read_model& model) {
    return model.sales_from(list, {who, {}}, std::nullopt, part);
  };
  auto found = co_await x.desk.gather(work);
  if (!found)
    co_return problem_reply(x, found.error());
  co_return show_page(name, list, part, std::move(*found), false);
}

awaitable<reply> find_sale(exchange& x, sales_list list, uuid id,
                           list_reader reader) {
  auto work = [&x, list, id, reader](read_model& model) -> reply {
    auto found = model.find_sale(list, reader, id);
    if (!found)
      return problem_reply(x, found.error());
    return {200, std::move(*found)};
  };
  co_return co_await x.desk.query(x, cell_of(id), work);
}

/// Only who is not the buyer has to be known to the first cell.
awaitable<reply> show_sale(exchange& x, sales_list list) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  list_reader buyer{x.who(), {}};
  auto out = co_await find_sale(x, list, *id, std::move(buyer));
  if (out.status != 404 || cell_of(*id) == first_cell)
    co_return out;
  auto known = co_await reader_for(x, cell_of(*id));
  if (!known)
    co_return problem_reply(x, errc::unavailable);
  if (known->organizations.empty())
    co_return out;
  co_return co_await find_sale(x, list, *id, std::move(*known));
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
  const auto key = key_of(x);
  if (!key)
    co_return refuse_field(x, key.error(), "Idempotency-Key");
  auto said = co_await x.ask({entity_kind::payment, *id},
                             payment::command{payment::inquire{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  const auto about = std::get<payment::standing>(std::move(said.reply));
  if (!co_await is_payer(x, about))
    co_return problem_reply(x, errc::not_found);
  if (*key && has_come_true(form->outcome, about.now))
    co_return reply_of(x, co_await look_at(x, *id));
  if (about.now != payment::status::pending)
    co_return problem_reply(x, errc::payment_settled);
  auto script = script_of(form->outcome, about);
  if (!co_await x.desk.node.sandbox->perform(std::move(script)))
    co_return problem_reply(x, errc::outcome_unknown);
  auto after = co_await look_at(x, *id);
  co_return reply_of(x, std::move(after));
}

/// The order of checks: signature, known payment, amount, already
/// done, apply.
awaitable<reply> hear_sandbox(exchange& x) {
  if (!x.desk.node.sandbox)
    co_return problem_reply(x, errc::not_found);
  const auto name = x.head.find("webhook-id").value_or("");
  const auto verified = x.desk.node.sandbox->secret().verify(
    name, x.head.find("webhook-timestamp").value_or(""),
    x.head.find("webhook-signature").value_or(""), x.body,
    x.desk.node.clock.now());
  if (!verified || name.empty() || name.size() > 100) {
    auto too_much = x.desk.count(x);
    co_return too_much ? std::move(*too_much)
                       : problem_reply(x, errc::bad_signature);
  }
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
    co_await x.ask({entity_kind::payment, form->data.payment_id.value},
                   payment::command{std::move(news)});
  if (said.refused == errc::wrong_amount) // recorded: nothing to be repeated
    co_return reply{200, "{\"status\":\"refused\"}"};
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  co_return reply{200, "{\"status\":\"taken\"}"};
}

awaitable<reply> list_payments(exchange& x) {
  return list_sales(x, "payments", sales_list::payments);
}

awaitable<reply> list_orders(exchange& x) {
  return list_sales(x, "orders", sales_list::orders);
}

awaitable<reply> list_tickets(exchange& x) {
  return list_sales(x, "tickets", sales_list::tickets);
}

/// The payer sees it as it is now; organizers see it in the lists.
awaitable<reply> show_payment(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await look_at(x, *id);
  if (said.refused != errc::not_found)
    co_return reply_of(x, std::move(said));
  co_return co_await show_sale(x, sales_list::payments);
}

awaitable<reply> show_order(exchange& x) {
  return show_sale(x, sales_list::orders);
}

awaitable<reply> show_ticket(exchange& x) {
  auto out = co_await show_sale(x, sales_list::tickets);
  if (out.status == 200)
    out.body = x.desk.node.tickets->with_code(out.body);
  co_return out;
}

awaitable<reply> show_ticket_keys(exchange& x) {
  co_return reply{200, x.desk.node.tickets->key_set()};
}

} // namespace usher::api

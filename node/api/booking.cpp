#include "node/api/handlers.hpp"

#include <ranges>

namespace usher::api {

namespace {

using namespace booking_session;

struct open_form {
  std::optional<std::string> checkout_token;
};

BOOST_DESCRIBE_STRUCT(open_form, (), (checkout_token))

struct best_form {
  std::uint32_t count = 0;
  std::optional<std::string> section;
};

BOOST_DESCRIBE_STRUCT(best_form, (), (count, section))

struct places_form {
  ticket_type_id id;
  std::uint32_t quantity = 0;
};

BOOST_DESCRIBE_STRUCT(places_form, (), (id, quantity))

struct wish_form {
  std::optional<std::vector<std::string>> seats;
  std::optional<best_form> best_available;
  std::optional<std::vector<places_form>> ticket_types;
};

BOOST_DESCRIBE_STRUCT(wish_form, (), (seats, best_available, ticket_types))

struct checkout_form {
  std::optional<std::string> payment_method;
};

BOOST_DESCRIBE_STRUCT(checkout_form, (), (payment_method))

/// More seats in one request than any buyer may hold at once by reason.
constexpr std::uint32_t most_seats = 50;

bool in_range(std::uint32_t n) {
  return n >= 1 && n <= most_seats;
}

/// The wish in the form, or the field that makes none of it.
result<wish> wish_of(wish_form form, std::string& field) {
  const int given = (form.seats ? 1 : 0) + (form.best_available ? 1 : 0)
                    + (form.ticket_types ? 1 : 0);
  field = "seats";
  if (given != 1)
    return errc::bad_request;
  wish out;
  if (form.seats) {
    out.seats = std::move(*form.seats);
    if (out.seats.empty() || out.seats.size() > most_seats)
      return errc::invalid_value;
  }
  if (form.best_available) {
    field = "best_available.count";
    if (!in_range(form.best_available->count))
      return errc::invalid_value;
    out.best_available = form.best_available->count;
    out.section = form.best_available->section.value_or("");
  }
  if (form.ticket_types) {
    field = "ticket_types";
    if (form.ticket_types->empty() || form.ticket_types->size() > most_seats)
      return errc::invalid_value;
    for (const auto& one : *form.ticket_types) {
      if (!in_range(one.quantity))
        return errc::invalid_value;
      out.places.emplace_back(one.id, one.quantity);
    }
  }
  return out;
}

/// Brings a command to the session that the path names.
awaitable<reply> to_session(exchange& x, command what) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  co_return co_await order(x, {entity_kind::booking_session, *id},
                           std::move(what));
}

/// So many are asked how they are, at most.
constexpr std::ptrdiff_t most_sessions = 100;

request to_session(const exchange& x, const uuid& id, command what) {
  request out{{entity_kind::booking_session, id}, std::move(what)};
  out.by = x.by;
  return out;
}

/// Which of these sessions are not over; refused if one cannot say.
awaitable<result<std::vector<request>>>
that_live(exchange& x, const std::vector<session_id>& all) {
  std::vector<request> questions;
  std::vector<request> live;
  for (const auto& one :
       all | std::views::reverse | std::views::take(most_sessions))
    questions.push_back(to_session(x, one.value, booking_session::usage{}));
  const auto answers = co_await x.desk.entities.ask_all(questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].granted())
      co_return answers[i].refused;
    if (!std::get<booking_session::used>(answers[i].reply).over)
      live.push_back(
        to_session(x, questions[i].to.key, booking_session::describe{x.who()}));
  }
  co_return live;
}

/// All of an event's sessions that the caller can go on with, in one list.
awaitable<reply> show_all(exchange& x, const std::vector<session_id>& known) {
  auto live = co_await that_live(x, known);
  if (!live)
    co_return problem_reply(x, live.error());
  auto answers = co_await x.desk.entities.ask_all(std::move(*live));
  for (const auto& said : answers)
    if (!said.granted())
      co_return problem_reply(x, said.refused);
  reply out;
  out.body = "{\"sessions\":";
  json::put_list(out.body, answers, [&](const answer& said) {
    out.body += std::get<document>(said.reply).json;
  });
  out.body += '}';
  co_return out;
}

} // namespace

awaitable<reply> open_session(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto form = form_of<open_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  auto session = new_id_nearby(x, entity_kind::booking_session,
                               cell_of(*id)); // all of an event is in its cell
  if (!session)
    co_return refuse_field(x, session.error(), "Idempotency-Key");
  open wanted;
  wanted.caller = x.who();
  wanted.event = {*id};
  wanted.max_hold = x.desk.settings().sales.max_hold;
  if (form->checkout_token) {
    auto leave = x.desk.node.keys->verify_checkout(*form->checkout_token,
                                                   x.desk.node.clock.now());
    if (!leave || leave->subject != x.who() || leave->event != wanted.event)
      co_return problem_reply(x, errc::checkout_token_invalid);
    wanted.queue_number = leave->number;
  }
  auto said = co_await x.ask({entity_kind::booking_session, session->id},
                             command{std::move(wanted)}, session->key,
                             session->is_newborn());
  const bool made = said.granted();
  auto out = reply_of_new(x, std::move(said), session->id);
  if (made)
    out.headers += "Location: /v1/sessions/" + to_string(session->id) + "\r\n";
  co_return out;
}

/// The way back to a session whose id was lost with the answer.
awaitable<reply> list_sessions(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto about = co_await x.ask({entity_kind::event, *id},
                              event::command{event::describe{}});
  if (!about.granted())
    co_return reply_of(x, std::move(about));
  if (!event::is_public(
        *std::get<std::shared_ptr<const event::description>>(about.reply)))
    co_return problem_reply(x, errc::not_found);
  auto said =
    co_await x.ask({entity_kind::allowance, allowance::key_of({*id}, x.who())},
                   allowance::command{allowance::list{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  const auto known = std::get<allowance::guest_list>(std::move(said.reply));
  co_return co_await show_all(x, known.sessions);
}

awaitable<reply> show_session(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await x.ask({entity_kind::booking_session, *id},
                             command{booking_session::describe{x.who()}});
  co_return reply_of(x, std::move(said));
}

awaitable<reply> hold_seats(exchange& x) {
  auto form = form_of<wish_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  std::string field;
  auto wanted = wish_of(std::move(*form), field);
  if (!wanted)
    co_return refuse_field(x, wanted.error(), field);
  hold order;
  order.caller = x.who();
  order.wanted = std::move(*wanted);
  co_return co_await to_session(x, command{std::move(order)});
}

awaitable<reply> release_seat(exchange& x) {
  const auto seat = x.route.decoded(1);
  if (!seat)
    co_return problem_reply(x, errc::not_found);
  constexpr std::array<std::string_view, 1> allowed{"quantity"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto places = query->number("quantity", 1, most_seats, 0);
  if (!places)
    co_return refuse(x, places.error());
  command wanted = booking_session::remove{x.who(), *seat};
  if (*places > 0)
    wanted = reduce{x.who(), *seat, static_cast<std::uint32_t>(*places)};
  co_return co_await to_session(x, std::move(wanted));
}

awaitable<reply> extend_session(exchange& x) {
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  extend wanted;
  wanted.caller = x.who();
  wanted.step = x.desk.settings().sales.extension;
  co_return co_await to_session(x, command{std::move(wanted)});
}

awaitable<reply> cancel_session(exchange& x) {
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  co_return co_await to_session(x, command{cancel{x.who()}});
}

awaitable<reply> check_out(exchange& x) {
  auto form = form_of<checkout_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (form->payment_method && form->payment_method != "sandbox")
    co_return refuse_field(x, errc::invalid_value, "payment_method");
  checkout wanted;
  wanted.caller = x.who();
  wanted.method = form->payment_method.value_or("");
  wanted.takes_money = x.desk.node.sandbox != nullptr;
  if (auto key = key_of(x); key && *key)
    wanted.request = (*key)->request;
  co_return co_await to_session(x, command{std::move(wanted)});
}

} // namespace usher::api

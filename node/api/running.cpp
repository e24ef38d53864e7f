#include "node/api/handlers.hpp"
#include "protocol/characters.hpp"

/// What an organizer does while an event is on sale.
namespace usher::api {

namespace {

using event_ptr = std::shared_ptr<const event::description>;

struct blocking_form {
  std::vector<std::string> seats;
  std::string reason;
};

BOOST_DESCRIBE_STRUCT(blocking_form, (), (seats, reason))

struct unblocking_form {
  std::vector<std::string> seats;
};

BOOST_DESCRIBE_STRUCT(unblocking_form, (), (seats))

struct rate_form {
  std::optional<std::uint32_t> max_active;
  std::optional<std::uint32_t> batch;
  std::optional<std::uint32_t> token_seconds;
};

BOOST_DESCRIBE_STRUCT(rate_form, (), (max_active, batch, token_seconds))

/// As a section's block knows them.
struct seats_of_section {
  std::string section;
  std::vector<std::string> seats;
};

awaitable<answer> describe(exchange& x, const uuid& id) {
  return x.ask({entity_kind::event, id}, event::command{event::describe{}});
}

/// A stranger hears of no event; one who may cannot always be told.
awaitable<errc> why_not_run(exchange& x, const event::description& about) {
  if (x.is_admin())
    co_return errc::ok;
  auto said =
    co_await x.ask({entity_kind::organization, about.what.organization.value},
                   organization::command{organization::role_of{x.who()}});
  if (!said.granted())
    co_return said.refused;
  const auto is = std::get<organization::member_role>(said.reply).is;
  co_return is >= organization::role::editor ? errc::ok : errc::not_found;
}

/// The event that the path names, if the caller is one who runs its sale. Else
/// nothing, and what to say.
awaitable<event_ptr> event_of_caller(exchange& x, reply& refused) {
  refused = problem_reply(x, errc::not_found);
  const auto id = id_in(x);
  if (!id)
    co_return nullptr;
  auto said = co_await describe(x, *id);
  if (!said.granted()) {
    refused = reply_of(x, std::move(said));
    co_return nullptr;
  }
  auto about = std::get<event_ptr>(std::move(said.reply));
  if (const auto why = co_await why_not_run(x, *about); why != errc::ok) {
    refused = problem_reply(x, why);
    co_return nullptr;
  }
  co_return about;
}

/// The same, if there is a sale to run.
awaitable<event_ptr> event_to_run(exchange& x, reply& refused) {
  auto about = co_await event_of_caller(x, refused);
  if (about && about->now != event::phase::published) {
    refused = problem_reply(x, errc::wrong_state);
    co_return nullptr;
  }
  co_return about;
}

awaitable<reply> pause(exchange& x, bool is_paused) {
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  reply refused;
  if (!co_await event_to_run(x, refused))
    co_return refused;
  co_return co_await order(x, {entity_kind::event, *id_in(x)},
                           event::command{event::pause{is_paused}});
}

/// `<section>-<row>-<number>`, where only sections may have dashes. Nothing if
/// they are not all of one section.
std::optional<seats_of_section>
seats_of_one_section(const std::vector<std::string>& ids) {
  seats_of_section out;
  for (const auto& id : ids) {
    const auto last = id.rfind('-');
    if (last == std::string::npos || last == 0)
      return std::nullopt;
    const auto dash = id.rfind('-', last - 1);
    if (dash == std::string::npos)
      return std::nullopt;
    if (!out.seats.empty() && out.section != id.substr(0, dash))
      return std::nullopt;
    out.section = id.substr(0, dash);
    out.seats.push_back(id.substr(dash + 1));
  }
  return out.seats.empty() ? std::nullopt : std::optional{std::move(out)};
}

/// The waiting room of the event that the path names, if it has one and the
/// caller runs its sale. Whether it is open, it says itself.
awaitable<std::optional<entity_id>> room_to_run(exchange& x, reply& refused) {
  const auto about = co_await event_of_caller(x, refused);
  if (about && about->what.rules.waiting_room.enabled)
    co_return entity_id{entity_kind::waiting_room,
                        waiting_room::key_of({*id_in(x)})};
  if (about)
    refused = problem_reply(x, errc::no_waiting_room);
  co_return std::nullopt;
}

/// The room answers with itself. A late repeat must not send away who has come
/// since, nor bring back an older rate: so the room remembers the key.
awaitable<reply> order_room(exchange& x, waiting_room::command what) {
  reply refused;
  const auto room = co_await room_to_run(x, refused);
  if (!room)
    co_return refused;
  co_return co_await order(x, *room, std::move(what));
}

/// Another section has another block, which knows nothing of the key. Refused
/// if the event has seen the key with another section. What else the body says
/// is the block's to compare, if it grants it: who was refused may correct it.
awaitable<answer> note_key(exchange& x, const std::string& section) {
  auto key = key_of(x);
  if (!key || !*key)
    co_return answer{}; // a broken one is refused with its field
  (*key)->request = derive_uuid((*key)->request, "event");
  (*key)->body_hash = hash_of(derive_uuid((*key)->request, section));
  (*key)->body_hash >>= 1; // as key_of does
  co_return co_await x.ask({entity_kind::event, *id_in(x)},
                           event::command{event::note_request{}}, *key);
}

/// Asks the block of the seats' section; `make` says what, of its own names.
template <class Make>
awaitable<reply> order_seats(exchange& x, const std::vector<std::string>& ids,
                             Make make) {
  reply refused;
  const auto about = co_await event_to_run(x, refused);
  if (!about)
    co_return refused;
  auto wanted = seats_of_one_section(ids);
  if (!wanted)
    co_return refuse_field(x, errc::invalid_value, "seats",
                           "ids of seats of one section");
  for (const auto& section : about->sections) {
    if (section.name != wanted->section || section.general_admission)
      continue;
    auto noted = co_await note_key(x, section.name);
    // An older node may have the event, and cannot note it: the block decides.
    if (!noted.granted() && noted.refused != errc::unavailable)
      co_return reply_of(x, std::move(noted));
    co_return co_await order(x, {entity_kind::seat_block, section.block.value},
                             make(std::move(wanted->seats)));
  }
  co_return problem_reply(x, errc::unknown_seat);
}

} // namespace

awaitable<reply> pause_event(exchange& x) {
  return pause(x, true);
}

awaitable<reply> resume_event(exchange& x) {
  return pause(x, false);
}

awaitable<reply> change_queue_rate(exchange& x) {
  auto form = form_of<rate_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (!form->max_active && !form->batch && !form->token_seconds)
    co_return refuse_field(x, errc::invalid_value, "max_active",
                           "this, or batch, or token_seconds");
  waiting_room::command wanted = waiting_room::change_rate{
    form->max_active, form->batch, form->token_seconds};
  co_return co_await order_room(x, std::move(wanted));
}

awaitable<reply> clear_queue(exchange& x) {
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  waiting_room::command wanted = waiting_room::clear{};
  co_return co_await order_room(x, std::move(wanted));
}

awaitable<reply> watch_queue(exchange& x) {
  reply refused;
  const auto room = co_await room_to_run(x, refused);
  if (!room)
    co_return refused;
  auto said =
    co_await x.ask(*room, waiting_room::command{waiting_room::watch{}});
  co_return reply_of(x, std::move(said));
}

awaitable<reply> block_seats(exchange& x) {
  auto form = form_of<blocking_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  if (form->reason.empty() || characters(form->reason) > 200)
    co_return refuse_field(x, errc::invalid_value, "reason",
                           "1 to 200 characters");
  auto make = [&](std::vector<std::string> seats) {
    return seat_block::command{
      seat_block::block_seats{std::move(seats), std::move(form->reason)}};
  };
  co_return co_await order_seats(x, form->seats, make);
}

awaitable<reply> unblock_seats(exchange& x) {
  auto form = form_of<unblocking_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  auto make = [](std::vector<std::string> seats) {
    return seat_block::command{seat_block::unblock_seats{std::move(seats)}};
  };
  co_return co_await order_seats(x, form->seats, make);
}

} // namespace usher::api

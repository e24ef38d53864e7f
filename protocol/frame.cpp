#include "protocol/frame.hpp"

#include "protocol/membership.hpp"

#include <map>

namespace usher {

namespace {

using json::bad_shape;

// Left without a value: a reply that has no name here does not compile.
template <class Reply>
constexpr std::string_view reply_name = Reply::reply_name;
template <>
constexpr std::string_view reply_name<std::monostate> = "nothing/1";
template <>
constexpr std::string_view reply_name<document> = "document/1";
template <>
constexpr std::string_view reply_name<login::owner> = "login.owner/1";
template <>
constexpr std::string_view reply_name<account::secret> = "account.secret/1";
template <>
constexpr std::string_view reply_name<organization::member_role> =
  "organization.member_role/1";
template <>
constexpr std::string_view reply_name<layout::sections> = "layout.sections/1";
template <>
constexpr std::string_view reply_name<std::shared_ptr<const event::terms>> =
  "event.terms/1";
template <>
constexpr std::string_view
  reply_name<std::shared_ptr<const event::description>> = "event.description/1";
template <>
constexpr std::string_view reply_name<seat_block::granted> =
  "seat_block.granted/1";
template <>
constexpr std::string_view reply_name<seat_block::picture> =
  "seat_block.picture/1";
template <>
constexpr std::string_view reply_name<allowance::entered_as> =
  "allowance.entered_as/1";
template <>
constexpr std::string_view reply_name<booking_session::used> =
  "booking_session.used/1";
template <>
constexpr std::string_view reply_name<booking_session::settled> =
  "booking_session.settled/1";
template <>
constexpr std::string_view reply_name<payment::standing> = "payment.standing/1";
template <>
constexpr std::string_view reply_name<waiting_room::dealt> =
  "waiting_room.dealt/1";
template <>
constexpr std::string_view reply_name<waiting_room::place> =
  "waiting_room.place/1";
template <>
constexpr std::string_view reply_name<queue_slot::standing> =
  "queue_slot.standing/1";
template <>
constexpr std::string_view reply_name<allowance::guest_list> =
  "allowance.guest_list/1";

// Commands that came later are named here, each with its version.
template <class Command>
constexpr std::uint16_t first_version = oldest_protocol;
template <>
constexpr std::uint16_t first_version<account::set_password> =
  first_with_new_passwords;
template <>
constexpr std::uint16_t first_version<event::note_request> =
  first_with_noted_keys;
template <>
constexpr std::uint16_t first_version<booking_session::wind_up> =
  first_with_wound_up_sessions;
template <>
constexpr std::uint16_t first_version<allowance::list> =
  first_with_listed_sessions;
template <>
constexpr std::uint16_t first_version<booking_session::reduce> =
  first_with_reduced_carts;
template <>
constexpr std::uint16_t first_version<organization::appoint> =
  first_with_appointments;
template <>
constexpr std::uint16_t first_version<event::revise> =
  first_with_revised_drafts;
template <>
constexpr std::uint16_t first_version<waiting_room::change_rate> =
  first_with_run_rooms;
template <>
constexpr std::uint16_t first_version<waiting_room::clear> =
  first_with_run_rooms;
template <>
constexpr std::uint16_t first_version<waiting_room::watch> =
  first_with_run_rooms;
template <>
constexpr std::uint16_t first_version<waiting_room::show_up> =
  first_with_run_rooms;

/// Calls `each` with the type of every alternative, as std::type_identity.
template <class Variant, class Each>
void for_each_alternative(Each each) {
  boost::mp11::mp_for_each<
    boost::mp11::mp_transform<std::type_identity, Variant>>(each);
}

/// The long text of a reply, which travels behind the line as it is.
const std::string* long_text(const document& x) {
  return &x.json;
}

const std::string* long_text(const seat_block::picture& x) {
  return &x.section_json;
}

const std::string*
long_text(const std::shared_ptr<const event::description>& x) {
  return x ? &x->json : nullptr;
}

const std::string* long_text(const auto&) {
  return nullptr;
}

void take_long_text(document& x, std::string_view text) {
  x.json = text;
}

void take_long_text(seat_block::picture& x, std::string_view text) {
  x.section_json = text;
}

void take_long_text(std::shared_ptr<const event::description>& x,
                    std::string_view text) {
  if (!x)
    return;
  auto whole = std::make_shared<event::description>(*x);
  whole->json = text;
  x = std::move(whole);
}

void take_long_text(auto&, std::string_view text) {
  if (!text.empty())
    throw bad_shape("text behind a reply that has none");
}

void put_value(std::string& out, const std::monostate&) {
  out += "null";
}

void put_value(std::string& out, const auto& x) {
  json::put(out, x);
}

template <class T>
T take_value(const json::value& v) {
  if constexpr (std::is_same_v<T, std::monostate>)
    return {};
  else
    return json::get<T>(v);
}

// -- ids, addresses, refusals

void put_entity(std::string& out, const entity_id& who) {
  out += '"';
  out += to_string(who);
  out += '"';
}

entity_kind take_kind(std::string_view name) {
  if (const auto kind = kind_named(name))
    return *kind;
  throw bad_shape("no such kind of entity: " + std::string{name});
}

entity_id take_entity(const json::value& v) {
  const auto text = json::get<std::string>(v);
  const auto colon = text.find(':');
  if (colon == std::string::npos)
    throw bad_shape("names no entity");
  const auto key = parse_uuid(std::string_view{text}.substr(colon + 1));
  if (!key)
    throw bad_shape("names no entity");
  return {take_kind(std::string_view{text}.substr(0, colon)), *key};
}

void put_number(std::string& out, std::string_view name, auto number) {
  if (number == 0)
    return;
  out += ",\"";
  out += name;
  out += "\":";
  json::put(out, number);
}

/// Members that stand at their defaults are left out.
void put_address(std::string& out, const return_address& x) {
  out += "{\"number\":";
  json::put(out, x.number);
  put_number(out, "bridge", x.bridge);
  put_number(out, "node", x.node);
  if (x.asker != entity_id{}) {
    out += ",\"asker\":";
    put_entity(out, x.asker);
  }
  out += '}';
}

const json::value* find(const json::value& in, std::string_view name) {
  const auto* object = in.if_object();
  if (!object)
    throw bad_shape("not an object");
  return object->if_contains({name.data(), name.size()});
}

const json::value& want(const json::value& in, std::string_view name) {
  if (const auto* found = find(in, name))
    return *found;
  throw bad_shape("lacks " + std::string{name});
}

template <class T>
void take_if_there(const json::value& in, std::string_view name, T& out) {
  if (const auto* found = find(in, name))
    out = json::get<T>(*found);
}

return_address take_address(const json::value& v) {
  return_address out;
  take_if_there(v, "number", out.number);
  take_if_there(v, "bridge", out.bridge);
  take_if_there(v, "node", out.node);
  if (const auto* asker = find(v, "asker"))
    out.asker = take_entity(*asker);
  return out;
}

errc take_refusal(const json::value& v) {
  const auto name = json::get<std::string>(v);
  const auto found = parse_errc(name);
  if (!found)
    throw bad_shape("no such refusal: " + name);
  return *found;
}

// -- commands and replies by name

/// A list of two: the name of the alternative, and its members.
void put_named(std::string& out, std::string_view name, const auto& what) {
  out += "[\"";
  out += name;
  out += "\",";
  put_value(out, what);
  out += ']';
}

/// Splits what put_named wrote.
std::pair<std::string, const json::value*> take_named(const json::value& v) {
  const auto& parts = json::items(v);
  if (parts.size() < 2)
    throw bad_shape("not a name and its members");
  return {json::get<std::string>(parts[0]), &parts[1]};
}

/// Reads the alternative of one entity that is called so.
template <class Command>
Command take_alternative(std::string_view name, const json::value& body) {
  std::optional<Command> out;
  for_each_alternative<Command>([&]<class T>(std::type_identity<T>) {
    if (!out && T::command_name == name)
      out.emplace(json::get<T>(body));
  });
  if (!out)
    throw bad_shape("unknown command " + std::string{name});
  return std::move(*out);
}

any_command take_command(entity_kind kind, const json::value& v) {
  const auto [name, body] = take_named(v);
  const auto any_of_this_kind = wake_of(kind);
  return std::visit(
    [&, &called = name, &members = *body]<class T>(const T&) -> any_command {
      return take_alternative<T>(called, members);
    },
    any_of_this_kind);
}

any_reply take_reply(const json::value& v, std::string_view text) {
  const auto [name, body] = take_named(v);
  std::optional<any_reply> out;
  for_each_alternative<any_reply>(
    [&, &called = name, &members = *body]<class T>(std::type_identity<T>) {
      if (out || reply_name<T> != called)
        return;
      auto what = take_value<T>(members);
      take_long_text(what, text);
      out.emplace(std::move(what));
    });
  if (!out)
    throw bad_shape("unknown reply " + name);
  return std::move(*out);
}

} // namespace

std::string_view name_of(const any_command& what) {
  return std::visit(
    [](const auto& of_entity) {
      return std::visit([](const auto& cmd) { return cmd.command_name; },
                        of_entity);
    },
    what);
}

std::string_view name_of(const any_reply& what) {
  return std::visit([]<class T>(const T&) { return reply_name<T>; }, what);
}

std::uint16_t first_version_of(const any_command& what) {
  return std::visit(
    [](const auto& of_entity) {
      return std::visit([]<class T>(const T&) { return first_version<T>; },
                        of_entity);
    },
    what);
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> out;
  for_each_alternative<any_command>([&]<class E>(std::type_identity<E>) {
    for_each_alternative<E>(
      [&]<class T>(std::type_identity<T>) { out.push_back(T::command_name); });
  });
  return out;
}

std::vector<std::string_view> reply_names() {
  std::vector<std::string_view> out;
  for_each_alternative<any_reply>(
    [&]<class T>(std::type_identity<T>) { out.push_back(reply_name<T>); });
  return out;
}

/// Absent if there is none. Who does not know it passes it over.
void put_trace(std::string& out, const trace& by) {
  if (by.id.is_nil())
    return;
  out += ",\"trace\":";
  json::put(out, by.id);
  if (by.is_sampled)
    out += ",\"sampled\":true";
}

std::string encode(const request& what, timestamp now) {
  std::string out;
  out.reserve(512);
  out += "{\"to\":";
  put_entity(out, what.to);
  out += ",\"command\":";
  std::visit(
    [&](const auto& of_entity) {
      std::visit(
        [&](const auto& cmd) { put_named(out, cmd.command_name, cmd); },
        of_entity);
    },
    what.what);
  out += ",\"from\":";
  put_address(out, what.from);
  if (what.key) {
    out += ",\"key\":";
    json::put(out, *what.key);
  }
  if (what.newborn)
    out += ",\"newborn\":true";
  put_number(out, "hops", what.hops);
  if (what.until) {
    out += ",\"left\":";
    json::put(out, (*what.until - now).count());
  }
  put_trace(out, what.by);
  out += '}';
  return out;
}

/// Whatever a broken sender says, the sum is a moment.
std::optional<timestamp> take_until(const json::value& line, timestamp now) {
  constexpr std::int64_t a_day = 86'400'000;
  std::optional<std::int64_t> left;
  take_if_there(line, "left", left);
  if (!left)
    return std::nullopt;
  return now + duration{std::clamp(*left, -a_day, a_day)};
}

request decode_request(std::string_view body, timestamp now) {
  const auto line = json::parse(body);
  request out;
  out.to = take_entity(want(line, "to"));
  out.what = take_command(out.to.kind, want(line, "command"));
  out.from = take_address(want(line, "from"));
  take_if_there(line, "key", out.key);
  take_if_there(line, "newborn", out.newborn);
  take_if_there(line, "hops", out.hops);
  out.until = take_until(line, now);
  take_if_there(line, "trace", out.by.id);
  take_if_there(line, "sampled", out.by.is_sampled);
  return out;
}

std::string encode(const response& said) {
  std::string out;
  const auto* text = std::visit(
    [](const auto& reply) { return long_text(reply); }, said.what.reply);
  out.reserve(256 + (text ? text->size() : 0));
  out += "{\"to\":";
  put_address(out, said.to);
  if (!said.what.granted()) {
    out += ",\"refused\":";
    json::put_string(out, to_string(said.what.refused));
  }
  if (!said.what.more.empty()) {
    out += ",\"more\":";
    json::put_string(out, said.what.more);
  }
  out += ",\"reply\":";
  std::visit(
    [&]<class T>(const T& reply) { put_named(out, reply_name<T>, reply); },
    said.what.reply);
  out += "}\n"; // the only line end: strings have theirs escaped
  if (text)
    out += *text;
  return out;
}

response decode_response(std::string_view body) {
  const auto end = body.find('\n');
  if (end == std::string_view::npos)
    throw bad_shape("a response without its line end");
  const auto line = json::parse(body.substr(0, end));
  response out;
  out.to = take_address(want(line, "to"));
  if (const auto* refused = find(line, "refused"))
    out.what.refused = take_refusal(*refused);
  take_if_there(line, "more", out.what.more);
  out.what.reply = take_reply(want(line, "reply"), body.substr(end + 1));
  return out;
}

std::optional<std::uint64_t> asker_in(std::string_view body) {
  try {
    const auto line = json::parse(body.substr(0, body.find('\n')));
    const auto* from = find(line, "from");
    std::uint64_t out = 0;
    take_if_there(from ? *from : want(line, "to"), "number", out);
    return out;
  } catch (const bad_shape&) {
    return std::nullopt;
  }
}

} // namespace usher

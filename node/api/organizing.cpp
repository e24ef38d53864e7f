#include "actors/layout/check.hpp"
#include "node/api/handlers.hpp"
#include "node/api/layout_form.hpp"
#include "node/api/time_zone.hpp"
#include "persistence/lists/list_page.hpp"
#include "protocol/characters.hpp"
#include "protocol/event_profile.hpp"

namespace usher::api {

namespace {

struct organization_form {
  std::string name;
};

BOOST_DESCRIBE_STRUCT(organization_form, (), (name))

struct ticket_type_form {
  std::string name;
  std::int64_t price = 0;
  std::vector<std::string> sections;
};

BOOST_DESCRIBE_STRUCT(ticket_type_form, (), (name, price, sections))

struct event_form {
  usher::organization_id organization_id;
  std::string title;
  std::string venue;
  usher::layout_id layout_id;
  std::string currency;
  std::string timezone;
  timestamp starts_at;
  timestamp sale_starts_at;
  timestamp sale_ends_at;
  std::optional<std::string> description;
  std::optional<std::string> address;
  std::optional<std::string> artist_name;
  std::optional<std::string> category;
  std::optional<std::string> poster_image_url;
  std::vector<ticket_type_form> ticket_types;
  std::optional<event::settings_revision> settings;
};

BOOST_DESCRIBE_STRUCT(event_form, (),
                      (organization_id, title, venue, layout_id, currency,
                       timezone, starts_at, sale_starts_at, sale_ends_at,
                       description, address, artist_name, category,
                       poster_image_url, ticket_types, settings))

/// What may be changed in a draft: all but whose it is.
struct revision_form {
  std::optional<usher::layout_id> layout_id;
  std::optional<std::string> title;
  std::optional<std::string> venue;
  std::optional<std::string> currency;
  std::optional<std::string> timezone;
  std::optional<timestamp> starts_at;
  std::optional<timestamp> sale_starts_at;
  std::optional<timestamp> sale_ends_at;
  std::optional<std::string> description;
  std::optional<std::string> address;
  std::optional<std::string> artist_name;
  std::optional<std::string> category;
  std::optional<std::string> poster_image_url;
  std::optional<std::vector<ticket_type_form>> ticket_types;
  std::optional<event::settings_revision> settings;
};

BOOST_DESCRIBE_STRUCT(revision_form, (),
                      (layout_id, title, venue, currency, timezone, starts_at,
                       sale_starts_at, sale_ends_at, description, address,
                       artist_name, category, poster_image_url, ticket_types,
                       settings))

/// The 10,000 characters of a description, whatever its language; what else is
/// shorter, the event itself measures.
constexpr http::form_limits texts_of_event{.text_bytes = 40'000};

std::uint32_t whole_seconds(duration d) {
  return static_cast<std::uint32_t>(d.count() / 1000);
}

event::settings rules_of(const std::optional<event::settings_revision>& given,
                         const config::sales& house) {
  event::settings out;
  out.hold_seconds = whole_seconds(house.hold);
  out.checkout_seconds = whole_seconds(house.checkout);
  if (given)
    apply(*given, out);
  return out;
}

std::vector<event::ticket_type> types_of(std::vector<ticket_type_form> forms) {
  std::vector<event::ticket_type> out;
  for (auto& type : forms)
    out.push_back(
      {{}, std::move(type.name), type.price, std::move(type.sections)});
  return out;
}

std::shared_ptr<const event::profile> profile_of(event_form form,
                                                 const config::sales& house) {
  auto out = std::make_shared<event::profile>();
  out->organization = form.organization_id;
  out->layout = form.layout_id;
  out->title = std::move(form.title);
  out->venue = std::move(form.venue);
  out->currency = std::move(form.currency);
  out->timezone = std::move(form.timezone);
  out->starts_at = form.starts_at;
  out->sale_starts_at = form.sale_starts_at;
  out->sale_ends_at = form.sale_ends_at;
  out->description = form.description.value_or("");
  out->address = form.address.value_or("");
  out->artist_name = form.artist_name.value_or("");
  out->category = form.category.value_or("");
  out->poster_image_url = form.poster_image_url.value_or("");
  out->ticket_types = types_of(std::move(form.ticket_types));
  out->rules = rules_of(form.settings, house);
  return out;
}

std::shared_ptr<const event::revision> revision_of(revision_form form) {
  auto out = std::make_shared<event::revision>();
  out->layout = form.layout_id;
  out->title = std::move(form.title);
  out->venue = std::move(form.venue);
  out->currency = std::move(form.currency);
  out->timezone = std::move(form.timezone);
  out->starts_at = form.starts_at;
  out->sale_starts_at = form.sale_starts_at;
  out->sale_ends_at = form.sale_ends_at;
  out->description = std::move(form.description);
  out->address = std::move(form.address);
  out->artist_name = std::move(form.artist_name);
  out->category = std::move(form.category);
  out->poster_image_url = std::move(form.poster_image_url);
  if (form.ticket_types)
    out->ticket_types = types_of(std::move(*form.ticket_types));
  out->rules = form.settings;
  return out;
}

/// Creates an entity under a new id, and tells where it is.
awaitable<reply> create(exchange& x, entity_kind kind, any_command what,
                        std::string_view folder) {
  auto id = new_id_for(x);
  if (!id)
    co_return refuse_field(x, id.error(), "Idempotency-Key");
  if (kind == entity_kind::event)
    id->id = x.desk.node.place_event(id->id);
  auto said =
    co_await x.ask({kind, id->id}, std::move(what), id->key, id->is_newborn());
  const bool made = said.granted();
  auto out = reply_of_new(x, std::move(said), id->id);
  if (made) {
    out.headers += "Location: ";
    out.headers += folder;
    out.headers += to_string(id->id);
    out.headers += "\r\n";
  }
  co_return out;
}

/// Of `{"organization":{..}}` the inner object.
std::string inside(const std::string& text) {
  const auto begin = text.find(':') + 1;
  return text.substr(begin, text.size() - begin - 1);
}

awaitable<reply> advance(exchange& x, event::step to) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  if (auto form = form_of<nothing>(x); !form)
    co_return refuse(x, form.error());
  if (to == event::step::approve
      && x.desk.settings().sales.require_admin_approval && !x.is_admin())
    co_return problem_reply(x, errc::forbidden);
  event::advance step;
  step.caller = x.who();
  step.admin = x.is_admin();
  step.to = to;
  if (to == event::step::publish)
    step.draw_secret = mint_uuid();
  co_return co_await order(x, {entity_kind::event, *id},
                           event::command{std::move(step)});
}

} // namespace

awaitable<reply> create_organization(exchange& x) {
  auto form = form_of<organization_form>(x);
  if (!form)
    co_return refuse(x, form.error());
  organization::command wanted =
    organization::create{x.who(), std::move(form->name)};
  co_return co_await create(x, entity_kind::organization, std::move(wanted),
                            "/v1/organizations/");
}

/// Lists know only whose they are: what they are, each says itself.
awaitable<reply> list_organizations(exchange& x) {
  constexpr std::array<std::string_view, 2> allowed{"limit", "page_token"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto part = page_in(*query);
  if (!part)
    co_return refuse(x, part.error());
  auto found = std::make_shared<persistence::list_part>();
  auto work = [&x, found, part = *part,
               who = x.who()](persistence::read_model& model) -> reply {
    auto rows = model.memberships_from(who, part);
    if (!rows)
      return problem_reply(x, rows.error());
    *found = std::move(*rows);
    return {};
  };
  if (auto said = co_await x.desk.query(x, first_cell, work);
      said.status != 200)
    co_return said;
  std::vector<request> questions;
  for (const auto& key : found->keys) {
    questions.push_back(
      {{entity_kind::organization, key.id},
       organization::command{organization::describe{x.who()}}});
    questions.back().by = x.by;
  }
  const auto answers = co_await x.desk.entities.ask_all(std::move(questions));
  for (const auto& said : answers) {
    if (!said.granted() && said.refused != errc::not_found)
      co_return reply_of(x, said);
    const auto* shown = std::get_if<document>(&said.reply);
    found->items.push_back(shown ? inside(shown->json) : std::string{});
  }
  co_return reply{200,
                  render("organizations", page_of_memberships(*part, *found))};
}

awaitable<reply> show_organization(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said =
    co_await x.ask({entity_kind::organization, *id},
                   organization::command{organization::describe{x.who()}});
  co_return reply_of(x, std::move(said));
}

awaitable<reply> create_layout(exchange& x) {
  auto form = read_layout(x.body);
  if (!form)
    co_return refuse(x, form.error());
  auto problems = layout::check(form->sections);
  if (form->name.empty() || characters(form->name) > 200)
    problems.push_back({"name", errc::invalid_value, "1 to 200 characters"});
  if (!problems.empty()) {
    std::vector<http::field_error> fields;
    for (auto& one : problems)
      fields.push_back({std::move(one.path), one.code, std::move(one.message)});
    co_return problem_reply(x, errc::invalid_value, {}, fields);
  }
  layout::command wanted =
    layout::create{x.who(), std::move(form->name), std::move(form->sections)};
  co_return co_await create(x, entity_kind::layout, std::move(wanted),
                            "/v1/layouts/");
}

awaitable<reply> show_layout(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await x.ask({entity_kind::layout, *id},
                             layout::command{layout::describe{}});
  co_return reply_of(x, std::move(said));
}

awaitable<reply> create_event(exchange& x) {
  auto form = form_of<event_form>(x, texts_of_event);
  if (!form)
    co_return refuse(x, form.error());
  if (!is_time_zone(form->timezone))
    co_return refuse_field(x, errc::invalid_value, "timezone",
                           "an IANA name, as Asia/Ho_Chi_Minh");
  const auto& house = x.desk.settings().sales;
  event::create wanted;
  wanted.caller = x.who();
  wanted.admin = x.is_admin();
  wanted.wanted = profile_of(std::move(*form), house);
  if (std::chrono::seconds{wanted.wanted->rules.hold_seconds} > house.max_hold)
    co_return refuse_field(x, errc::invalid_value, "settings.hold_seconds");
  co_return co_await create(x, entity_kind::event,
                            event::command{std::move(wanted)}, "/v1/events/");
}

awaitable<reply> revise_event(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto form = form_of<revision_form>(x, texts_of_event);
  if (!form)
    co_return refuse(x, form.error());
  if (form->timezone && !is_time_zone(*form->timezone))
    co_return refuse_field(x, errc::invalid_value, "timezone",
                           "an IANA name, as Asia/Ho_Chi_Minh");
  const auto hold =
    form->settings ? form->settings->hold_seconds.value_or(0) : 0;
  if (std::chrono::seconds{hold} > x.desk.settings().sales.max_hold)
    co_return refuse_field(x, errc::invalid_value, "settings.hold_seconds");
  event::revise wanted;
  wanted.caller = x.who();
  wanted.admin = x.is_admin();
  wanted.wanted = revision_of(std::move(*form));
  co_return co_await order(x, {entity_kind::event, *id},
                           event::command{std::move(wanted)});
}

awaitable<reply> configure_event(exchange& x) {
  co_return co_await advance(x, event::step::configure);
}

awaitable<reply> approve_event(exchange& x) {
  co_return co_await advance(x, event::step::approve);
}

awaitable<reply> publish_event(exchange& x) {
  co_return co_await advance(x, event::step::publish);
}

awaitable<reply> cancel_event(exchange& x) {
  co_return co_await advance(x, event::step::cancel);
}

} // namespace usher::api

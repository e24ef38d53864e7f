#pragma once

#include "protocol/answer.hpp"
#include "protocol/ids.hpp"
#include "protocol/json.hpp"
#include "protocol/seat_block.hpp"

#include <optional>
#include <variant>

/// The concert, the match, the talk: what is sold, when, and by which rules.
namespace usher::event {

/// How the organizer wants it sold. Seconds are whole seconds.
struct waiting_room_settings {
  bool enabled = false;
  std::uint32_t max_active = 100; ///< checkouts at once
  std::uint32_t batch = 10;       ///< admitted at a time
  std::uint32_t token_seconds = 900;
  /// Who has not asked by then whether it is their turn loses it. Nobody is
  /// told to wait more than half of it before they ask again.
  std::uint32_t show_up_seconds = 120;
  bool operator==(const waiting_room_settings&) const = default;
};

BOOST_DESCRIBE_STRUCT(waiting_room_settings, (),
                      (enabled, max_active, batch, token_seconds,
                       show_up_seconds))

struct settings {
  std::uint32_t hold_seconds = 600;
  std::uint32_t checkout_seconds = 900;
  std::uint32_t max_per_user = 6;
  bool no_orphans = false;
  waiting_room_settings waiting_room;
  bool operator==(const settings&) const = default;
};

BOOST_DESCRIBE_STRUCT(settings, (),
                      (hold_seconds, checkout_seconds, max_per_user, no_orphans,
                       waiting_room))

struct ticket_type {
  ticket_type_id id;
  std::string name;
  std::int64_t price = 0; ///< minor units of the event's currency
  std::vector<std::string> sections;
  bool operator==(const ticket_type&) const = default;
};

BOOST_DESCRIBE_STRUCT(ticket_type, (), (id, name, price, sections))

/// What an organizer says of the event.
struct profile {
  organization_id organization;
  layout_id layout;
  std::string title;
  std::string venue;
  std::string currency;
  std::string timezone; ///< IANA
  timestamp starts_at;
  timestamp sale_starts_at;
  timestamp sale_ends_at;
  std::string description;
  std::string address;
  std::string artist_name;
  std::string category;
  std::string poster_image_url;
  std::vector<ticket_type> ticket_types;
  settings rules;
  bool operator==(const profile&) const = default;
};

BOOST_DESCRIBE_STRUCT(profile, (),
                      (organization, layout, title, venue, currency, timezone,
                       starts_at, sale_starts_at, sale_ends_at, description,
                       address, artist_name, category, poster_image_url,
                       ticket_types, rules))

/// What is to be otherwise in the settings; what is not said stays.
struct waiting_room_revision {
  std::optional<bool> enabled;
  std::optional<std::uint32_t> max_active;
  std::optional<std::uint32_t> batch;
  std::optional<std::uint32_t> token_seconds;
  std::optional<std::uint32_t> show_up_seconds;
};

BOOST_DESCRIBE_STRUCT(waiting_room_revision, (),
                      (enabled, max_active, batch, token_seconds,
                       show_up_seconds))

struct settings_revision {
  std::optional<std::uint32_t> hold_seconds;
  std::optional<std::uint32_t> checkout_seconds;
  std::optional<std::uint32_t> max_per_user;
  std::optional<bool> no_orphans;
  std::optional<waiting_room_revision> waiting_room;
};

BOOST_DESCRIBE_STRUCT(settings_revision, (),
                      (hold_seconds, checkout_seconds, max_per_user, no_orphans,
                       waiting_room))

/// What is to be otherwise in a draft; what is not said stays.
struct revision {
  std::optional<layout_id> layout;
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
  std::optional<std::vector<ticket_type>> ticket_types; ///< all of them
  std::optional<settings_revision> rules;
};

BOOST_DESCRIBE_STRUCT(revision, (),
                      (layout, title, venue, currency, timezone, starts_at,
                       sale_starts_at, sale_ends_at, description, address,
                       artist_name, category, poster_image_url, ticket_types,
                       rules))

/// One section as the event sells it.
struct sold_section {
  std::string name;
  block_id block;
  ticket_type_id ticket_type;
  std::uint32_t capacity = 0;
  bool general_admission = false;
  std::int32_t rating = 0;
  bool operator==(const sold_section&) const = default;
};

BOOST_DESCRIBE_STRUCT(sold_section, (),
                      (name, block, ticket_type, capacity, general_admission,
                       rating))

/// draft -> configured -> approved -> published -> ended; any -> cancelled.
/// What a published event shows (upcoming, on_sale, sold_out) follows from the
/// clock and the stock.
enum class phase : std::uint8_t {
  none,
  draft,
  configured,
  approved,
  published,
  ended,
  cancelled,
};

BOOST_DESCRIBE_ENUM(phase, none, draft, configured, approved, published, ended,
                    cancelled)

enum class step : std::uint8_t { configure, approve, publish, cancel };

BOOST_DESCRIBE_ENUM(step, configure, approve, publish, cancel)

/// What an event has its waiting room do: call people as slots get free, hold
/// its calls while nothing can be bought, or close.
enum class room_calls : std::uint8_t { going, held, over };

BOOST_DESCRIBE_ENUM(room_calls, going, held, over)

// -- commands

struct create {
  static constexpr std::string_view command_name = "event.create/1";
  account_id caller;
  bool admin = false;
  std::shared_ptr<const profile> wanted;
  answer_slot got; ///< of the organization, then of the layout
  std::uint8_t asked = 0;
};

BOOST_DESCRIBE_STRUCT(create, (), (caller, admin, wanted))

/// Change what a draft says.
struct revise {
  static constexpr std::string_view command_name = "event.revise/1";
  account_id caller;
  bool admin = false;
  std::shared_ptr<const revision> wanted;
  answer_slot got; ///< of the organization, then of the layout
  std::uint8_t asked = 0;
};

BOOST_DESCRIBE_STRUCT(revise, (), (caller, admin, wanted))

/// Take the next step of the event's life.
struct advance {
  static constexpr std::string_view command_name = "event.advance/1";
  account_id caller;
  bool admin = false;
  step to{};
  std::optional<uuid> draw_secret; ///< new with each try to publish
  answer_slot got;                 ///< of whom was asked last
  std::uint32_t asked = 0;
  std::vector<section> plan; ///< of the layout, while publishing
};

BOOST_DESCRIBE_STRUCT(advance, (), (caller, admin, to, draw_secret))

/// A block ran out of seats, or has some again. What was overtaken by later
/// news of the block is none.
struct note_stock {
  static constexpr std::string_view command_name = "event.note_stock/1";
  std::string section;
  bool exhausted = false;
  version as_of = 0; ///< of the block; 0 = of a node that does not say
};

BOOST_DESCRIBE_STRUCT(note_stock, (), (section, exhausted, as_of))

/// An operator stops the sale for a while: no session is opened, those that are
/// open go on. Or lets it go on.
struct pause {
  static constexpr std::string_view command_name = "event.pause/1";
  bool is_paused = false;
};

BOOST_DESCRIBE_STRUCT(pause, (), (is_paused))

/// Several blocks may be asked under one key: the event keeps it for all of
/// them, so that it stands for one request.
struct note_request {
  static constexpr std::string_view command_name = "event.note_request/1";
};

BOOST_DESCRIBE_STRUCT(note_request, (), ())

/// May a session be opened now? Answers with the terms of sale. One that is
/// open may go on while the event is paused, and after its sale.
struct admit {
  static constexpr std::string_view command_name = "event.admit/1";
  static constexpr bool is_query = true;
  std::optional<session_id> opened; ///< already: it goes on all the same
};

BOOST_DESCRIBE_STRUCT(admit, (), (opened))

/// The event as JSON. What is not published is shown to its organizers only.
struct describe {
  static constexpr std::string_view command_name = "event.describe/1";
  static constexpr bool is_query = true;
};

BOOST_DESCRIBE_STRUCT(describe, (), ())

/// Make sure that every block and the room have heard of the cancellation.
struct wind_up {
  static constexpr std::string_view command_name = "event.wind_up/1";
  std::size_t told = 0; ///< of them, so far
  bool asked = false;
  bool missed = false; ///< one did not answer: all are told again later
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(wind_up, (), ())

/// Make sure that the room has heard how the sale stands.
struct tell_room {
  static constexpr std::string_view command_name = "event.tell_room/1";
  room_calls calls{};
  answer_slot got;
};

BOOST_DESCRIBE_STRUCT(tell_room, (), ())

using command =
  std::variant<create, revise, advance, note_stock, pause, note_request, admit,
               describe, wind_up, tell_room, wake>;

// -- answers

/// What a booking session must know of its event.
struct terms {
  settings rules;
  std::string currency;
  timestamp sale_ends_at;
  std::vector<sold_section> sections;
  std::vector<ticket_type> ticket_types;
};

BOOST_DESCRIBE_STRUCT(terms, (),
                      (rules, currency, sale_ends_at, sections, ticket_types))

struct description {
  profile what;
  phase now{};
  std::string status; ///< as buyers see it
  std::vector<sold_section> sections;
  account_id owner;
  bool never_published = false;
  std::string json; ///< {"event":{..}}
};

BOOST_DESCRIBE_STRUCT(description, (),
                      (what, now, status, sections, owner, never_published))

/// Whether everybody may see an event, its seats and what becomes of them.
inline bool is_public(const description& about) {
  return about.now >= phase::published && !about.never_published;
}

// -- facts

struct created {
  static constexpr std::string_view fact_name = "event.created/1";
  static constexpr bool is_listed = true;
  account_id owner;
  profile what;
  std::vector<sold_section> sections;
  timestamp at;
  bool operator==(const created&) const = default;
};

BOOST_DESCRIBE_STRUCT(created, (), (owner, what, sections, at))

struct configured {
  static constexpr std::string_view fact_name = "event.configured/1";
  static constexpr bool is_listed = true;
  account_id by;
  bool operator==(const configured&) const = default;
};

BOOST_DESCRIBE_STRUCT(configured, (), (by))

struct approved {
  static constexpr std::string_view fact_name = "event.approved/1";
  static constexpr bool is_listed = true;
  account_id by;
  bool operator==(const approved&) const = default;
};

BOOST_DESCRIBE_STRUCT(approved, (), (by))

struct published {
  static constexpr std::string_view fact_name = "event.published/1";
  static constexpr bool is_listed = true;
  account_id by;
  bool operator==(const published&) const = default;
};

BOOST_DESCRIBE_STRUCT(published, (), (by))

struct sale_started {
  static constexpr std::string_view fact_name = "event.sale_started/1";
  static constexpr bool is_listed = true;
  bool operator==(const sale_started&) const = default;
};

BOOST_DESCRIBE_STRUCT(sale_started, (), ())

/// The block of a section ran out of seats, or has some again.
struct stock_changed {
  static constexpr std::string_view fact_name = "event.stock_changed/1";
  static constexpr bool is_listed = true;
  std::string section;
  bool exhausted = false;
  version as_of = 0; ///< of the block
  bool operator==(const stock_changed&) const = default;
};

BOOST_DESCRIBE_STRUCT(stock_changed, (), (section, exhausted, as_of))

struct ended {
  static constexpr std::string_view fact_name = "event.ended/1";
  static constexpr bool is_listed = true;
  bool operator==(const ended&) const = default;
};

BOOST_DESCRIBE_STRUCT(ended, (), ())

struct cancelled {
  static constexpr std::string_view fact_name = "event.cancelled/1";
  static constexpr bool is_listed = true;
  account_id by;
  bool operator==(const cancelled&) const = default;
};

BOOST_DESCRIBE_STRUCT(cancelled, (), (by))

/// All blocks and the room have heard that it is cancelled.
struct wound_up {
  static constexpr std::string_view fact_name = "event.wound_up/1";
  bool operator==(const wound_up&) const = default;
};

BOOST_DESCRIBE_STRUCT(wound_up, (), ())

/// The sale stands still, or goes on.
struct paused {
  static constexpr std::string_view fact_name = "event.paused/1";
  bool is_paused = false; ///< false: it goes on

  bool operator==(const paused&) const = default;
};

BOOST_DESCRIBE_STRUCT(paused, (), (is_paused))

/// The room has heard what it is to do.
struct room_told {
  static constexpr std::string_view fact_name = "event.room_told/1";
  room_calls calls{};
  bool operator==(const room_told&) const = default;
};

BOOST_DESCRIBE_STRUCT(room_told, (), (calls))

/// A draft says something else. So that lists need know nothing of it, it is
/// told as when it was made, by whom and when, and how it is sold.
struct revised {
  static constexpr std::string_view fact_name = "event.revised/1";
  static constexpr bool is_listed = true;
  account_id owner;
  profile what;
  std::vector<sold_section> sections;
  timestamp at; ///< of its making
  account_id by;
  bool operator==(const revised&) const = default;
};

BOOST_DESCRIBE_STRUCT(revised, (), (owner, what, sections, at, by))

using fact = std::variant<created, configured, approved, published,
                          sale_started, stock_changed, ended, cancelled,
                          wound_up, paused, room_told, revised>;

} // namespace usher::event

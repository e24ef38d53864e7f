#include "node/api/handlers.hpp"
#include "node/http/compress.hpp"
#include "persistence/lists/list_page.hpp"

#include <algorithm>

namespace usher::api {

namespace {

using http::field;
using event_ptr = std::shared_ptr<const event::description>;

/// So many rows are read at most to find a page by its number, where several
/// cells have them.
constexpr std::uint32_t most_skipped = 10'000;

bool is_status(std::string_view word) {
  constexpr std::array<std::string_view, 8> all{
    "draft",   "configured", "approved", "upcoming",
    "on_sale", "sold_out",   "ended",    "cancelled"};
  return std::ranges::find(all, word) != all.end();
}

/// Why the caller may not see what is only for people of that organization and
/// for administrators; who may cannot always be told.
awaitable<errc> why_hidden(exchange& x, organization_id from_others) {
  if (x.is_admin())
    co_return errc::ok;
  if (!x.caller)
    co_return errc::not_found;
  auto said =
    co_await x.ask({entity_kind::organization, from_others.value},
                   organization::command{organization::role_of{x.who()}});
  if (!said.granted())
    co_return said.refused;
  const auto is = std::get<organization::member_role>(said.reply).is;
  co_return is != organization::role::none ? errc::ok : errc::not_found;
}

struct counts {
  std::uint64_t total = 0;
  std::uint64_t available = 0;
  std::uint64_t held = 0;
  std::uint64_t sold = 0;
  std::uint64_t blocked = 0;

  void add(const seat_block::picture& block) {
    total += block.total;
    available += block.available;
    held += block.held;
    sold += block.sold;
    blocked += block.blocked;
  }
};

BOOST_DESCRIBE_STRUCT(counts, (), (total, available, held, sold, blocked))

struct section_counts : counts {
  std::string name;
};

BOOST_DESCRIBE_STRUCT(section_counts, (counts), (name))

struct type_counts : counts {
  ticket_type_id id;
  std::string name;
};

BOOST_DESCRIBE_STRUCT(type_counts, (counts), (id, name))

struct availability {
  usher::version version = 0;
  std::vector<section_counts> sections;
  std::vector<type_counts> ticket_types;
};

BOOST_DESCRIBE_STRUCT(availability, (), (version, sections, ticket_types))

availability count(const seat_map& map, const event::description& about) {
  availability out;
  out.version = map.now;
  for (const auto& type : about.what.ticket_types) {
    auto& line = out.ticket_types.emplace_back();
    line.id = type.id;
    line.name = type.name;
  }
  for (const auto& block : map.blocks) {
    auto& line = out.sections.emplace_back();
    line.name = block.section;
    line.add(block);
    for (auto& type : out.ticket_types)
      if (type.id == block.ticket_type)
        type.add(block);
  }
  return out;
}

reply send_map(exchange& x, seat_map& map) {
  reply out;
  out.headers = "ETag: " + map.etag
                + "\r\nVary: Accept-Encoding\r\nCache-Control: no-cache\r\n";
  if (http::if_none_match(x.head[field::if_none_match], map.etag)) {
    out.status = 304;
    return out;
  }
  out.shared_body = map.plain;
  if (http::accepts_gzip(x.head[field::accept_encoding])) {
    out.shared_body = map.zipped();
    out.headers += "Content-Encoding: gzip\r\n";
  }
  return out;
}

/// The events of an organization, or all that were published; administrators
/// who ask for a status find drafts and what waits for their approval, too.
awaitable<reply> list(exchange& x, std::optional<organization_id> of) {
  constexpr std::array<std::string_view, 5> allowed{"status", "search", "page",
                                                    "limit", "page_token"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto page = query->number("page", 1, 1'000'000, 0);
  if (!page)
    co_return refuse(x, page.error());
  auto part = page_in(*query);
  if (!part)
    co_return refuse(x, part.error());
  persistence::event_filter filter;
  filter.part = std::move(*part);
  if (*page > 0)
    filter.page = static_cast<std::uint32_t>(*page);
  filter.status = query->text("status").value_or("");
  if (!filter.status.empty() && !is_status(filter.status))
    co_return refuse_field(x, errc::invalid_value, "status");
  filter.search = query->text("search").value_or("");
  filter.organization = of;
  filter.is_everybodys = !of && x.is_admin() && !filter.status.empty();
  filter.now = x.desk.node.clock.now();
  const bool is_alone = x.desk.node.lists->count() == 1;
  if (!is_alone && filter.page.value_or(0) > most_skipped / filter.part.limit)
    co_return refuse_field(x, errc::invalid_value, "page", "use page_token");
  auto work = [filter, is_alone](persistence::read_model& model) {
    return model.events_from(filter, is_alone);
  };
  auto found = co_await x.desk.gather(work);
  if (!found)
    co_return problem_reply(x, found.error());
  auto shown = page_of_events(filter, std::move(found->parts));
  shown.rows.is_incomplete = found->is_incomplete;
  co_return reply{200, render(shown)};
}

} // namespace

awaitable<reply> list_events(exchange& x) {
  co_return co_await list(x, std::nullopt);
}

awaitable<reply> list_events_of(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  if (const auto why = co_await why_hidden(x, {*id}); why != errc::ok)
    co_return problem_reply(x, why);
  co_return co_await list(x, organization_id{*id});
}

awaitable<reply> list_layouts(exchange& x) {
  constexpr std::array<std::string_view, 2> allowed{"limit", "page_token"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    co_return refuse(x, query.error());
  auto part = page_in(*query);
  if (!part)
    co_return refuse(x, part.error());
  auto work =
    [&x, part = std::move(*part)](persistence::read_model& model) -> reply {
    auto found = model.list_layouts(part);
    if (!found)
      return problem_reply(x, found.error());
    return {200, render("layouts", *found)};
  };
  co_return co_await x.desk.query(x, first_cell, work);
}

awaitable<reply> show_event(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  auto said = co_await x.ask({entity_kind::event, *id},
                             event::command{event::describe{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  const auto& about = std::get<event_ptr>(said.reply);
  if (!is_public(*about))
    if (const auto why = co_await why_hidden(x, about->what.organization);
        why != errc::ok)
      co_return problem_reply(x, why);
  x.desk.node.figures.events_viewed().Increment();
  co_return reply{200, about->json};
}

awaitable<reply> show_seats(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  answer refused;
  auto map = co_await x.desk.maps.find({*id}, refused);
  if (!map)
    co_return problem_reply(x, refused.refused);
  co_return send_map(x, *map);
}

awaitable<reply> show_availability(exchange& x) {
  const auto id = id_in(x);
  if (!id)
    co_return problem_reply(x, errc::not_found);
  answer refused;
  auto map = co_await x.desk.maps.find({*id}, refused);
  if (!map)
    co_return problem_reply(x, refused.refused);
  auto said = co_await x.ask({entity_kind::event, *id},
                             event::command{event::describe{}});
  if (!said.granted())
    co_return reply_of(x, std::move(said));
  const auto counted = count(*map, *std::get<event_ptr>(said.reply));
  std::uint64_t free = 0;
  for (const auto& section : counted.sections)
    free += section.available;
  auto& node = x.desk.node;
  node.seats.note(*id, free, node.clock.now());
  co_return reply{200, json::text_of(counted)};
}

awaitable<reply> refuse_plain_live(exchange& x) {
  auto out =
    problem_reply(x, errc::bad_request, as_member(advice::use_websocket));
  out.headers += "Upgrade: websocket\r\n";
  co_return out;
}

} // namespace usher::api

#include "actors/event/event.hpp"

namespace usher::event {

namespace {

void put_member(std::string& out, std::string_view name) {
  out += ",\"";
  out += name;
  out += "\":";
}

void put_text(std::string& out, std::string_view name,
              const std::string& text) {
  put_member(out, name);
  json::put_string(out, text);
}

void put_time(std::string& out, std::string_view name, timestamp when) {
  put_member(out, name);
  json::put_string(out, to_rfc3339(when));
}

void put_ticket_type(std::string& out, const ticket_type& type,
                     const profile& what) {
  out += "{\"id\":";
  json::put(out, type.id);
  put_text(out, "name", type.name);
  put_member(out, "price");
  json::put(out, money{type.price, what.currency});
  put_member(out, "sections");
  json::put(out, type.sections);
  out += '}';
}

void put_section(std::string& out, const sold_section& section) {
  out += "{\"name\":";
  json::put_string(out, section.name);
  put_member(out, "block_id");
  json::put(out, section.block);
  put_member(out, "ticket_type_id");
  json::put(out, section.ticket_type);
  put_member(out, "capacity");
  json::put(out, section.capacity);
  put_member(out, "general_admission");
  json::put(out, section.general_admission);
  out += '}';
}

} // namespace

std::string_view status_of(const state& event, timestamp now) {
  switch (event.phase) {
    case phase::none:
    case phase::draft:
      return "draft";
    case phase::configured:
      return "configured";
    case phase::approved:
      return "approved";
    case phase::cancelled:
      return "cancelled";
    case phase::ended:
      return "ended";
    case phase::published:
      break;
  }
  if (now >= event.what.sale_ends_at)
    return "ended";
  if (now < event.what.sale_starts_at)
    return "upcoming";
  return event.exhausted.size() == event.sections.size() ? "sold_out"
                                                         : "on_sale";
}

std::string render(const state& event, const uuid& self, timestamp now) {
  const auto& what = event.what;
  std::string out = "{\"event\":{\"id\":";
  json::put(out, self);
  put_text(out, "status", std::string{status_of(event, now)});
  put_member(out, "phase");
  json::put(out, event.phase);
  put_member(out, "organization_id");
  json::put(out, what.organization);
  put_member(out, "layout_id");
  json::put(out, what.layout);
  put_text(out, "title", what.title);
  put_text(out, "venue", what.venue);
  put_text(out, "address", what.address);
  put_text(out, "description", what.description);
  put_text(out, "artist_name", what.artist_name);
  put_text(out, "category", what.category);
  put_text(out, "poster_image_url", what.poster_image_url);
  put_text(out, "currency", what.currency);
  put_text(out, "timezone", what.timezone);
  put_time(out, "starts_at", what.starts_at);
  put_time(out, "sale_starts_at", what.sale_starts_at);
  put_time(out, "sale_ends_at", what.sale_ends_at);
  put_member(out, "ticket_types");
  json::put_list(out, what.ticket_types, [&](const ticket_type& type) {
    put_ticket_type(out, type, what);
  });
  put_member(out, "sections");
  json::put_list(out, event.sections,
                 [&](const sold_section& one) { put_section(out, one); });
  put_member(out, "settings");
  json::put(out, what.rules);
  put_time(out, "created_at", event.created_at);
  out += "}}";
  return out;
}

} // namespace usher::event

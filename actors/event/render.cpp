#include "actors/event/event.hpp"
#include "protocol/event_profile.hpp"

namespace usher::event {

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
  return is_sold_out(event) ? "sold_out" : "on_sale";
}

bool is_sold_out(const state& event) {
  return event.exhausted.size() == event.sections.size();
}

std::string render(const state& event, const uuid& self, timestamp now) {
  const auto& what = event.what;
  std::string out = "{\"event\":";
  {
    json::object to{out};
    to.put("id", self).put_text("status", status_of(event, now));
    to.put("phase", event.phase).put("paused", event.is_paused);
    put_profile(to, what);
    to.put_objects("sections", event.sections,
                   [](json::object& one, const sold_section& section) {
                     one.put("name", section.name);
                     one.put("block_id", section.block);
                     one.put("ticket_type_id", section.ticket_type);
                     one.put("capacity", section.capacity);
                     one.put("general_admission", section.general_admission);
                   });
    to.put("settings", what.rules).put_time("created_at", event.created_at);
  }
  out += '}';
  return out;
}

} // namespace usher::event

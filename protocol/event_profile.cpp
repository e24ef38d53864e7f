#include "protocol/event_profile.hpp"

namespace usher::event {

void put_profile(json::object& to, const profile& what) {
  to.put("organization_id", what.organization).put("layout_id", what.layout);
  to.put("title", what.title).put("venue", what.venue);
  to.put("address", what.address).put("description", what.description);
  to.put("artist_name", what.artist_name).put("category", what.category);
  to.put("poster_image_url", what.poster_image_url);
  to.put("currency", what.currency).put("timezone", what.timezone);
  to.put_time("starts_at", what.starts_at);
  to.put_time("sale_starts_at", what.sale_starts_at);
  to.put_time("sale_ends_at", what.sale_ends_at);
  to.put_objects("ticket_types", what.ticket_types,
                 [&](json::object& one, const ticket_type& type) {
                   one.put("id", type.id).put("name", type.name);
                   one.put("price", money{type.price, what.currency});
                   one.put("sections", type.sections);
                 });
}

} // namespace usher::event

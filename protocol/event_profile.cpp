#include "protocol/event_profile.hpp"

namespace usher::event {

namespace {

template <class T>
void take(const std::optional<T>& wanted, T& to) {
  if (wanted)
    to = *wanted;
}

void apply(const waiting_room_revision& wanted, waiting_room_settings& to) {
  take(wanted.enabled, to.enabled);
  take(wanted.max_active, to.max_active);
  take(wanted.batch, to.batch);
  take(wanted.token_seconds, to.token_seconds);
  take(wanted.show_up_seconds, to.show_up_seconds);
}

} // namespace

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

void apply(const revision& wanted, profile& to) {
  take(wanted.layout, to.layout);
  take(wanted.title, to.title);
  take(wanted.venue, to.venue);
  take(wanted.currency, to.currency);
  take(wanted.timezone, to.timezone);
  take(wanted.starts_at, to.starts_at);
  take(wanted.sale_starts_at, to.sale_starts_at);
  take(wanted.sale_ends_at, to.sale_ends_at);
  take(wanted.description, to.description);
  take(wanted.address, to.address);
  take(wanted.artist_name, to.artist_name);
  take(wanted.category, to.category);
  take(wanted.poster_image_url, to.poster_image_url);
  take(wanted.ticket_types, to.ticket_types);
  if (wanted.rules)
    apply(*wanted.rules, to.rules);
}

void apply(const settings_revision& wanted, settings& to) {
  take(wanted.hold_seconds, to.hold_seconds);
  take(wanted.checkout_seconds, to.checkout_seconds);
  take(wanted.max_per_user, to.max_per_user);
  take(wanted.no_orphans, to.no_orphans);
  if (wanted.waiting_room)
    apply(*wanted.waiting_room, to.waiting_room);
}

} // namespace usher::event

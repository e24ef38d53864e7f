#include "actors/event/event.hpp"

#include <algorithm>

namespace usher::event {

namespace {

/// Prices beyond this are typing errors, and sums of them might overflow.
constexpr std::int64_t highest_price = 1'000'000'000'000;

bool is_currency(const std::string& code) {
  return code.size() == 3 && std::ranges::all_of(code, [](char c) {
           return c >= 'A' && c <= 'Z';
         });
}

bool in_range(std::uint32_t n, std::uint32_t least, std::uint32_t most) {
  return n >= least && n <= most;
}

bool are_sensible(const settings& rules) {
  constexpr std::uint32_t day = 24 * 60 * 60;
  const auto& room = rules.waiting_room;
  return in_range(rules.hold_seconds, 1, day)
         && in_range(rules.checkout_seconds, 1, day)
         && in_range(rules.max_per_user, 1, 1'000'000)
         && in_range(room.max_active, 1, 1'000'000)
         && in_range(room.batch, 1, 100'000)
         && in_range(room.token_seconds, 1, day);
}

bool is_sensible(const ticket_type& type) {
  return !type.name.empty() && type.name.size() <= 200 && !type.sections.empty()
         && type.price >= 0 && type.price <= highest_price;
}

} // namespace

errc check(const profile& what) {
  const bool texts = !what.title.empty() && what.title.size() <= 300
                     && !what.venue.empty() && what.venue.size() <= 300
                     && what.description.size() <= 10'000;
  const bool times = what.sale_starts_at < what.sale_ends_at;
  const bool types = !what.ticket_types.empty()
                     && what.ticket_types.size() <= 100
                     && std::ranges::all_of(what.ticket_types, is_sensible);
  return texts && times && types && is_currency(what.currency)
             && !what.timezone.empty() && are_sensible(what.rules)
           ? errc::ok
           : errc::invalid_value;
}

} // namespace usher::event

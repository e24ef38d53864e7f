#include "actors/booking_session/booking_session.hpp"

namespace usher::booking_session {

std::uint32_t tickets_in(const std::vector<item>& items) {
  std::uint32_t n = 0;
  for (const auto& one : items)
    n += one.places;
  return n;
}

std::optional<std::int64_t> total_of(const std::vector<item>& items) {
  std::int64_t sum = 0;
  for (const auto& one : items) {
    auto price = times(one.price, one.places);
    if (!price || __builtin_add_overflow(sum, *price, &sum))
      return std::nullopt;
  }
  return sum;
}

std::string within_block(const item& one) {
  return one.id.substr(one.section.size() + 1);
}

std::vector<share_of_block> by_block(const std::vector<item>& items) {
  std::map<std::string, share_of_block> sorted;
  for (const auto& one : items) {
    auto& share = sorted[one.section];
    share.section = one.section;
    share.block = one.block;
    if (one.general_admission)
      share.places += one.places;
    else
      share.seats.push_back(within_block(one));
  }
  std::vector<share_of_block> out;
  for (auto& [section, share] : sorted)
    out.push_back(std::move(share));
  return out;
}

} // namespace usher::booking_session

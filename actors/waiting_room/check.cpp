#include "actors/waiting_room/waiting_room.hpp"

namespace usher::waiting_room {

namespace {

bool in_range(std::uint32_t n, std::uint32_t most) {
  return n >= 1 && n <= most;
}

} // namespace

std::string_view misfit(const rate& r) {
  constexpr std::uint32_t day = 24 * 60 * 60;
  if (!in_range(r.max_active, 1'000'000))
    return "max_active";
  if (!in_range(r.batch, 100'000))
    return "batch";
  return in_range(r.token_seconds, day) ? "" : "token_seconds";
}

} // namespace usher::waiting_room

#pragma once

#include "protocol/request.hpp"

/// The letters that a simulated world may lose or keep for long.
namespace usher::simulation {

inline bool is_take_back(const request& one) {
  auto* to_block = std::get_if<seat_block::command>(&one.what);
  return to_block && std::holds_alternative<seat_block::take_back>(*to_block);
}

/// Null if it is another.
inline seat_block::release* release_in(request& one) {
  auto* to_block = std::get_if<seat_block::command>(&one.what);
  return to_block ? std::get_if<seat_block::release>(to_block) : nullptr;
}

inline bool is_news_of_stock(const request& one) {
  auto* to_event = std::get_if<event::command>(&one.what);
  return to_event && std::holds_alternative<event::note_stock>(*to_event);
}

} // namespace usher::simulation

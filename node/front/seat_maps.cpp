#include "node/front/seat_maps.hpp"

#include "node/front/front_desk.hpp"
#include "node/http/compress.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace usher {

namespace asio = boost::asio;

namespace {

constexpr auto freshness = std::chrono::seconds{1};
/// Blocks are asked no more often, however many want the newest.
constexpr auto pace = std::chrono::milliseconds{100};
constexpr std::size_t most_maps = 200;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Puts the sections together; nothing has to be drawn twice.
void assemble(seat_map& map) {
  map.now = 0;
  std::size_t size = 64;
  std::vector<version> versions;
  for (const auto& block : map.blocks) {
    map.now += block.now;
    versions.push_back(block.now);
    size += block.section_json.size() + 1;
  }
  map.etag = http::etag_of(versions);
  std::string text;
  text.reserve(size);
  text += "{\"version\":";
  json::put(text, map.now);
  text += ",\"sections\":[";
  for (const auto& block : map.blocks) {
    if (text.back() != '[')
      text += ',';
    text += block.section_json;
  }
  text += "]}";
  map.plain = std::make_shared<const std::string>(std::move(text));
}

} // namespace

const std::shared_ptr<const std::string>& seat_map::zipped() {
  constexpr int fast = 1;
  if (!zipped_)
    zipped_ = std::make_shared<const std::string>(http::gzip(*plain, fast));
  return zipped_;
}

asio::awaitable<std::shared_ptr<seat_map>> seat_maps::find(event_id event,
                                                           answer& refused) {
  auto& place = maps_[event];
  if (!place)
    place = std::make_shared<kept>(desk_.io);
  auto entry = place; // it may be dropped while blocks are asked
  const auto now = std::chrono::steady_clock::now();
  entry->last_used = now;
  const auto look = desk_.node.live->last_look(event);
  while (!will_do(*entry, now, look) && entry->refreshing) {
    co_await entry->refreshed.async_wait(quietly);
    refused.refused = entry->refused;
    if (refused.refused != errc::ok)
      co_return nullptr;
  }
  if (!will_do(*entry, now, look)) {
    refused.refused = co_await refresh_for_all(event, *entry);
    if (refused.refused != errc::ok) {
      if (!entry->map)
        maps_.erase(event);
      co_return nullptr;
    }
    make_room();
  }
  co_return entry->map;
}

/// Whether who came at `now`, after that look, may have the map there is.
bool seat_maps::will_do(const kept& entry,
                        std::chrono::steady_clock::time_point now,
                        std::uint64_t look) {
  const auto patience = entry.refreshing ? 2 * freshness : freshness;
  return entry.map && entry.drawn_after >= look
         && entry.asked_at + patience > now;
}

asio::awaitable<errc> seat_maps::refresh_for_all(event_id event, kept& entry) {
  struct ending {
    kept& of;
    errc why = errc::internal; // unless it comes to its end

    ~ending() {
      of.refused = why;
      of.refreshing = false;
      of.refreshed.cancel();
    }
  };

  entry.refreshing = true;
  ending when_done{entry};
  asio::steady_timer pause{desk_.io, entry.began_at + pace};
  co_await pause.async_wait(quietly);
  entry.began_at = std::chrono::steady_clock::now();
  when_done.why = co_await refresh(event, entry);
  co_return when_done.why;
}

asio::awaitable<errc> seat_maps::refresh(event_id event, kept& entry) {
  if (!entry.about) {
    auto said = co_await desk_.ask({entity_kind::event, event.value},
                                   event::command{event::describe{}});
    if (!said.granted())
      co_return said.refused;
    auto about =
      std::get<std::shared_ptr<const event::description>>(said.reply);
    if (!is_public(*about))
      co_return errc::not_found;
    entry.about = std::move(about);
  }
  const auto asked_at = std::chrono::steady_clock::now();
  const auto look = desk_.node.live->last_look(event);
  auto next = std::make_shared<seat_map>();
  if (entry.map)
    next->blocks = entry.map->blocks;
  next->blocks.resize(entry.about->sections.size());
  std::vector<request> questions;
  for (std::size_t i = 0; i < next->blocks.size(); ++i)
    questions.push_back(
      {{entity_kind::seat_block, entry.about->sections[i].block.value},
       seat_block::command{seat_block::view{next->blocks[i].now}}});
  auto answers = co_await desk_.entities.ask_all(std::move(questions));
  bool changed = !entry.map;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].granted())
      co_return answers[i].refused;
    auto& drawn = std::get<seat_block::picture>(answers[i].reply);
    if (drawn.section_json.empty())
      continue;
    next->blocks[i] = std::move(drawn);
    changed = true;
  }
  entry.asked_at = asked_at;
  entry.drawn_after = look;
  if (!changed)
    co_return errc::ok;
  assemble(*next);
  entry.map = std::move(next);
  co_return errc::ok;
}

/// Drops the map that nobody has asked for the longest.
void seat_maps::make_room() {
  if (maps_.size() <= most_maps)
    return;
  auto oldest = std::ranges::min_element(
    maps_, {}, [](const auto& entry) { return entry.second->last_used; });
  maps_.erase(oldest);
}

} // namespace usher

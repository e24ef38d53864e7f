#include "node/live/live_hub.hpp"

#include "protocol/codec.hpp"
#include "protocol/match.hpp"

namespace usher {

namespace {

/// How long an event that nobody watches is remembered.
constexpr duration channel_kept = std::chrono::minutes{1};

live_frame note(std::string_view type, version now) {
  std::string text = "{\"type\":\"";
  text += type;
  text += "\",\"version\":";
  json::put(text, now);
  text += '}';
  return std::make_shared<const std::string>(std::move(text));
}

live_frame greeting(const uuid& feed, version now) {
  std::string text = "{\"type\":\"welcome\",\"feed\":";
  json::put(text, feed);
  text += ",\"version\":";
  json::put(text, now);
  text += '}';
  return std::make_shared<const std::string>(std::move(text));
}

} // namespace

bool live_hub::is_watched(const entry& row) const {
  if (!is_any_ || !tells_of(row.entity.kind))
    return false;
  const std::lock_guard guard{lock_};
  return event_of_.contains(row.entity.key);
}

std::vector<uuid> live_hub::watched() {
  std::vector<uuid> out;
  if (!is_any_)
    return out;
  const std::lock_guard guard{lock_};
  forget_quiet_channels();
  for (const auto& [key, event] : event_of_)
    out.push_back(key);
  std::ranges::sort(out);
  return out;
}

std::shared_ptr<const live_topic> live_hub::topic_of(event_id event) const {
  const std::lock_guard guard{lock_};
  const auto found = channels_.find(event);
  return found == channels_.end() ? nullptr : found->second.topic;
}

std::uint64_t live_hub::watch(event_id event, std::optional<live_mark> from,
                              std::shared_ptr<const live_topic> topic,
                              live_listener listener) {
  const std::lock_guard guard{lock_};
  forget_quiet_channels();
  auto [found, is_new] = channels_.try_emplace(event);
  auto& to = found->second;
  if (is_new) {
    to.topic = std::move(topic);
    to.feed = mint_uuid();
    // At one node they never go back, not even when it starts again.
    to.now = static_cast<version>(now_().time_since_epoch().count()) * 1000;
    event_of_[event.value] = event;
    for (const auto& [block, where] : to.topic->blocks)
      event_of_[block] = event;
    is_any_ = true;
  }
  const auto oldest = to.recent.empty() ? to.now : to.recent.front().first - 1;
  const bool is_lost =
    from
    && (from->feed != to.feed || from->last < oldest || from->last > to.now);
  if (!from || is_lost)
    note_look(event);
  listener(greeting(to.feed, to.now));
  if (is_lost)
    listener(note("resync", to.now));
  else if (from)
    for (const auto& [number, frame] : to.recent)
      if (number > from->last)
        listener(frame);
  to.listeners.emplace(++last_number_, std::move(listener));
  ++watchers_;
  return last_number_;
}

void live_hub::resync(const std::vector<uuid>& entities) {
  const std::lock_guard guard{lock_};
  std::set<event_id> events;
  for (const auto& key : entities)
    if (const auto found = event_of_.find(key); found != event_of_.end()) {
      events.insert(found->second);
      channels_.at(found->second).told.erase(key);
    }
  for (const auto& event : events)
    resync(event, channels_.at(event));
}

/// What was kept leads nobody over the gap.
void live_hub::resync(event_id event, channel& to) {
  note_look(event);
  to.recent.clear();
  const auto frame = note("resync", ++to.now);
  for (const auto& [number, listener] : to.listeners)
    listener(frame);
}

std::uint64_t live_hub::last_look(event_id event) const {
  const std::lock_guard guard{looking_};
  const auto found = looks_.find(event);
  return found == looks_.end() ? 0 : found->second;
}

void live_hub::note_look(event_id event) {
  const std::lock_guard guard{looking_};
  looks_[event] = ++last_look_;
}

void live_hub::stop(event_id event, std::uint64_t number) {
  const std::lock_guard guard{lock_};
  auto found = channels_.find(event);
  if (found == channels_.end() || found->second.listeners.erase(number) == 0)
    return;
  --watchers_;
  found->second.quiet_since = now_();
}

bool live_hub::is_over(const channel& one) const {
  return one.listeners.empty() && one.quiet_since + channel_kept <= now_();
}

void live_hub::forget_quiet_channels() {
  std::erase_if(channels_, [&](const auto& entry) {
    const auto& old = entry.second;
    if (!is_over(old))
      return false;
    event_of_.erase(entry.first.value);
    for (const auto& [block, where] : old.topic->blocks)
      event_of_.erase(block);
    const std::lock_guard guard{looking_};
    looks_.erase(entry.first);
    return true;
  });
  is_any_ = !channels_.empty();
}

void live_hub::tell(channel& to, std::string_view type,
                    const live_topic::block& where,
                    const std::vector<seat_block::seat_no>& seats,
                    std::uint32_t places) {
  std::string text = "{\"type\":\"";
  text += type;
  text += "\",\"version\":";
  json::put(text, ++to.now);
  text += ",\"section\":";
  json::put_string(text, where.section);
  if (places > 0) {
    text += ",\"places\":";
    json::put(text, places);
  }
  text += ",\"seats\":";
  json::put_list(text, seats, [&](seat_block::seat_no seat) {
    std::string id = where.section + '-';
    where.floor->append_label(id, seat);
    json::put_string(text, id);
  });
  text += '}';
  send(to, std::move(text));
}

void live_hub::tell(channel& to, std::string_view type,
                    std::string_view section) {
  std::string text = "{\"type\":\"";
  text += type;
  text += "\",\"version\":";
  json::put(text, ++to.now);
  if (!section.empty()) {
    text += ",\"section\":";
    json::put_string(text, section);
  }
  text += '}';
  send(to, std::move(text));
}

void live_hub::send(channel& to, std::string text) {
  auto frame = std::make_shared<const std::string>(std::move(text));
  to.recent.emplace_back(to.now, frame);
  if (to.recent.size() > most_resumed)
    to.recent.pop_front();
  for (const auto& [number, listener] : to.listeners)
    listener(frame);
}

void live_hub::publish(const publication& news) {
  const std::lock_guard guard{lock_};
  for (const auto& row : *news.all) {
    auto event = event_of_.find(row.what.entity.key);
    if (event == event_of_.end())
      continue;
    auto& to = channels_.at(event->second);
    if (is_over(to)) { // or events of which nobody hears would cost for ever
      forget_quiet_channels();
      continue;
    }
    publish(event->second, to, row.what);
  }
}

void live_hub::publish(event_id event, channel& to, const entry& row) {
  auto& told = to.told[row.entity.key];
  if (row.now <= told) // a former owner's, and missed already
    return;
  const bool is_gap = told > 0 && row.now > told + 1;
  told = row.now;
  if (is_gap)
    resync(event, to);
  if (row.entity.key == event.value)
    tell_of_event(to, row);
  else
    tell_of_block(to, row);
}

void live_hub::tell_of_block(channel& to, const entry& row) {
  using namespace seat_block;
  const auto& where = to.topic->blocks.at(row.entity.key);
  auto say = [&](std::string_view type, const auto& fact) {
    tell(to, type, where, fact.seats, fact.places);
  };
  decode_facts<seat_block::fact>(row.facts, [&](const auto& fact) {
    match(
      fact, //
      [&](const held& e) { say("seat-locked", e); },
      [&](const released& e) { say("seat-released", e); },
      [&](const lapsed& e) { say("seat-released", e); },
      [&](const returned& e) { say("seat-released", e); },
      [&](const sold& e) { say("seat-sold", e); },
      [&](const blocked& e) { tell(to, "seat-blocked", where, e.seats, 0); },
      [&](const unblocked& e) { tell(to, "seat-released", where, e.seats, 0); },
      [](const opened&) {}, [](const extended&) {}, [](const closed&) {},
      [](const event_told&) {});
  });
}

/// What the clock brings is told to nobody: all know when a sale begins and
/// ends.
void live_hub::tell_of_event(channel& to, const entry& row) {
  using namespace event;
  decode_facts<event::fact>(row.facts, [&](const auto& fact) {
    match(
      fact, //
      [&](const paused& e) {
        tell(to, e.is_paused ? "event-paused" : "event-resumed", {});
      },
      [&](const cancelled&) { tell(to, "event-cancelled", {}); },
      [&](const stock_changed& e) {
        tell(to, e.exhausted ? "section-sold-out" : "section-available",
             e.section);
      },
      [](const sale_started&) {}, [](const ended&) {}, [](const created&) {},
      [](const configured&) {}, [](const approved&) {}, [](const published&) {},
      [](const wound_up&) {}, [](const room_told&) {}, [](const revised&) {});
  });
}

} // namespace usher

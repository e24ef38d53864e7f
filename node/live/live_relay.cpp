#include "node/live/live_relay.hpp"

#include "protocol/json.hpp"

namespace usher {

using namespace std::chrono_literals;
using cluster::frame_kind;

/// A row as it travels.
struct relayed_row {
  uuid key; ///< of an event or a seat block
  version now = 0;
  timestamp at;
  std::string facts;
};

BOOST_DESCRIBE_STRUCT(relayed_row, (), (key, now, at, facts))

namespace {

constexpr auto good_for = 3s;
constexpr auto tell_every = 1s;

/// Lists hold keys alone: where an entity lives does not depend on its kind,
/// and the hub tells an event from a block by its key.
entity_id entity_of(const uuid& key) {
  return {entity_kind::seat_block, key};
}

} // namespace

bool live_relay::is_watched(const entry& row) const {
  if (!is_any_ || !live_hub::tells_of(row.entity.kind))
    return false;
  const std::lock_guard guard{lock_};
  return std::ranges::any_of(watchers_, [&](const auto& one) {
    return one.second.keys.contains(row.entity.key);
  });
}

void live_relay::publish(const publication& news) {
  std::map<incarnation, std::vector<relayed_row>> piles;
  {
    const std::lock_guard guard{lock_};
    for (const auto& row : *news.all)
      for (const auto& [who, wants] : watchers_)
        if (wants.keys.contains(row.what.entity.key))
          piles[who].push_back(
            {row.what.entity.key, row.what.now, row.what.at, row.what.facts});
  }
  for (const auto& [who, rows] : piles) {
    if (with_.send(who, frame_kind::publication, json::text_of(rows)))
      continue;
    const std::lock_guard guard{lock_};
    if (const auto found = watchers_.find(who); found != watchers_.end())
      for (const auto& row : rows)
        found->second.missed.insert(row.key);
  }
}

void live_relay::note(incarnation who, std::string_view body) {
  auto keys = json::get<std::set<uuid>>(json::parse(body));
  const std::lock_guard guard{lock_};
  if (keys.empty()) {
    watchers_.erase(who);
  } else {
    auto& known = watchers_[who];
    for (const auto& key : keys)
      if (!known.keys.contains(key) && !with_.is_elsewhere(entity_of(key)))
        known.missed.insert(key);
    known.keys = std::move(keys);
    known.until = std::chrono::steady_clock::now() + good_for;
  }
  is_any_ = !watchers_.empty();
}

void live_relay::take_in(std::string_view body) {
  auto rows = std::make_shared<std::vector<published_entry>>();
  for (auto& row : json::get<std::vector<relayed_row>>(json::parse(body)))
    rows->push_back(
      {0,
       0,
       {entity_of(row.key), row.now, row.at, std::move(row.facts), false, {}}});
  hub_.publish({std::move(rows)});
}

void live_relay::take_in_missed(std::string_view body) {
  hub_.resync(json::get<std::vector<uuid>>(json::parse(body)));
}

void live_relay::peer_came(incarnation who) {
  forget(who);
  must_tell_ = true;
}

void live_relay::forget(incarnation who) {
  const std::lock_guard guard{lock_};
  watchers_.erase(who);
  is_any_ = !watchers_.empty();
}

void live_relay::adopted(const std::function<bool(const entity_id&)>& is_new) {
  auto ours = hub_.watched();
  std::erase_if(ours, [&](const auto& one) { return !is_new(entity_of(one)); });
  hub_.resync(ours);
  const std::lock_guard guard{lock_};
  for (auto& [who, wants] : watchers_)
    for (const auto& key : wants.keys)
      if (is_new(entity_of(key)))
        wants.missed.insert(key);
}

void live_relay::make_rounds() {
  const auto now = std::chrono::steady_clock::now();
  auto watched = hub_.watched();
  const bool is_news = must_tell_.exchange(false) || watched != told_;
  if (is_news || (!watched.empty() && told_at_ + tell_every <= now)) {
    const auto body = json::text_of(watched);
    for (const auto peer : with_.peers())
      with_.send(peer, frame_kind::watch, body);
    told_ = std::move(watched);
    told_at_ = now;
  }
  const std::lock_guard guard{lock_};
  std::erase_if(watchers_,
                [&](const auto& one) { return one.second.until <= now; });
  for (auto& [who, wants] : watchers_)
    if (!wants.missed.empty()
        && with_.send(who, frame_kind::missed, json::text_of(wants.missed)))
      wants.missed.clear();
  is_any_ = !watchers_.empty();
}

} // namespace usher

#include "node/live_relay.hpp"

#include "protocol/json.hpp"

namespace usher {

using namespace std::chrono_literals;
using cluster::frame_kind;

/// A row as it travels.
struct relayed_row {
  uuid key; ///< of a seat block
  version now = 0;
  timestamp at;
  std::string facts;
};

BOOST_DESCRIBE_STRUCT(relayed_row, (), (key, now, at, facts))

namespace {

constexpr auto good_for = 3s;
constexpr auto tell_every = 1s;

} // namespace

bool live_relay::is_watched(const entry& row) const {
  if (!is_any_ || row.entity.kind != entity_kind::seat_block)
    return false;
  const std::lock_guard guard{lock_};
  return std::ranges::any_of(watchers_, [&](const auto& one) {
    return one.second.blocks.contains(row.entity.key);
  });
}

void live_relay::publish(const publication& news) {
  std::map<incarnation, std::vector<relayed_row>> piles;
  {
    const std::lock_guard guard{lock_};
    for (const auto& row : *news.all)
      for (const auto& [who, wants] : watchers_)
        if (wants.blocks.contains(row.what.entity.key))
          piles[who].push_back(
            {row.what.entity.key, row.what.now, row.what.at, row.what.facts});
  }
  if (auto* links = links_.load())
    for (const auto& [who, rows] : piles)
      links->send(who, frame_kind::publication, json::text_of(rows));
}

void live_relay::note(incarnation who, std::string_view body) {
  auto blocks = json::get<std::set<uuid>>(json::parse(body));
  const std::lock_guard guard{lock_};
  if (blocks.empty())
    watchers_.erase(who);
  else
    watchers_[who] = {std::move(blocks),
                      std::chrono::steady_clock::now() + good_for};
  is_any_ = !watchers_.empty();
}

void live_relay::take_in(std::string_view body) {
  auto rows = std::make_shared<std::vector<published_entry>>();
  for (auto& row : json::get<std::vector<relayed_row>>(json::parse(body)))
    rows->push_back({0,
                     0,
                     {{entity_kind::seat_block, row.key},
                      row.now,
                      row.at,
                      std::move(row.facts),
                      false,
                      {}}});
  hub_.publish({std::move(rows)});
}

void live_relay::forget(incarnation who) {
  const std::lock_guard guard{lock_};
  watchers_.erase(who);
  is_any_ = !watchers_.empty();
}

void live_relay::make_rounds(cluster::mesh& links) {
  links_ = &links;
  const auto now = std::chrono::steady_clock::now();
  auto watched = hub_.watched_blocks();
  const bool is_news = must_tell_.exchange(false) || watched != told_;
  if (is_news || (!watched.empty() && told_at_ + tell_every <= now)) {
    const auto body = json::text_of(watched);
    for (const auto& one : links.links())
      if (one.up && one.peer > 0)
        links.send(one.peer, frame_kind::watch, body);
    told_ = std::move(watched);
    told_at_ = now;
  }
  const std::lock_guard guard{lock_};
  std::erase_if(watchers_,
                [&](const auto& one) { return one.second.until <= now; });
  is_any_ = !watchers_.empty();
}

} // namespace usher

#include "cluster/directory.hpp"

#include <algorithm>

/// What a directory tells to whoever looks in.
namespace usher::cluster {

namespace {

bool was_used_later(const inhabitant& a, const inhabitant& b) {
  return a.last_used > b.last_used;
}

} // namespace

const directory::stripe& directory::stripe_of(const entity_id& who) const {
  return stripes_[(hash_of(who.key) >> 32) % stripe_count];
}

/// A heap of the latest, the earliest of them on top.
std::vector<inhabitant> directory::recent(std::optional<entity_kind> kind,
                                          std::size_t most) const {
  std::vector<inhabitant> out;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    for (const auto& [who, found] : part.residents) {
      if ((kind && who.kind != *kind)
          || (out.size() == most
              && (most == 0 || found.last_used <= out.front().last_used)))
        continue;
      if (out.size() == most) {
        std::ranges::pop_heap(out, was_used_later);
        out.pop_back();
      }
      out.push_back({who, found.who, found.last_used});
      std::ranges::push_heap(out, was_used_later);
    }
  }
  std::ranges::sort_heap(out, was_used_later);
  return out;
}

std::optional<inhabitant> directory::find(const entity_id& who) const {
  const auto& part = stripe_of(who);
  const std::lock_guard guard{part.lock};
  const auto found = part.residents.find(who);
  if (found == part.residents.end())
    return std::nullopt;
  return inhabitant{who, found->second.who, found->second.last_used};
}

std::map<entity_kind, std::size_t> directory::population() const {
  std::map<entity_kind, std::size_t> out;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    for (const auto& [who, found] : part.residents)
      ++out[who.kind];
  }
  return out;
}

std::vector<outcast> directory::outcasts() const {
  const auto now = now_();
  std::vector<outcast> out;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    for (const auto& [who, record] : part.failures)
      if (record.aside_until > now && (!shards_ || shards_->is_here(who)))
        out.push_back({who, record.aside_until, record.recent.back()});
  }
  return out;
}

void directory::watch(timestamp until) {
  watched_until_ = std::max(watched_until_.load(), until);
  if (!is_watched_.exchange(true))
    count_anew();
}

void directory::count_anew_after(duration time) {
  if (counting_since_.load() + time <= now_())
    count_anew();
}

void directory::count_anew() {
  counting_since_ = now_();
  for (auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    part.counted = heat{counted_of_a_stripe};
  }
}

void directory::end_watch(timestamp now) {
  if (is_watched_.load(std::memory_order_relaxed)
      && watched_until_.load() <= now)
    is_watched_ = false;
}

std::vector<warmth> directory::hottest(std::size_t most) const {
  std::vector<warmth> out;
  for (const auto& part : stripes_) {
    const std::lock_guard guard{part.lock};
    const auto& counted = part.counted.all();
    out.insert(out.end(), counted.begin(), counted.end());
  }
  std::ranges::sort(out, std::ranges::greater{}, &warmth::count);
  out.resize(std::min(out.size(), most));
  return out;
}

} // namespace usher::cluster

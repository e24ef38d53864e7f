#include "cluster/alarm_clock.hpp"

#include <algorithm>

namespace usher::cluster {

void alarm_list::set(const alarm& one) {
  auto [found, is_new] = due_.try_emplace(one.entity);
  if (!is_new)
    order_.erase({found->second, one.entity});
  if (!one.due) {
    due_.erase(found);
    return;
  }
  found->second = *one.due;
  order_.emplace(*one.due, one.entity);
}

std::vector<entity_id> alarm_list::ring(timestamp now) {
  std::vector<entity_id> out;
  while (!order_.empty() && order_.begin()->first <= now) {
    out.push_back(order_.begin()->second);
    due_.erase(out.back());
    order_.erase(order_.begin());
  }
  return out;
}

void outlook::take(const std::vector<alarm>& page, timestamp now,
                   timestamp until) {
  constexpr duration at_most_every = std::chrono::seconds{1};
  const bool is_full = page.size() >= alarms_at_a_time;
  known_until_ = is_full ? *page.back().due : until;
  next_ = now + std::max(at_most_every, (known_until_ - now) / 2);
}

void outlook::miss(timestamp now) {
  known_until_ = now;
  next_ = now;
}

void outlook::look_again() {
  known_until_ = {};
  next_ = {};
}

namespace {

struct clock_state {
  alarm_list list;
  outlook ahead;
};

/// Fetches the next stretch of stored alarms when half of the last is over.
/// What was set in the meantime is newer than what is stored, but no later
/// than it: an alarm that rings twice does no harm.
void look_ahead(clock_state& state, const alarm_settings& settings) {
  const auto now = settings.now();
  if (!state.ahead.is_due(now))
    return;
  try {
    const auto until = now + settings.horizon;
    const auto found = settings.stored(until);
    for (const auto& one : found)
      state.list.set(one);
    state.ahead.take(found, now, until);
  } catch (const std::exception&) {
    state.ahead.miss(now);
  }
}

} // namespace

caf::behavior alarm_clock(caf::event_based_actor* self,
                          const alarm_settings& settings) {
  auto state = std::make_shared<clock_state>();
  return {
    [state, settings](const alarms& set) {
      for (const auto& one : set.all)
        if (!one.due || state->ahead.reaches(*one.due))
          state->list.set(one);
    },
    [state](const adopted&) { state->ahead.look_again(); },
    [self, state, settings](tick) {
      look_ahead(*state, settings);
      for (const auto& who : state->list.ring(settings.now()))
        settings.mail->deliver(request{who, wake_of(who.kind)});
      self->delayed_send(self, settings.tick, tick{});
    },
  };
}

} // namespace usher::cluster

#pragma once

#include "protocol/messages.hpp"

#include <set>
#include <unordered_map>

namespace usher::cluster {

/// The alarms of the near future, soonest first. What rings later stays in the
/// database until it is near. Pure: no actor, no clock, no I/O.
class alarm_list {
public:
  /// Takes note of an alarm, in place of an earlier one of the same entity.
  void set(const alarm&);

  /// Takes out the entities whose time has come.
  std::vector<entity_id> ring(timestamp now);

  std::size_t size() const { return due_.size(); }

private:
  std::unordered_map<entity_id, timestamp> due_;
  std::set<std::pair<timestamp, entity_id>> order_;
};

/// At most so many stored alarms are fetched at a time.
constexpr std::size_t alarms_at_a_time = 10'000;

/// How far ahead the list knows all that is stored, and when to look again.
/// What did not fit into one page is looked for when half of the page is over,
/// but not more than once a second. Pure: no actor, no clock, no I/O.
class outlook {
public:
  /// Whether the next page is to be fetched.
  bool is_due(timestamp now) const { return now >= next_; }

  /// Whether an alarm of that moment belongs into the list, and not only into
  /// the database.
  bool reaches(timestamp due) const { return due <= known_until_; }

  /// These are all that is stored until then, or the first full page of it.
  void take(const std::vector<alarm>& page, timestamp now, timestamp until);

  /// The database is away: it is asked again at once.
  void miss(timestamp now);

  /// There may be more than was known: looks again at once.
  void look_again();

private:
  timestamp known_until_;
  timestamp next_;
};

/// What the alarm clock needs of its node.
struct alarm_settings {
  post_office* mail = nullptr;
  std::function<timestamp()> now;
  /// Alarms stored for this node that are due by then, soonest first; called in
  /// the clock's own thread, may block; may throw, then it is asked again.
  std::function<std::vector<alarm>(timestamp until)> stored;
  duration tick = std::chrono::milliseconds{50};
  duration horizon = std::chrono::minutes{2}; ///< how far it looks ahead
};

/// Wakes entities when they asked for it, in memory or not. One detached actor
/// a node: an alarm costs an entry in a list, not a timer of CAF's. It begins
/// when it hears its first `tick`, which must come from outside, once: whoever
/// it wakes may speak, and all that takes must be there.
caf::behavior alarm_clock(caf::event_based_actor* self,
                          const alarm_settings& settings);

} // namespace usher::cluster

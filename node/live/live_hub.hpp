#pragma once

#include "actors/seat_block/floor_plan.hpp"
#include "protocol/messages.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

namespace usher {

/// One text frame of the live feed, made once for all who watch.
using live_frame = std::shared_ptr<const std::string>;

/// What a watcher has already, by his own word. Versions count within a feed:
/// each node numbers what it tells of an event by itself, and begins a new feed
/// when it has forgotten the event.
struct live_mark {
  std::optional<uuid> feed; ///< nothing: of no feed that is known
  version last = 0;
};

/// Takes frames on the watcher's own terms; called on the hub's thread, must
/// not block.
using live_listener = std::function<void(const live_frame&)>;

/// What the hub must know of an event to put facts into words.
struct live_topic {
  struct block {
    std::string section;
    std::shared_ptr<const seat_block::floor_plan> floor;
  };

  std::unordered_map<uuid, block> blocks; ///< by the key of the entity
};

/// Tells whoever watches an event what happens to its seats, never to whom, and
/// what becomes of its sale.
/// Follows the journal, so nothing is told before it is durable. Costs nothing
/// for events that nobody has watched for a minute. Any thread.
class live_hub {
public:
  /// So many frames are kept of each event for those who come back, who take
  /// them in at once; who is further behind hears `resync`.
  static constexpr std::size_t most_resumed = 1'000;

  explicit live_hub(std::function<timestamp()> now) : now_(std::move(now)) {}

  /// Whether anything is told of such entities: events and their blocks.
  static bool tells_of(entity_kind kind) {
    return kind == entity_kind::seat_block || kind == entity_kind::event;
  }

  /// Whether somebody watches this entity's event, or did a minute ago and may
  /// come back for what he missed.
  bool is_watched(const entry& row) const;

  /// All events that are watched, in that sense, and their seat blocks.
  std::vector<uuid> watched();

  /// What is known of the event, as somebody watches it or did a minute ago;
  /// else nothing, and `watch` needs it made.
  std::shared_ptr<const live_topic> topic_of(event_id event) const;

  /// Begins to watch. First comes a `welcome` with the feed and the version it
  /// starts at; with `from`, whatever came after that version of this feed, or
  /// `resync` if that is too long ago or of another feed. Later comes `resync`
  /// if something was missed: what the seats are is then to be asked anew.
  /// Returns the number to stop with.
  std::uint64_t watch(event_id event, std::optional<live_mark> from,
                      std::shared_ptr<const live_topic> topic,
                      live_listener listener);

  void stop(event_id event, std::uint64_t number);

  /// Puts what became durable into words. Where a version of an entity is
  /// missing, the watchers hear `resync` first. Entities are known by their
  /// keys alone.
  void publish(const publication& news);

  /// Something may have been missed of these events and blocks.
  void resync(const std::vector<uuid>& entities);

  /// Grows whenever somebody is told to look at all seats of the event, by
  /// `welcome` or `resync`: what was asked of its blocks before may be too old
  /// for him. 0 if nobody was for long.
  std::uint64_t last_look(event_id event) const;

  std::size_t watchers() const { return watchers_; }

private:
  struct channel {
    std::shared_ptr<const live_topic> topic;
    std::map<std::uint64_t, live_listener> listeners;
    std::deque<std::pair<version, live_frame>> recent;
    std::unordered_map<uuid, version> told; ///< the last row of each entity
    uuid feed;                              ///< what the versions are of
    version now = 0;
    timestamp quiet_since;
  };

  void publish(event_id event, channel& to, const entry& row);
  void tell_of_block(channel& to, const entry& row);
  void tell_of_event(channel& to, const entry& row);
  void tell(channel& to, std::string_view type, const live_topic::block& where,
            const std::vector<seat_block::seat_no>& seats,
            std::uint32_t places);
  void tell(channel& to, std::string_view type, std::string_view section);
  void send(channel& to, std::string text);
  void resync(event_id event, channel& to);
  void note_look(event_id event);
  bool is_over(const channel&) const;
  void forget_quiet_channels();

  std::function<timestamp()> now_;
  mutable std::mutex lock_;
  std::unordered_map<event_id, channel> channels_;
  std::unordered_map<uuid, event_id> event_of_; // by key
  std::uint64_t last_number_ = 0;
  std::atomic<std::size_t> watchers_ = 0;
  std::atomic<bool> is_any_ = false; ///< channel
  mutable std::mutex looking_; // of the next two; `lock_` may be held for long
  std::unordered_map<event_id, std::uint64_t> looks_;
  std::uint64_t last_look_ = 0;
};

} // namespace usher

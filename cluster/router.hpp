#pragma once

#include "cluster/directory.hpp"
#include "cluster/link_wire.hpp"
#include "cluster/recent_letters.hpp"
#include "protocol/frame.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace usher::cluster {

/// How much the router keeps, and for how long.
struct router_limits {
  std::size_t most_waiting = 20'000; ///< requests without a way, or an answer
  std::size_t most_for_one = 10'000; ///< the same, of the shards of one node
  duration patience{2'500};          ///< for an answer, in all
  duration patience_of_letters{30'000}; ///< to find a way: nobody asks again
  /// Bytes of a frame's body: no link takes one that is much longer, now or
  /// later.
  std::size_t longest_frame = (8U << 20) - (1U << 10);
};

/// What a router needs of its node.
struct router_settings {
  incarnation self = 0;
  const shard_table* shards = nullptr;
  directory* entities = nullptr;
  /// Sends a frame to another node; false = there is no way now.
  std::function<bool(incarnation, frame_kind, std::string)> send;
  /// Whether what rests on that submission may leave the node now.
  std::function<bool(std::uint64_t)> may_leave = [](auto) { return false; };
  /// Sends words of an entity through the journal, which says `send_out` when
  /// all they rest on is durable. Returns the submission's number.
  std::function<std::uint64_t(request)> through_journal;
  /// Somebody knows better than we do who owns what.
  std::function<void()> look_again;
  /// Whether this node has too much to do for such a command of another node.
  std::function<bool(const any_command&)> must_refuse = [](const auto&) {
    return false;
  };
  /// The version to speak with that node; 0 = there is no way now.
  std::function<std::uint16_t(incarnation)> version_of = [](auto) {
    return newest_protocol;
  };
  std::function<std::uint16_t(const any_command&)> first_version =
    first_version_of;
  /// A frame of that node could not be read, and why.
  std::function<void(incarnation, std::string_view)> unreadable = [](auto,
                                                                     auto) {};
  std::function<timestamp()> now;
  router_limits limits;
};

/// The post office of a cluster: what is for this node goes to its directory;
/// what is for another goes there in one hop. A request that found no way, or
/// the wrong node, was not begun, and waits for another try until its patience
/// is over: then it is `unavailable`. One that was sent when the link broke may
/// have been obeyed: it is tried again if a repeat does no harm (a query, or
/// one with an Idempotency-Key), and is `outcome_unknown` otherwise. How long
/// somebody waits for it travels with it, and later it is not begun. Nothing
/// overtakes what waits here for the same entity. What an entity says leaves
/// through the journal. What is too long for any frame is refused as
/// `body_too_large`; an answer that is so long was given and cannot be told.
/// What a node of a later version says and this one cannot read is refused or
/// lost alone, and nodes of an earlier version are not asked what they cannot
/// read. Any thread.
class router final : public post_office {
public:
  explicit router(router_settings settings) : with_(std::move(settings)) {}

  std::uint64_t deliver(request what) override;
  void deliver(response what) override;
  bool retire(const entity_id& who,
              const std::function<bool()>& is_empty) override;
  void bury(const entity_id& who, const std::string& doing,
            const std::string& why) override;
  void witness(request what, const std::string& why) override;
  void recall(const entity_id& who) override;

  /// What an entity said to one of another node: all it rests on is durable.
  void send_out(request what);

  /// An answer to a request of another node, durable with all it rests on.
  void send_out(response what);

  /// A frame of another node came in: request, response or moved.
  void arrived(incarnation from, frame_kind kind, std::string_view body);

  /// The way to that node is gone, and what was sent on it for so long before
  /// may not have arrived.
  void lost(incarnation peer, duration unheard = longest_unheard);

  /// Tries again what waits for a way, and gives up what waited too long. To
  /// be called every 20 ms, and when a shard has come or gone.
  void try_again();

  /// Requests that wait for a way or for an answer from elsewhere.
  std::size_t waiting() const;

  /// Letters that found no way in time, or no room to wait for one.
  std::uint64_t letters_lost() const { return letters_lost_; }

  /// Letters that were under way when their way was gone: lost, or not.
  std::uint64_t letters_in_doubt() const { return letters_in_doubt_; }

  /// After that much silence no link lasts.
  static constexpr duration longest_unheard{2'500};

private:
  struct errand_abroad {
    request what;
    timestamp until;
    incarnation toward = 0; ///< whose shard it was when it came; 0 = nobody's
    incarnation to = 0;     ///< whom it was sent to
  };

  /// What became of a try to send.
  enum class attempt : std::uint8_t { sent, no_way, not_understood, too_long };

  using ticket = std::uint64_t; // they grow
  using errands = std::map<ticket, errand_abroad>;
  using refusals = std::vector<std::pair<request, errc>>;

  bool hand_in(request& what);
  bool is_behind(const request& what) const;
  bool is_full(incarnation toward) const;
  void take_on(request what, bool at_once = true);
  attempt set_out(ticket number, errand_abroad& one, incarnation to);
  static errc why_hopeless(attempt);
  bool is_understood(const any_command&, incarnation by) const;
  void keep(ticket number, errand_abroad one);
  void put_off(ticket number, errand_abroad one);
  errand_abroad leave_line(errands::iterator);
  void count_out(const errand_abroad& one);
  std::optional<errand_abroad> take_back(ticket number);
  void end_the_late(refusals& out);
  void find_ways(refusals& out);
  bool move_on(ticket number, errand_abroad& one, std::set<incarnation>& shut,
               refusals& out);
  void hear_request(incarnation from, std::string_view body);
  void hear_response(incarnation from, std::string_view body);
  void hear_moved(incarnation from, std::string_view body);
  std::uint64_t asker_of_unreadable(incarnation from, std::string_view body,
                                    const json::bad_shape& why) const;
  void obey(incarnation from, request what);
  void give_up(const request& what, errc why);

  router_settings with_;
  mutable std::mutex lock_; // of those down to `last_ticket_`
  std::unordered_map<ticket, errand_abroad> abroad_; // sent, to be answered
  errands waiting_;                                  // for a way, oldest first
  std::unordered_map<entity_id, std::size_t> waited_for_; // those of waiting_
  std::unordered_map<incarnation, std::size_t> load_;     // of both, by toward
  recent_letters letters_;                                // sent
  ticket last_ticket_ = 0;
  std::atomic<bool> is_any_waiting_ = false; // for a way
  std::atomic<std::uint64_t> letters_lost_ = 0;
  std::atomic<std::uint64_t> letters_in_doubt_ = 0;
};

} // namespace usher::cluster

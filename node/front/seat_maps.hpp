#pragma once

#include "protocol/command.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

namespace usher {

class front_desk;

/// The seats of one event at one moment, ready to be sent.
struct seat_map {
  /// What is in `plain`, gzipped when that is first wanted.
  const std::shared_ptr<const std::string>& zipped();

  version now = 0; ///< the sum of the versions of its blocks: it only grows
  std::string etag;
  std::vector<seat_block::picture> blocks;
  std::shared_ptr<const std::string> plain;

private:
  std::shared_ptr<const std::string> zipped_;
};

/// The seat maps that were asked for lately. A map is at most a second old and
/// not of before the last `welcome` or `resync` of its event's live feed: else
/// the blocks are asked again, and only what has changed is drawn anew, by one
/// request for all. Meanwhile the others have the old map, if that lacks only
/// youth and is not two seconds old, or wait for the first. For one io thread.
class seat_maps {
public:
  explicit seat_maps(front_desk& desk) : desk_(desk) {}

  /// The map of an event; `refused` says why there is none.
  boost::asio::awaitable<std::shared_ptr<seat_map>> find(event_id event,
                                                         answer& refused);

private:
  struct kept {
    explicit kept(boost::asio::io_context& io)
      : refreshed(io, boost::asio::steady_timer::time_point::max()) {}

    std::shared_ptr<const event::description> about;
    std::shared_ptr<seat_map> map;
    std::chrono::steady_clock::time_point asked_at; ///< for this map
    std::uint64_t drawn_after = 0; ///< the last look when it was asked for
    std::chrono::steady_clock::time_point last_used;
    std::chrono::steady_clock::time_point began_at; ///< the last refresh
    bool refreshing = false;
    errc refused = errc::ok;             ///< by the last refresh
    boost::asio::steady_timer refreshed; ///< cancelled when that has ended
  };

  static bool will_do(const kept& entry,
                      std::chrono::steady_clock::time_point now,
                      std::uint64_t look);
  boost::asio::awaitable<errc> refresh_for_all(event_id event, kept& entry);
  boost::asio::awaitable<errc> refresh(event_id event, kept& entry);
  void make_room();

  front_desk& desk_;
  std::unordered_map<event_id, std::shared_ptr<kept>> maps_;
};

} // namespace usher

#pragma once

#include "cluster/link_tls.hpp"
#include "cluster/link_wire.hpp"
#include "protocol/time.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace usher::cluster {

/// What a link never exceeds.
struct link_limits {
  duration beat{500};     ///< between two signs of life
  duration silence{2000}; ///< without a byte from the other side: it is gone
  duration dial{1000};    ///< from the first packet to the end of the greeting
  std::size_t most_queued = 8U << 20;     ///< bytes not yet taken by the socket
  std::uint32_t longest_frame = 8U << 20; ///< bytes of a body
};

class link;

/// Who a link belongs to. Called on the thread of the link's io_context alone.
class link_owner {
public:
  virtual ~link_owner() = default;

  /// The other side has said who it is. Returns why it is refused; nothing if
  /// it is welcome.
  virtual std::string greet(link&, const hello&) = 0;

  /// From now on frames come and go.
  virtual void opened(link&) = 0;

  /// A frame that is not the link's own business. May throw: that ends it.
  virtual void heard(link&, frame_kind, std::string body) = 0;

  /// The end, once, at whatever stage.
  virtual void closed(link&, const std::string& why) = 0;
};

/// Who is at the other end, as its owner has found.
struct link_peer {
  incarnation id = 0;
  std::string name;
  rights visiting = rights::none; ///< none for nodes
};

/// One connection to another process: greeted, alive, bounded. Frames arrive in
/// the order in which they were offered, or the link ends.
class link : public std::enable_shared_from_this<link> {
public:
  using clock = std::chrono::steady_clock;

  link(asio::ip::tcp::socket socket, asio::ssl::context* context,
       const link_limits& limits, hello me, link_owner& owner);

  /// Begins with a socket that was accepted.
  void welcome();

  /// Begins by connecting to `host:port`.
  void dial(const std::string& address);

  /// Queues a frame; any thread, never blocks. False, and nothing is queued: if
  /// the link is not open, the window is full or the body too long.
  bool offer(frame_kind kind, std::string_view body);

  /// Ends the link now.
  void hang_up(const std::string& why);

  /// Looks at deadlines and sends beats; to be called some ten times a second.
  void tick(clock::time_point now);

  /// Whether the certificate of the other side is for this name; on a plain
  /// connection every name is believed.
  bool is_certified_as(const std::string& name);

  /// Known to the owner from its greeting on; written by the owner alone.
  link_peer peer;

  std::uint16_t version() const { return version_; }

  bool is_dialed() const { return dialed_; }

  /// Whether it ended although the other side was there in time: one of the
  /// two does not want, or does not trust, the other.
  bool was_turned_away() const { return has_met_ && !is_late_; }

  clock::time_point opened_at() const { return opened_at_; }

  /// For how long nothing was sent that the other side has surely read: what
  /// came before has been acknowledged by a beat. On the link's thread.
  duration unheard() const;

  /// Microseconds that the last beat took there and back; any thread.
  std::chrono::microseconds round_trip() const;

  /// Bytes not yet taken by the socket; any thread.
  std::size_t queued() const;

  std::uint64_t frames_in() const { return frames_in_; }

  std::uint64_t frames_out() const { return frames_out_; }

private:
  enum class stage : std::uint8_t { joining, greeting, open, ending, closed };
  enum class urgency : std::uint8_t { windowed, beat, last_word };

  void connect(std::vector<asio::ip::tcp::endpoint> to);
  void secure();
  void read();
  bool heard_too_late() const;
  void take(std::string_view bytes);
  std::size_t consume(std::string_view bytes);
  void handle(frame_kind kind, std::string_view body);
  void handle_greeting(frame_kind kind, std::string_view body);
  void handle_beat(std::string_view body);
  bool queue(frame_kind kind, std::string_view body, urgency how);
  void flush();
  void wrote(const boost::system::error_code& failed);
  void refuse(const std::string& why);
  void introduce();

  link_stream stream_;
  link_limits limits_;
  hello me_;
  link_owner& owner_;
  bool dialed_ = false;
  bool has_met_ = false;
  bool is_late_ = false;
  stage stage_ = stage::joining;
  std::uint16_t version_ = 0;
  clock::time_point since_ = clock::now(); ///< of this stage, until it is open
  clock::time_point opened_at_;
  clock::time_point last_heard_;
  clock::time_point last_beat_;
  std::uint64_t echoed_ = 0; ///< the moment of the last beat that came back
  std::vector<char> block_;  ///< what one read brings
  std::string rest_;         ///< a frame of which a part has come
  std::string writing_;
  bool is_writing_ = false;
  std::string farewell_;

  mutable std::mutex lock_; // guards the four below
  std::string pending_;
  std::size_t in_flight_ = 0;
  bool accepts_ = false;
  bool is_awake_ = false; ///< a flush will come by itself

  std::atomic<std::uint64_t> frames_in_ = 0;
  std::atomic<std::uint64_t> frames_out_ = 0;
  std::atomic<std::int64_t> round_trip_ = 0;
};

} // namespace usher::cluster

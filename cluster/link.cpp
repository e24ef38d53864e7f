#include "cluster/link.hpp"

#include "cluster/lookup.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <charconv>

namespace usher::cluster {

namespace {

constexpr std::size_t block_size = 32U << 10;
constexpr std::uint32_t longest_greeting = 4U << 10;
constexpr std::size_t room_for_beats = 4U << 10; ///< beyond the window
constexpr std::size_t kept_capacity = 1U << 20;  ///< of a buffer that is empty

std::uint64_t moment_of(link::clock::time_point now) {
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::microseconds>(
      now.time_since_epoch())
      .count());
}

/// `host:port`, or `[v6]:port`, in two; a port of 0 if it is neither.
std::pair<std::string, std::uint16_t> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return {};
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto* end = address.data() + address.size();
  const auto read = std::from_chars(address.data() + colon + 1, end, port);
  if (read.ec != std::errc{} || read.ptr != end)
    return {};
  return {std::move(host), port};
}

/// The other side has closed, with or without the word that TLS has for it.
bool is_end(const boost::system::error_code& failed) {
  return failed == asio::error::eof
         || failed == asio::ssl::error::stream_truncated;
}

void let_go(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_capacity)
    std::string{}.swap(buffer);
}

} // namespace

link::link(asio::ip::tcp::socket socket, asio::ssl::context* context,
           const link_limits& limits, hello me, link_owner& owner)
  : stream_(std::move(socket), context),
    limits_(limits),
    me_(std::move(me)),
    owner_(owner),
    block_(block_size) {}

// -- the way to an open link

void link::welcome() {
  secure();
}

void link::dial(const std::string& address) {
  dialed_ = true;
  auto [host, port] = split(address);
  if (port == 0)
    return hang_up("no address: " + address);
  boost::system::error_code is_name;
  const auto literal = asio::ip::make_address(host, is_name);
  if (!is_name)
    return connect({{literal, port}});
  auto& context =
    asio::query(stream_.socket().get_executor(), asio::execution::context);
  asio::use_service<lookup>(context).find(
    host, port,
    [link = weak_from_this()](const auto& failed, const auto& found) {
      const auto self = link.lock();
      if (self && failed)
        self->hang_up(failed.message());
      else if (self)
        self->connect(found);
    });
}

void link::connect(std::vector<asio::ip::tcp::endpoint> to) {
  if (stage_ == stage::closed)
    return;
  if (!stream_.tls())
    for (const auto& one : to)
      if (!one.address().is_loopback())
        return hang_up("without certificates only loopback is dialed");
  auto all = std::make_shared<std::vector<asio::ip::tcp::endpoint>>(to);
  asio::async_connect(
    stream_.socket(), *all,
    [self = shared_from_this(), all](const auto& failed, const auto&) {
      if (failed)
        return self->hang_up(failed.message());
      self->secure();
    });
}

void link::secure() {
  if (stage_ == stage::closed)
    return;
  has_met_ = true;
  boost::system::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  stream_.secure(!dialed_, [self = shared_from_this()](const auto& failed) {
    if (self->stage_ == stage::closed)
      return;
    if (failed)
      return self->hang_up("no handshake: " + failed.message());
    self->stage_ = stage::greeting;
    // Who is dialed says nothing before it knows whom it talks to.
    if (self->dialed_)
      self->introduce();
    self->read();
  });
}

void link::introduce() {
  queue(frame_kind::hello, json::text_of(me_), urgency::last_word);
}

void link::handle_greeting(frame_kind kind, std::string_view body) {
  if (kind == frame_kind::refusal)
    return hang_up("refused: " + std::string{body});
  if (kind != frame_kind::hello)
    return hang_up("spoke before it said hello");
  const auto other = json::get<hello>(body);
  const auto version = common_version(me_, other);
  if (!version)
    return refuse("no version in common: here " + std::to_string(me_.low)
                  + " to " + std::to_string(me_.high) + ", there "
                  + std::to_string(other.low) + " to "
                  + std::to_string(other.high));
  version_ = *version;
  const auto why = owner_.greet(*this, other);
  if (!why.empty())
    return refuse(why);
  if (!dialed_)
    introduce();
  stage_ = stage::open;
  opened_at_ = last_beat_ = clock::now();
  echoed_ = moment_of(opened_at_);
  {
    const std::lock_guard guard(lock_);
    accepts_ = true;
  }
  owner_.opened(*this);
}

void link::refuse(const std::string& why) {
  farewell_ = "refused: " + why;
  stage_ = stage::ending;
  since_ = clock::now();
  queue(frame_kind::refusal, why, urgency::last_word);
}

void link::hang_up(const std::string& why) {
  if (stage_ == stage::closed)
    return;
  const auto self = shared_from_this(); // the owner lets go of it
  stage_ = stage::closed;
  {
    const std::lock_guard guard(lock_);
    accepts_ = false;
    let_go(pending_);
  }
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
  owner_.closed(*this, why);
}

// -- reading

void link::read() {
  stream_.read_some(
    asio::buffer(block_),
    [self = shared_from_this()](const auto& failed, std::size_t size) {
      if (self->stage_ == stage::closed)
        return;
      if (failed)
        return self->hang_up(is_end(failed) ? "the other side hung up"
                                            : failed.message());
      if (self->heard_too_late())
        return self->hang_up("silent for too long");
      self->last_heard_ = clock::now();
      try {
        self->take({self->block_.data(), size});
      } catch (const std::exception& bad) {
        self->hang_up(bad.what());
      }
      if (self->stage_ != stage::closed)
        self->read();
    });
}

/// After a long stop of this process there may be bytes that nobody stands by
/// any more: the other side has given the link up.
bool link::heard_too_late() const {
  return stage_ == stage::open
         && clock::now() - last_heard_ > limits_.silence + limits_.beat;
}

void link::take(std::string_view bytes) {
  if (rest_.empty()) {
    rest_ = bytes.substr(consume(bytes));
    return;
  }
  rest_ += bytes;
  rest_.erase(0, consume(rest_));
  if (rest_.empty())
    let_go(rest_);
}

/// Handles all frames that are complete; returns how many bytes they were. A
/// length is believed only as far as its bytes have come.
std::size_t link::consume(std::string_view bytes) {
  std::size_t done = 0;
  while (stage_ != stage::closed && bytes.size() - done >= frame_head_size) {
    const auto head = take_head(bytes.substr(done, frame_head_size));
    const auto most =
      stage_ == stage::open ? limits_.longest_frame : longest_greeting;
    if (head.length > most) {
      hang_up("announced a frame of " + std::to_string(head.length)
              + " bytes; at most " + std::to_string(most) + " are taken");
      break;
    }
    if (bytes.size() - done - frame_head_size < head.length)
      break;
    ++frames_in_;
    handle(head.kind, bytes.substr(done + frame_head_size, head.length));
    done += frame_head_size + head.length;
  }
  return done;
}

void link::handle(frame_kind kind, std::string_view body) {
  switch (stage_) {
    case stage::greeting:
      return handle_greeting(kind, body);
    case stage::open:
      break;
    default:
      return; // what comes after a refusal is not heard
  }
  if (kind == frame_kind::beat)
    return handle_beat(body);
  if (kind == frame_kind::refusal)
    return hang_up("refused: " + std::string{body});
  if (kind == frame_kind::hello || kind == frame_kind{})
    return hang_up("said hello twice");
  if (peer.visiting != rights::none && !is_for_visitors(kind))
    return hang_up("a visitor may not send this");
  owner_.heard(*this, kind, std::string{body});
}

void link::handle_beat(std::string_view body) {
  const auto heard = decode_beat(body);
  if (!heard)
    return hang_up("sent no proper beat");
  if (heard->is_echo) {
    round_trip_ =
      static_cast<std::int64_t>(moment_of(last_heard_) - heard->moment);
    echoed_ = std::min(heard->moment, moment_of(last_heard_));
  } else
    queue(frame_kind::beat, encode(beat{true, heard->moment}), urgency::beat);
}

// -- writing

bool link::offer(frame_kind kind, std::string_view body) {
  return queue(kind, body, urgency::windowed);
}

bool link::queue(frame_kind kind, std::string_view body, urgency how) {
  {
    const std::lock_guard guard(lock_);
    const auto after =
      pending_.size() + in_flight_ + frame_head_size + body.size();
    const auto window =
      limits_.most_queued + (how == urgency::beat ? room_for_beats : 0);
    if (how != urgency::last_word
        && (!accepts_ || after > window || body.size() > limits_.longest_frame))
      return false;
    put_head(pending_, {static_cast<std::uint32_t>(body.size()), kind});
    pending_ += body;
    ++frames_out_;
    if (is_awake_)
      return true;
    is_awake_ = true;
  }
  asio::post(stream_.socket().get_executor(),
             [self = shared_from_this()] { self->flush(); });
  return true;
}

/// Everything that has gathered goes out as one write.
void link::flush() {
  if (is_writing_ || stage_ == stage::closed)
    return;
  {
    const std::lock_guard guard(lock_);
    if (pending_.empty()) {
      is_awake_ = false;
      return;
    }
    pending_.swap(writing_);
    in_flight_ = writing_.size();
  }
  is_writing_ = true;
  stream_.write(asio::buffer(writing_),
                [self = shared_from_this()](const auto& failed, std::size_t) {
                  self->wrote(failed);
                });
}

void link::wrote(const boost::system::error_code& failed) {
  is_writing_ = false;
  let_go(writing_);
  bool is_all_said = false;
  {
    const std::lock_guard guard(lock_);
    in_flight_ = 0;
    is_all_said = pending_.empty();
  }
  if (stage_ == stage::closed)
    return;
  if (failed)
    return hang_up(failed.message());
  if (stage_ == stage::ending && is_all_said)
    return hang_up(farewell_);
  flush();
}

// -- time

void link::tick(clock::time_point now) {
  switch (stage_) {
    case stage::joining:
    case stage::greeting:
      is_late_ = now - since_ > limits_.dial;
      if (is_late_)
        hang_up("no greeting in time");
      return;
    case stage::ending:
      if (now - since_ > limits_.dial)
        hang_up(farewell_);
      return;
    case stage::closed:
      return;
    case stage::open:
      break;
  }
  if (now - last_heard_ > limits_.silence)
    return hang_up("silent for too long");
  if (now - last_beat_ < limits_.beat)
    return;
  last_beat_ = now;
  queue(frame_kind::beat, encode(beat{false, moment_of(now)}), urgency::beat);
}

bool link::is_certified_as(const std::string& name) {
  return !stream_.tls() || certified_as(stream_.tls(), name);
}

std::chrono::microseconds link::round_trip() const {
  return std::chrono::microseconds{round_trip_};
}

duration link::unheard() const {
  const std::chrono::microseconds span{
    static_cast<std::int64_t>(moment_of(clock::now()) - echoed_)};
  return std::chrono::ceil<duration>(span);
}

std::size_t link::queued() const {
  const std::lock_guard guard(lock_);
  return pending_.size() + in_flight_;
}

} // namespace usher::cluster

#include "node/front/connection.hpp"

#include "node/front/front_desk.hpp"
#include "node/front/server.hpp"
#include "node/http/chunked.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace usher::http {

namespace {

using namespace std::chrono_literals;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// For a client that is just about to ask, when the node is to end.
constexpr duration last_chance = 500ms;
/// Until a client has seen that nothing more comes.
constexpr duration to_be_seen = 1s;
constexpr std::size_t most_unheard = 1U << 20; // bytes
/// A connection may be idle for long: what one large body needed it gives back.
constexpr std::size_t most_kept = 64U << 10; // bytes

std::string_view reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 503:
      return "Service Unavailable";
    default:
      return "-";
  }
}

head_limits bounds_of(const config::settings& settings) {
  const auto& limits = settings.http.limits;
  return {limits.request_line_bytes, limits.head_bytes, limits.fields};
}

void append_number(std::string& out, std::uint64_t n) {
  std::array<char, 24> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  out.append(digits.data(), end);
}

} // namespace

connection::connection(server& at, asio::ip::tcp::socket socket,
                       std::string address)
  : at_(at),
    socket_(std::move(socket)),
    address_(std::move(address)),
    bytes_(at.desk().node.bytes_in_flight) {}

void connection::enter(phase next, duration patience) {
  phase_ = next;
  deadline_ = std::chrono::steady_clock::now() + patience;
  late_ = false; // each phase has its own time
}

void connection::check(std::chrono::steady_clock::time_point now) {
  if (now < deadline_ || phase_ == phase::thinking || late_)
    return;
  late_ = true;
  boost::system::error_code ignored;
  if (phase_ == phase::writing) // a client that does not read: reset it
    socket_.close(ignored);
  else
    socket_.cancel(ignored);
}

void connection::wind_up() {
  winding_up_ = true;
  if (phase_ == phase::idle)
    deadline_ =
      std::min(deadline_, std::chrono::steady_clock::now() + last_chance);
}

asio::awaitable<void> connection::run() {
  while (co_await serve_one() == fate::go_on)
    ;
  co_await linger();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

/// To close while bytes are unread, or still come, is to reset: the client
/// might lose our last answer, or take its next request for one that may be
/// obeyed.
asio::awaitable<void> connection::linger() {
  boost::system::error_code failed;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, failed);
  enter(phase::lingering, to_be_seen);
  for (std::size_t unheard = 0; !failed && unheard < most_unheard;
       unheard += in_.size()) {
    used_ = in_.size();
    if (!co_await read_some())
      break;
  }
}

// -- reading

/// False if nothing more will come.
asio::awaitable<bool> connection::read_some() {
  constexpr std::size_t step = 4096;
  if (late_) // the watch struck just as something came
    co_return false;
  if (used_ > 0) {
    in_.erase(0, used_);
    used_ = 0;
    if (in_.size() < step && in_.capacity() > most_kept)
      in_.shrink_to_fit();
  }
  const auto had = in_.size();
  in_.resize(had + step);
  auto [failed, n] = co_await socket_.async_read_some(
    asio::buffer(in_.data() + had, step), quietly);
  in_.resize(had + n);
  bytes_.set(in_.size());
  co_return !failed && n > 0;
}

/// False if the connection is to end without an answer.
asio::awaitable<bool> connection::read_head(head_outcome& out) {
  const auto& limits = at_.desk().settings().http.limits;
  const auto bounds = bounds_of(at_.desk().settings());
  enter(phase::idle, winding_up_ ? last_chance : limits.keep_alive);
  for (;;) {
    const auto bytes = std::string_view{in_}.substr(used_);
    if (!bytes.empty()) {
      if (phase_ == phase::idle)
        enter(phase::head, limits.head_deadline);
      out = parse_head(bytes, bounds);
      if (!std::holds_alternative<need_more>(out))
        co_return true;
    }
    if (!co_await read_some()) {
      if (!late_ || phase_ == phase::idle)
        co_return false;
      out = violation{errc::request_timeout, "the head came too slowly"};
      co_return true;
    }
  }
}

asio::awaitable<errc> connection::read_chunks(std::string& body,
                                              std::size_t limit) {
  chunked_decoder decoder(limit);
  for (;;) {
    auto taken = decoder.decode(std::string_view{in_}.substr(used_), body);
    if (!taken)
      co_return taken.error();
    used_ += *taken;
    if (decoder.done())
      co_return errc::ok;
    if (!co_await read_some())
      co_return errc::request_timeout;
    bytes_.set(in_.size() + body.size());
  }
}

asio::awaitable<errc> connection::read_body(const request_head& head,
                                            std::string& body,
                                            std::size_t limit) {
  enter(phase::body, at_.desk().settings().http.limits.body_deadline);
  if (head.expects_continue) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [failed, n] =
      co_await asio::async_write(socket_, asio::buffer(go_on), quietly);
    if (failed)
      co_return errc::request_timeout;
  }
  if (head.chunked)
    co_return co_await read_chunks(body, limit);
  const auto length = static_cast<std::size_t>(head.content_length);
  while (in_.size() - used_ < length)
    if (!co_await read_some())
      co_return errc::request_timeout;
  body.assign(in_, used_, length);
  used_ += length;
  co_return errc::ok;
}

/// A body that has not come whole with its head.
asio::awaitable<errc> connection::await_body(exchange& x, std::size_t limit,
                                             awaited_body& to) {
  to.room =
    at_.desk().room_for(x, x.head.chunked ? limit : x.head.content_length);
  if (!to.room)
    co_return errc::rate_limited;
  const auto why = co_await read_body(x.head, to.text, limit);
  x.body = to.text;
  co_return why;
}

// -- one request

asio::awaitable<connection::fate> connection::serve_one() {
  head_outcome outcome;
  if (!co_await read_head(outcome))
    co_return fate::end;
  if (auto* broken = std::get_if<violation>(&outcome))
    co_return co_await refuse(*broken);
  auto* head = &std::get<request_head>(outcome);
  // While a body arrives the buffer moves; the head must stay where it is.
  std::string kept;
  const bool whole =
    !head->chunked && in_.size() - used_ >= head->size + head->content_length;
  if (!whole) {
    kept = in_.substr(used_, head->size);
    used_ += head->size;
    outcome = parse_head(kept, bounds_of(at_.desk().settings()));
    head = &std::get<request_head>(outcome);
  }
  exchange x{at_.desk(), *head, {}, {}, address_, {}};
  reply answer;
  auto plan = at_.desk().receive(x, answer);
  awaited_body late;
  const auto limit = plan ? at_.desk().body_limit(*plan) : 0;
  if (plan && head->content_length > limit)
    co_return co_await refuse(x, errc::body_too_large);
  if (whole) {
    x.body =
      std::string_view{in_}.substr(used_ + head->size, head->content_length);
    used_ += head->size + head->content_length;
  } else if (plan) {
    const auto why = co_await await_body(x, limit, late);
    if (why == errc::request_timeout && !late_)
      co_return fate::end;
    if (why != errc::ok)
      co_return co_await refuse(x, why);
  }
  if (plan && head->websocket && plan->live)
    co_return co_await go_live(x);
  enter(phase::thinking, {});
  if (plan)
    answer = co_await at_.desk().serve(x, *plan);
  answer.headers += at_.desk().common_lines(x);
  const bool unread = !plan && !whole;
  const bool close = unread || !head->keep_alive || winding_up_;
  co_return co_await write(answer, head->verb == method::head, close);
}

/// Without a head nobody knows what language the client speaks, nor whose page
/// it shows.
asio::awaitable<connection::fate> connection::refuse(const violation& what) {
  reply answer;
  answer.status = http_status(what.code);
  answer.content_type = "application/problem+json";
  answer.body = problem_json({.code = what.code, .detail = what.why});
  answer.headers = "Content-Language: en\r\n";
  at_.desk().count_refusal(answer.status);
  co_return co_await write(answer, false, true);
}

asio::awaitable<connection::fate> connection::refuse(const exchange& x,
                                                     errc why) {
  auto answer = problem_reply(x, why);
  if (why == errc::rate_limited)
    answer.headers += "Retry-After: 1\r\n";
  answer.headers += at_.desk().common_lines(x);
  at_.desk().count_refusal(answer.status);
  co_return co_await write(answer, x.head.verb == method::head, true);
}

asio::awaitable<connection::fate> connection::go_live(exchange& x) {
  enter(phase::thinking, {});
  auto refused = co_await at_.desk().go_live(x, socket_);
  if (!refused)
    co_return fate::end;
  refused->headers += at_.desk().common_lines(x);
  at_.desk().count_refusal(refused->status);
  co_return co_await write(*refused, false, true);
}

// -- writing

void connection::compose_head(const reply& what, std::size_t length,
                              bool close) {
  out_.clear();
  out_ += "HTTP/1.1 ";
  append_number(out_, what.status);
  out_ += ' ';
  out_ += reason(what.status);
  out_ += "\r\nDate: ";
  out_ += at_.date();
  if (what.status != 304 && what.status != 204) {
    out_ += "\r\nContent-Type: ";
    out_ += what.content_type;
    out_ += "\r\nContent-Length: ";
    append_number(out_, length);
  }
  out_ += "\r\nX-Content-Type-Options: nosniff\r\n";
  out_ += what.headers;
  out_ += close ? "Connection: close\r\n\r\n" : "\r\n";
}

asio::awaitable<connection::fate>
connection::write(const reply& what, bool head_only, bool close) {
  const std::string& body = what.shared_body ? *what.shared_body : what.body;
  compose_head(what, body.size(), close);
  bytes_.set(in_.size() - used_ + out_.size() + what.body.size());
  enter(phase::writing, at_.desk().settings().http.limits.write_deadline);
  constexpr std::size_t small = 16'384;
  const bool silent = head_only || what.status == 304 || what.status == 204;
  boost::system::error_code failed;
  if (silent || body.size() <= small) {
    if (!silent)
      out_ += body;
    std::tie(failed, std::ignore) =
      co_await asio::async_write(socket_, asio::buffer(out_), quietly);
  } else {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(out_),
                                                  asio::buffer(body)};
    std::tie(failed, std::ignore) =
      co_await asio::async_write(socket_, parts, quietly);
  }
  bytes_.set(in_.size() - used_);
  co_return failed || close ? fate::end : fate::go_on;
}

} // namespace usher::http

#include "node/api/answers.hpp"
#include "node/front/front_desk.hpp"
#include "node/live/live_hub.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace usher {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using socket = asio::ip::tcp::socket;
using stream = beast::websocket::stream<socket>;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// A watcher that is further behind is cut off; it may come back and resume.
constexpr std::size_t most_unsent = 2'000;

// Or who resumes would be cut off before a frame is written, each time anew.
static_assert(2 * live_hub::most_resumed <= most_unsent);

/// The frames that wait for one watcher. Its coroutine sleeps on the timer,
/// which rings when a frame comes.
struct outbound {
  explicit outbound(asio::io_context& io) : bell(io) {}

  /// Ends the connection, whatever it is doing.
  void cut() {
    is_cut = true;
    if (hang_up)
      hang_up();
    bell.cancel();
  }

  std::deque<live_frame> frames;
  asio::steady_timer bell;
  std::function<void()> hang_up; ///< empty once the stream is gone
  bool is_cut = false;
  bool over = false; ///< `listen` has let go of the stream
};

beast::http::request<beast::http::empty_body>
request_of(const http::request_head& head) {
  using http::field;
  beast::http::request<beast::http::empty_body> out{beast::http::verb::get,
                                                    std::string{head.path}, 11};
  out.set(beast::http::field::host, std::string{head[field::host]});
  out.set(beast::http::field::upgrade, "websocket");
  out.set(beast::http::field::connection, "upgrade");
  out.set(beast::http::field::sec_websocket_key,
          std::string{head[field::sec_websocket_key]});
  out.set(beast::http::field::sec_websocket_version, "13");
  return out;
}

/// The watcher says nothing that matters; reading keeps pings answered and
/// notices when it leaves.
asio::awaitable<void> listen(stream& to, std::shared_ptr<outbound> waiting) {
  beast::flat_buffer buffer;
  for (;;) {
    auto [failed, n] = co_await to.async_read(buffer, quietly);
    if (failed)
      break;
    buffer.clear();
  }
  waiting->over = true;
  waiting->bell.cancel();
}

asio::awaitable<void> speak(stream& to, outbound& waiting) {
  while (!waiting.over && !waiting.is_cut) {
    if (waiting.frames.empty()) {
      waiting.bell.expires_at(asio::steady_timer::time_point::max());
      co_await waiting.bell.async_wait(quietly);
      continue;
    }
    auto frame = std::move(waiting.frames.front());
    waiting.frames.pop_front();
    auto [failed, n] = co_await to.async_write(asio::buffer(*frame), quietly);
    if (failed)
      co_return;
  }
}

live_listener listener_for(asio::io_context& io,
                           std::weak_ptr<outbound> waiting) {
  return [&io, waiting](const live_frame& frame) {
    asio::post(io, [waiting, frame] {
      auto to = waiting.lock();
      if (!to)
        return;
      if (to->frames.size() >= most_unsent)
        to->cut();
      else
        to->frames.push_back(frame);
      to->bell.cancel();
    });
  };
}

/// Ends the reading, too, and waits until it has let go of the stream.
asio::awaitable<void> end_listening(outbound& waiting) {
  waiting.cut();
  waiting.hang_up = {};
  while (!waiting.over) {
    waiting.bell.expires_after(std::chrono::milliseconds{10});
    co_await waiting.bell.async_wait(quietly);
  }
}

using topic = std::shared_ptr<const live_topic>;

/// Where the seats of the event are, so that facts can be put into words. The
/// floor plans of a large hall take milliseconds: they are made for who comes
/// first.
asio::awaitable<topic> topic_of(front_desk& desk, event_id event,
                                const event::description& about) {
  if (auto known = desk.node.live->topic_of(event))
    co_return known;
  auto said = co_await desk.ask({entity_kind::layout, about.what.layout.value},
                                layout::command{layout::read{}});
  if (!said.granted())
    co_return nullptr;
  auto out = std::make_shared<live_topic>();
  for (const auto& section : *std::get<layout::sections>(said.reply))
    for (const auto& sold : about.sections)
      if (sold.name == section.name)
        out->blocks[sold.block.value] = {
          section.name,
          std::make_shared<const seat_block::floor_plan>(section)};
  co_return out;
}

/// As `topic_of`. Of drafts nothing is told, not even to those who may see
/// them: nothing happens to their seats.
asio::awaitable<result<topic>> public_topic(front_desk& desk, event_id event) {
  auto said = co_await desk.ask({entity_kind::event, event.value},
                                event::command{event::describe{}});
  if (!said.granted())
    co_return said.refused;
  const auto about =
    std::get<std::shared_ptr<const event::description>>(said.reply);
  if (!is_public(*about))
    co_return errc::not_found;
  auto out = co_await topic_of(desk, event, *about);
  if (!out)
    co_return errc::unavailable;
  co_return out;
}

/// What the watcher has, if it says so. A version without its feed is of none.
http::form<std::optional<live_mark>> mark_in(const http::exchange& x) {
  constexpr std::array<std::string_view, 2> allowed{"from", "feed"};
  auto query = http::query::parse(x.head.query, allowed);
  if (!query)
    return query.error();
  auto from = query->number("from", 0, INT64_MAX, 0);
  if (!from)
    return from.error();
  live_mark out;
  out.last = *from;
  if (const auto feed = query->text("feed")) {
    out.feed = parse_uuid(*feed);
    if (!out.feed)
      return http::form_refusal{errc::invalid_value,
                                {{"feed", errc::invalid_value, ""}}};
  }
  return query->text("from") ? std::optional{out} : std::nullopt;
}

} // namespace

asio::awaitable<std::optional<http::reply>>
front_desk::go_live(http::exchange& x, socket& client) {
  auto from = mark_in(x);
  if (!from)
    co_return api::refuse(x, from.error());
  const auto id = parse_uuid(x.route.parameters[0]);
  if (!id)
    co_return http::problem_reply(x, errc::not_found);
  auto about = co_await public_topic(*this, {*id});
  if (!about)
    co_return http::problem_reply(x, about.error());
  stream to{std::move(client)};
  to.set_option(beast::websocket::stream_base::timeout::suggested(
    beast::role_type::server));
  to.read_message_max(1024);
  to.text(true);
  const auto request = request_of(x.head);
  if (auto [failed] = co_await to.async_accept(request, quietly); failed)
    co_return std::nullopt;
  auto waiting = std::make_shared<outbound>(io);
  const auto number = node.live->watch({*id}, *from, std::move(*about),
                                       listener_for(io, waiting));
  waiting->hang_up = [&to] {
    boost::system::error_code ignored;
    beast::get_lowest_layer(to).close(ignored);
  };
  const auto place = feeds_.insert(feeds_.end(), [waiting] { waiting->cut(); });
  if (node.draining) // the others may have been ended while we shook hands
    waiting->cut();
  asio::co_spawn(io, listen(to, waiting), asio::detached);
  co_await speak(to, *waiting);
  node.live->stop({*id}, number);
  feeds_.erase(place);
  co_await end_listening(*waiting);
  co_return std::nullopt;
}

void front_desk::end_feeds() {
  for (const auto& end : feeds_)
    end();
}

} // namespace usher

#include "node/sandbox_provider.hpp"

#include "node/log.hpp"
#include "protocol/match.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <thread>

namespace usher {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = std::chrono::seconds{5};
constexpr int most_tries = 10;

std::string_view type_of(payment::report what) {
  switch (what) {
    case payment::report::succeeded:
      return "payment.succeeded";
    case payment::report::failed:
      return "payment.failed";
    case payment::report::expired:
      return "payment.expired";
  }
  return "?";
}

/// The same play has the same id, however often it is sent.
std::string callback_id(const sandbox_play& play) {
  return "msg_"
         + to_string(derive_uuid(play.payment.value,
                                 std::string{type_of(play.what)}
                                   + std::to_string(play.amount.amount)));
}

} // namespace

struct sandbox_provider::client {
  explicit client(asio::io_context& io) : stream(io) {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
};

sandbox_provider::sandbox_provider(http::webhook_secret secret,
                                   const std::string& base_url,
                                   std::function<timestamp()> now)
  : secret_(std::move(secret)), now_(std::move(now)) {
  auto rest = base_url.substr(base_url.find("//") + 2);
  const auto colon = rest.rfind(':');
  host_ = rest.substr(0, colon);
  port_ = colon == std::string::npos ? "80" : rest.substr(colon + 1);
  thread_ = std::thread([this] {
    auto guard = asio::make_work_guard(io_);
    io_.run();
  });
}

sandbox_provider::~sandbox_provider() {
  io_.stop();
  thread_.join();
}

asio::awaitable<bool> sandbox_provider::perform(sandbox_play play) {
  {
    const std::lock_guard guard{lock_};
    ledger_[play.payment] = play;
  }
  if (play.at > now_()) {
    asio::co_spawn(io_, send_until_taken(std::move(play)), asio::detached);
    co_return true;
  }
  const bool taken =
    co_await asio::co_spawn(io_, send(play), asio::use_awaitable);
  if (!taken)
    asio::co_spawn(io_, send_until_taken(std::move(play)), asio::detached);
  co_return taken;
}

std::optional<sandbox_play>
sandbox_provider::look_up(payment_id payment) const {
  const std::lock_guard guard{lock_};
  auto found = ledger_.find(payment);
  if (found == ledger_.end() || found->second.at > now_())
    return std::nullopt;
  return found->second;
}

asio::awaitable<void> sandbox_provider::send_until_taken(sandbox_play play) {
  asio::steady_timer timer(io_);
  auto pause =
    std::max<duration>(play.at - now_(), std::chrono::milliseconds{200});
  for (int i = 0; i < most_tries; ++i) {
    timer.expires_after(pause);
    co_await timer.async_wait(quietly);
    if (co_await send(play))
      co_return;
    pause = std::chrono::milliseconds{200} * (1 << i);
  }
  log::warning("webhook_given_up",
               {{"payment", to_string(play.payment.value)}});
}

std::string sandbox_provider::webhook(const sandbox_play& play) const {
  std::string body = "{\"type\":\"";
  body += type_of(play.what);
  body += "\",\"data\":{\"payment_id\":";
  json::put(body, play.payment);
  body += ",\"amount\":";
  json::put(body, play.amount);
  body += "}}";
  return body;
}

asio::awaitable<std::unique_ptr<sandbox_provider::client>>
sandbox_provider::connect() {
  auto to = std::make_unique<client>(io_);
  asio::ip::tcp::resolver resolver(io_);
  auto [unknown, found] =
    co_await resolver.async_resolve(host_, port_, quietly);
  if (unknown)
    co_return nullptr;
  to->stream.expires_after(patience);
  auto [failed, at] = co_await to->stream.async_connect(found, quietly);
  if (failed)
    co_return nullptr;
  co_return to;
}

/// A kept connection may have been closed in the meantime: then a fresh one is
/// tried, once.
asio::awaitable<bool> sandbox_provider::send(const sandbox_play& play) {
  if (!idle_.empty()) {
    auto kept = std::move(idle_.back());
    idle_.pop_back();
    if (auto status = co_await exchange(std::move(kept), play); status != 0)
      co_return status / 100 == 2;
  }
  auto fresh = co_await connect();
  if (!fresh)
    co_return false;
  co_return co_await exchange(std::move(fresh), play) / 100 == 2;
}

/// Sends one webhook; the status of the answer, or 0 without one.
asio::awaitable<unsigned> sandbox_provider::exchange(std::unique_ptr<client> to,
                                                     const sandbox_play& play) {
  namespace wire = beast::http;
  const auto sent = now_();
  const auto id = callback_id(play);
  wire::request<wire::string_body> request{wire::verb::post,
                                           "/v1/webhooks/sandbox", 11};
  request.set(wire::field::host, host_ + ':' + port_);
  request.set(wire::field::content_type, "application/json");
  request.set("webhook-id", id);
  request.set("webhook-timestamp",
              std::to_string(sent.time_since_epoch().count() / 1000));
  request.body() = webhook(play);
  request.set("webhook-signature", secret_.sign(id, sent, request.body()));
  request.prepare_payload();
  to->stream.expires_after(patience);
  auto [not_sent, n] = co_await wire::async_write(to->stream, request, quietly);
  if (not_sent)
    co_return 0;
  wire::response<wire::string_body> response;
  auto [not_read, m] =
    co_await wire::async_read(to->stream, to->buffer, response, quietly);
  if (not_read)
    co_return 0;
  if (response.keep_alive())
    idle_.push_back(std::move(to));
  co_return response.result_int();
}

caf::behavior payment_gateway(caf::event_based_actor*,
                              sandbox_provider* provider, post_office* mail) {
  auto say = [mail](payment_id to, payment::command what) {
    mail->deliver(request{
      {entity_kind::payment, to.value}, std::move(what), {}, {}, false});
  };
  return {[provider, say](const errands& calls) {
    for (const auto& call : calls.all)
      match(
        call, //
        [&](const refund_call& c) {
          say(c.payment, payment::refund_done{provider != nullptr});
        },
        [&](const inquiry_call& c) {
          auto found = provider ? provider->look_up(c.payment) : std::nullopt;
          payment::notify news;
          news.callback = "inquiry";
          news.what = found ? found->what : payment::report::expired;
          if (found)
            news.amount = found->amount;
          say(c.payment, std::move(news));
        });
  }};
}

} // namespace usher

#include "node/front/server.hpp"

#include "node/front/front_desk.hpp"
#include "node/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <ctime>

namespace usher::http {

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr auto watch_interval = std::chrono::milliseconds{100};
/// Without descriptors every attempt to accept fails at once.
constexpr auto pause_of_accept = std::chrono::milliseconds{50};

} // namespace

server::server(asio::io_context& io, front_desk& desk)
  : io_(io), desk_(desk), acceptor_(io), timer_(io) {
  renew_date();
}

void server::open(asio::ip::tcp::acceptor door) {
  const auto protocol = door.local_endpoint().protocol();
  acceptor_.assign(protocol, door.release());
  asio::co_spawn(io_, accept(), asio::detached);
}

void server::keep_watch() {
  asio::co_spawn(io_, watch(), asio::detached);
}

asio::awaitable<void> server::accept() {
  asio::steady_timer pause(io_);
  for (bool failing = false;;) {
    auto [failed, socket] = co_await acceptor_.async_accept(quietly);
    if (failed && draining_)
      co_return;
    if (failed && !failing)
      log::warning("not_accepting", {{"why", failed.message()}});
    failing = bool{failed};
    if (!failing) {
      welcome(std::move(socket));
      continue;
    }
    pause.expires_after(pause_of_accept);
    co_await pause.async_wait(quietly);
  }
}

void server::welcome(asio::ip::tcp::socket socket) {
  boost::system::error_code gone;
  auto address = socket.remote_endpoint(gone).address().to_string();
  if (gone
      || !desk_.node.shares->let_in(address, desk_.proxies().contains(address)))
    return; // the socket closes
  ++guests_;
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  asio::co_spawn(io_, serve(std::move(socket), std::move(address)),
                 asio::detached);
}

/// Who has connected and was not accepted would be reset.
void server::welcome_who_waits() {
  boost::system::error_code failed;
  acceptor_.non_blocking(true, failed);
  while (!failed) {
    auto socket = acceptor_.accept(failed);
    if (!failed)
      welcome(std::move(socket));
  }
}

asio::awaitable<void> server::serve(asio::ip::tcp::socket socket,
                                    std::string address) {
  connection client(*this, std::move(socket), address);
  connections_.push_front(&client);
  const auto place = connections_.begin();
  if (draining_)
    client.wind_up();
  try {
    co_await client.run();
  } catch (const std::exception& bug) {
    desk_.report(bug.what());
  }
  connections_.erase(place);
  desk_.node.shares->let_out(address);
  --guests_;
  finish_if_drained();
}

asio::awaitable<void> server::watch() {
  for (;;) {
    timer_.expires_after(watch_interval);
    auto [failed] = co_await timer_.async_wait(quietly);
    if (failed)
      co_return;
    const auto now = std::chrono::steady_clock::now();
    for (auto* client : connections_)
      client->check(now);
    renew_date();
    desk_.tick();
    if (draining_ && now >= drain_until_ && drained_)
      std::exchange(drained_, {})();
  }
}

void server::drain(duration patience, std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  drain_until_ = std::chrono::steady_clock::now() + patience;
  welcome_who_waits();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (auto* client : connections_)
    client->wind_up();
  desk_.end_feeds();
  finish_if_drained();
}

void server::finish_if_drained() {
  if (draining_ && guests_ == 0 && drained_)
    std::exchange(drained_, {})();
}

void server::renew_date() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const auto n = std::strftime(text.data(), text.size(),
                               "%a, %d %b %Y %H:%M:%S GMT", &parts);
  date_.assign(text.data(), n);
}

} // namespace usher::http

#pragma once

#include "node/front/connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace usher::http {

/// Accepts clients on one io thread, watches their deadlines and counts them.
class server {
public:
  server(asio::io_context& io, front_desk& desk);

  /// Begins to accept who comes by a port that was taken.
  void open(asio::ip::tcp::acceptor door);

  /// Looks after deadlines from now on, also of what the node itself asks. Any
  /// thread, once.
  void keep_watch();

  /// The port it listens on.
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  /// Takes nobody new but who has connected already, lets requests under way
  /// finish, and the last of each client; then calls `done`, at the latest
  /// after `patience`. Nobody is reset.
  void drain(duration patience, std::function<void()> done);

  front_desk& desk() { return desk_; }

  /// IMF-fixdate, renewed each second.
  std::string_view date() const { return date_; }

private:
  asio::awaitable<void> accept();
  asio::awaitable<void> watch();
  void welcome(asio::ip::tcp::socket socket);
  void welcome_who_waits();
  asio::awaitable<void> serve(asio::ip::tcp::socket socket,
                              std::string address);
  void renew_date();
  void finish_if_drained();

  asio::io_context& io_;
  front_desk& desk_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::list<connection*> connections_;
  std::size_t guests_ = 0; ///< who was let in, connected or about to be
  std::string date_;
  bool draining_ = false;
  std::chrono::steady_clock::time_point drain_until_;
  std::function<void()> drained_;
};

} // namespace usher::http

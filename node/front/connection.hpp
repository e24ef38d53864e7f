#pragma once

#include "node/front/byte_count.hpp"
#include "node/front/exchange.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <list>

namespace usher::http {

namespace asio = boost::asio;

class server;

/// One client: requests are read strictly, one after the other, and answered
/// in order. Deadlines are absolute; the server's watch cuts whoever is late.
class connection {
public:
  connection(server& at, asio::ip::tcp::socket socket, std::string address);

  /// Serves until the client leaves, breaks a rule or is late.
  asio::awaitable<void> run();

  /// Called by the watch: ends what has been under way for too long.
  void check(std::chrono::steady_clock::time_point now);

  /// One more request is taken, if it comes within half a second, and answered
  /// with `Connection: close`.
  void wind_up();

private:
  enum class phase : std::uint8_t {
    idle,
    head,
    body,
    thinking,
    writing,
    lingering ///< all is said; what still comes is not heard
  };
  enum class fate : std::uint8_t { go_on, end };

  struct awaited_body {
    std::string text;
    std::shared_ptr<const void> room; ///< what it takes of its sender's share
  };

  void enter(phase next, duration patience);
  asio::awaitable<bool> read_some();
  asio::awaitable<fate> serve_one();
  asio::awaitable<bool> read_head(head_outcome& out);
  asio::awaitable<errc> read_body(const request_head& head, std::string& body,
                                  std::size_t limit);
  asio::awaitable<errc> await_body(exchange& x, std::size_t limit,
                                   awaited_body& to);
  asio::awaitable<errc> read_chunks(std::string& body, std::size_t limit);
  asio::awaitable<fate> refuse(const violation& what);
  asio::awaitable<fate> refuse(const exchange& x, errc why);
  asio::awaitable<fate> write(const reply& what, bool head_only, bool close);
  asio::awaitable<fate> go_live(exchange& x);
  asio::awaitable<void> linger();
  void compose_head(const reply& what, std::size_t length, bool close);

  server& at_;
  asio::ip::tcp::socket socket_;
  std::string address_;
  std::string in_;       // what has arrived and is not used up
  std::size_t used_ = 0; // bytes at its front that are
  std::string out_;
  byte_count bytes_; // of what it reads and writes
  phase phase_ = phase::idle;
  std::chrono::steady_clock::time_point deadline_;
  bool late_ = false;
  bool winding_up_ = false;
};

} // namespace usher::http

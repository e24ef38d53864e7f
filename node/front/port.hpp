#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/datagram_protocol.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace usher::http {

namespace asio = boost::asio;

/// While it lives, no other process of this machine takes that port for several
/// threads. The kernel forgets it with the process.
class turn_at_port {
public:
  /// Waits for whoever has the turn, which they have for a moment. Throws
  /// boost::system::system_error if it is not over in five seconds.
  turn_at_port(asio::io_context& io, std::uint16_t port);

private:
  asio::local::datagram_protocol::socket named_;
};

/// Binds and listens, with a door for each of so many io threads: no other
/// process has the port from now on, and who connects waits for a server to
/// open one. Throws std::runtime_error with the reason.
std::vector<asio::ip::tcp::acceptor> take_port(asio::io_context& io,
                                               const std::string& address,
                                               std::uint16_t port,
                                               std::size_t doors);

} // namespace usher::http

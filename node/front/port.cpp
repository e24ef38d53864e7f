#include "node/front/port.hpp"

#include <boost/system/system_error.hpp>

#include <optional>
#include <stdexcept>
#include <thread>

namespace usher::http {

namespace {

using asio::ip::tcp;
using namespace std::string_literals;

constexpr int most_waiting = 4'096; ///< connected and not accepted yet
constexpr auto longest_wait = std::chrono::seconds{5};
constexpr auto look_every = std::chrono::milliseconds{5};

enum class sharing : std::uint8_t { with_nobody, with_our_own };

tcp::acceptor open_door(asio::io_context& io, const tcp::endpoint& at,
                        sharing how) {
  using reuse_port =
    asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
  tcp::acceptor out{io, at.protocol()};
  out.set_option(asio::socket_base::reuse_address(true));
  if (how == sharing::with_our_own)
    out.set_option(reuse_port(true));
  out.bind(at);
  out.listen(most_waiting);
  return out;
}

} // namespace

// A name that begins with a zero is in no folder: like a port, it belongs to
// this machine, or to its network namespace, and to one socket.
turn_at_port::turn_at_port(asio::io_context& io, std::uint16_t port)
  : named_(io, asio::local::datagram_protocol{}) {
  const asio::local::datagram_protocol::endpoint name{"\0usher takes port "s
                                                      + std::to_string(port)};
  const auto until = std::chrono::steady_clock::now() + longest_wait;
  for (;;) {
    boost::system::error_code failed;
    named_.bind(name, failed);
    if (!failed)
      return;
    if (failed != asio::error::address_in_use
        || std::chrono::steady_clock::now() > until)
      throw boost::system::system_error(failed);
    std::this_thread::sleep_for(look_every);
  }
}

// Doors that share a port let any process of this user share it. So first it is
// taken by one that does not share; and until ours are there, nobody else who
// wants to share it looks whether it is free.
std::vector<tcp::acceptor> take_port(asio::io_context& io,
                                     const std::string& address,
                                     std::uint16_t port, std::size_t doors) {
  try {
    const tcp::endpoint at{asio::ip::make_address(address), port};
    std::vector<tcp::acceptor> out;
    if (doors <= 1) {
      out.push_back(open_door(io, at, sharing::with_nobody));
      return out;
    }
    const turn_at_port ours{io, port};
    open_door(io, at, sharing::with_nobody);
    while (out.size() < doors)
      out.push_back(open_door(io, at, sharing::with_our_own));
    return out;
  } catch (const boost::system::system_error& why) {
    throw std::runtime_error("cannot listen on " + address + ':'
                             + std::to_string(port) + ": "
                             + why.code().message());
  }
}

} // namespace usher::http

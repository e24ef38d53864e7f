#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <ctime>
#include <memory>
#include <optional>
#include <string>

namespace usher::cluster {

namespace asio = boost::asio;

/// Where the three PEM files lie that make one side of a link; all empty for
/// plain TCP, which only loopback may use.
struct link_credentials {
  std::string certificate;
  std::string key;
  std::string authority; ///< the private CA; nobody else's word counts

  /// Whether there are none.
  bool plain() const;
};

/// TLS 1.3 alone, both sides certified by the authority; nothing for plain
/// credentials. Throws std::invalid_argument with a sentence that names what
/// cannot be read or does not fit.
std::unique_ptr<asio::ssl::context> make_context(const link_credentials&);

/// Throws std::invalid_argument, with a sentence, unless others of the same
/// authority would believe at that time that who shows this certificate has
/// this name. Plain credentials show none, and so nothing wrong.
void check_own_certificate(const link_credentials&, const std::string& name,
                           std::time_t now);

/// Whether the certificate that the other side has shown is for this name (as
/// a DNS name; no wildcards, no common name).
bool certified_as(SSL*, const std::string& name);

/// The first DNS name in a certificate file. Throws std::invalid_argument.
std::string name_in_certificate(const std::string& file);

/// Throws std::invalid_argument unless the credentials are complete or, for
/// loopback alone, absent.
void check_address(const link_credentials&, const std::string& address);

/// One TCP connection, in TLS if there is a context.
class link_stream {
public:
  link_stream(asio::ip::tcp::socket socket, asio::ssl::context* context)
    : socket_(std::move(socket)) {
    if (context)
      tls_.emplace(socket_, *context);
  }

  asio::ip::tcp::socket& socket() { return socket_; }

  /// Null if the connection is plain.
  SSL* tls() { return tls_ ? tls_->native_handle() : nullptr; }

  /// Completes at once if the connection is plain.
  template <class Done>
  void secure(bool as_server, Done done) {
    if (tls_)
      return tls_->async_handshake(as_server ? asio::ssl::stream_base::server
                                             : asio::ssl::stream_base::client,
                                   std::move(done));
    asio::post(socket_.get_executor(), [done = std::move(done)]() mutable {
      done(boost::system::error_code{});
    });
  }

  template <class Done>
  void read_some(asio::mutable_buffer into, Done done) {
    if (tls_)
      tls_->async_read_some(into, std::move(done));
    else
      socket_.async_read_some(into, std::move(done));
  }

  template <class Done>
  void write(asio::const_buffer all, Done done) {
    if (tls_)
      asio::async_write(*tls_, all, std::move(done));
    else
      asio::async_write(socket_, all, std::move(done));
  }

private:
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

} // namespace usher::cluster

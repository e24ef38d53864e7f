#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace usher::cluster {

namespace asio = boost::asio;

/// Finds the addresses of hosts for one io_context. Nothing bounds how long the
/// system takes for that where no DNS answers; Asio's own resolver has one
/// thread, in which all wait for the slowest, and joins it when its context
/// ends. Here each search has a thread that nobody waits for.
class lookup final : public asio::execution_context::service {
public:
  using key_type = lookup;
  using addresses = std::vector<asio::ip::tcp::endpoint>;
  using done =
    std::function<void(const boost::system::error_code&, const addresses&)>;
  using search = std::function<addresses(
    const std::string& host, std::uint16_t port, boost::system::error_code&)>;

  static inline asio::execution_context::id id;

  /// Of an io_context. By the system, unless a test knows better.
  explicit lookup(asio::execution_context&);
  lookup(asio::execution_context&, search how);

  /// Calls `then` on the context, which does not count this as work; never if
  /// that ends before. Who looks for the same meanwhile shares the search.
  void find(const std::string& host, std::uint16_t port, done then);

private:
  struct searches;

  void shutdown() override;

  std::shared_ptr<searches> all_;
};

} // namespace usher::cluster

#pragma once

#include "node/http/webhook_signature.hpp"
#include "protocol/messages.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace usher {

/// What the provider is to do with a payment.
struct sandbox_play {
  payment_id payment;
  payment::report what = payment::report::succeeded;
  money amount;
  timestamp at; ///< not before; none = now
};

/// The built-in payment provider: takes no real money, and speaks to us as a
/// real one would, by signed webhooks over HTTP that it repeats until they are
/// taken. It has a thread of its own and forgets everything when the process
/// ends, as no real provider would.
class sandbox_provider {
public:
  /// Webhooks go to `base_url` + /v1/webhooks/sandbox; http only.
  sandbox_provider(http::webhook_secret secret, const std::string& base_url,
                   std::function<timestamp()> now);
  ~sandbox_provider();

  /// Plays, and waits until the first webhook was taken: true if it was. A play
  /// for later is taken at once. A webhook that fails is sent again.
  boost::asio::awaitable<bool> perform(sandbox_play play);

  /// How it sees a payment; nothing if nobody paid or refused to.
  std::optional<sandbox_play> look_up(payment_id payment) const;

  const http::webhook_secret& secret() const { return secret_; }

private:
  struct client;

  boost::asio::awaitable<std::unique_ptr<client>> connect();
  boost::asio::awaitable<unsigned> exchange(std::unique_ptr<client> to,
                                            const sandbox_play& play);
  boost::asio::awaitable<bool> send(const sandbox_play& play);
  boost::asio::awaitable<void> send_until_taken(sandbox_play play);
  std::string webhook(const sandbox_play& play) const;

  http::webhook_secret secret_;
  std::string host_;
  std::string port_;
  std::function<timestamp()> now_;
  mutable std::mutex lock_; // of ledger_
  std::map<payment_id, sandbox_play> ledger_;
  std::vector<std::unique_ptr<client>> idle_; // connections; own thread only
  boost::asio::io_context io_;
  std::thread thread_;
};

/// Talks to the provider for entities: refunds, and questions about payments
/// whose webhook never came. One event-based actor.
caf::behavior payment_gateway(caf::event_based_actor* self,
                              sandbox_provider* provider, post_office* mail);

} // namespace usher

#pragma once

#include "node/http/webhook_signature.hpp"
#include "persistence/postgres/sandbox_book.hpp"
#include "protocol/messages.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <thread>
#include <vector>

namespace usher {

using persistence::sandbox_play;

/// The built-in payment provider: takes no real money, and speaks to us as a
/// real one would, by signed webhooks over HTTP that it repeats until they are
/// taken, at least once and twelve times at most. Its books are in PostgreSQL,
/// one in each cell for the payments there: every node's provider is the same
/// provider, and what one of them left undelivered another of that cell
/// delivers. Each book has a thread.
class sandbox_provider {
public:
  /// Where the book of each cell is.
  using books = std::map<cell_no, persistence::pg_options>;

  /// Webhooks go to `base_url` + /v1/webhooks/sandbox; http only. Lives on
  /// `shared`, a loop that ends before it does, or on one of its own.
  sandbox_provider(http::webhook_secret secret, const std::string& base_url,
                   std::function<timestamp()> now, const books& all,
                   cell_no own, boost::asio::io_context* shared = nullptr);
  ~sandbox_provider();

  /// Plays, and waits until the first webhook was taken: true if it was. A play
  /// for later is true once it is in the book. A webhook that fails is sent
  /// again. Without its book the provider does nothing.
  boost::asio::awaitable<bool> perform(sandbox_play play);

  /// How it sees a payment; nothing if nobody paid or refused to. `tell` is
  /// called from another thread, or never if the book cannot be read now.
  void look_up(payment_id payment,
               std::function<void(std::optional<sandbox_play>)> tell);

  /// Gives money back, once however often it is asked to. `tell` is called
  /// from another thread, or never if the book cannot be written now.
  void refund(payment_id payment, const money& amount,
              std::function<void()> tell);

  const http::webhook_secret& secret() const { return secret_; }

private:
  struct client;
  struct page;
  struct marks;
  struct bookkeeper;
  using book_work = std::function<void(persistence::sandbox_book&)>;

  bookkeeper* keeper_of(payment_id);
  boost::asio::awaitable<bool> consult_elsewhere(book_work work);
  boost::asio::awaitable<bool> play_now(sandbox_play play);
  boost::asio::awaitable<bool> enter(const sandbox_play& play);
  void turn_page(bookkeeper&);
  void write_marks(bookkeeper&);
  void note(const sandbox_play& play, bool taken);
  boost::asio::awaitable<void> deliver_what_is_due();
  boost::asio::awaitable<void> send_again(sandbox_play play);

  boost::asio::awaitable<std::unique_ptr<client>> connect();
  boost::asio::awaitable<unsigned> exchange(std::unique_ptr<client> to,
                                            const sandbox_play& play);
  boost::asio::awaitable<bool> send(const sandbox_play& play);
  std::string webhook(const sandbox_play& play) const;

  http::webhook_secret secret_;
  std::string host_;
  std::string port_;
  std::function<timestamp()> now_;
  cell_no own_;
  std::unique_ptr<boost::asio::io_context> own_io_;
  boost::asio::io_context& io_;
  // Connections; its loop only. They end before that on which they live.
  std::vector<std::unique_ptr<client>> idle_;
  std::map<cell_no, std::unique_ptr<bookkeeper>> keepers_;
  std::thread thread_;
};

/// Talks to the provider for entities: refunds, and questions about payments
/// whose webhook never came. One event-based actor.
caf::behavior payment_gateway(caf::event_based_actor* self,
                              sandbox_provider* provider, post_office* mail);

} // namespace usher

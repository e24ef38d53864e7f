#include "node/sandbox_provider.hpp"

#include "node/elsewhere.hpp"
#include "node/log.hpp"
#include "protocol/match.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
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
constexpr auto look_again = std::chrono::seconds{1};
constexpr int at_a_time = 100;

/// What nobody paid is over.
payment::notify news_of(const std::optional<sandbox_play>& found) {
  payment::notify news;
  news.callback = "inquiry";
  news.what = found ? found->what : payment::report::expired;
  if (found)
    news.amount = found->amount;
  return news;
}

} // namespace

struct sandbox_provider::client {
  explicit client(asio::io_context& io) : stream(io) {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
};

/// What is to be entered next. While one page is being written, the next one
/// gathers what comes: one commit for all of it.
struct sandbox_provider::page {
  std::vector<sandbox_play> plays;
  std::vector<std::function<void(bool)>> waiting; // one for each play
};

/// What became of webhooks. Nobody waits for that to be entered.
struct sandbox_provider::marks {
  std::vector<uuid> taken;
  std::vector<uuid> failed;
};

/// One book, and the thread that writes in it.
struct sandbox_provider::bookkeeper {
  explicit bookkeeper(const persistence::pg_options& where) : book(where) {}

  ~bookkeeper() {
    thread.stop();
    thread.join();
  }

  bool consult(const book_work& work);

  persistence::sandbox_book book; // used by its thread only
  // The provider's loop only:
  std::shared_ptr<page> open = std::make_shared<page>();
  marks noted;
  bool writing = false;
  asio::thread_pool thread{1};
};

sandbox_provider::sandbox_provider(http::webhook_secret secret,
                                   const std::string& base_url,
                                   std::function<timestamp()> now,
                                   const books& all, cell_no own,
                                   asio::io_context* shared)
  : secret_(std::move(secret)),
    now_(std::move(now)),
    own_(own),
    own_io_(shared ? nullptr : std::make_unique<asio::io_context>(1)),
    io_(shared ? *shared : *own_io_) {
  for (const auto& [cell, where] : all)
    keepers_[cell] = std::make_unique<bookkeeper>(where);
  auto rest = base_url.substr(base_url.find("//") + 2);
  const auto colon = rest.rfind(':');
  host_ = rest.substr(0, colon);
  port_ = colon == std::string::npos ? "80" : rest.substr(colon + 1);
  asio::co_spawn(io_, deliver_what_is_due(), asio::detached);
  if (own_io_)
    thread_ = std::thread([this] {
      auto guard = asio::make_work_guard(io_);
      io_.run();
    });
}

sandbox_provider::~sandbox_provider() {
  if (own_io_) {
    io_.stop();
    thread_.join();
  }
  keepers_.clear();
}

// -- the books

/// On the book's thread. False if the book is not to be had.
bool sandbox_provider::bookkeeper::consult(const book_work& work) {
  for (int tries_left = 1;; --tries_left)
    try {
      work(book);
      return true;
    } catch (const persistence::unavailable&) {
      // The connection may be broken while the database is back already.
      if (tries_left == 0)
        return false;
    } catch (const std::exception& bug) {
      log::error("sandbox_book", {{"why", bug.what()}});
      return false;
    }
}

/// That of the payment's cell; null if there is no such cell.
sandbox_provider::bookkeeper* sandbox_provider::keeper_of(payment_id payment) {
  const auto found = keepers_.find(cell_of(payment.value));
  return found == keepers_.end() ? nullptr : found->second.get();
}

/// Our own cell's.
asio::awaitable<bool> sandbox_provider::consult_elsewhere(book_work work) {
  auto& keeper = *keepers_.at(own_);
  auto start = [&](auto done) {
    asio::post(keeper.thread, [&keeper, work = std::move(work), done] {
      done(keeper.consult(work));
    });
  };
  co_return co_await elsewhere<bool>(io_, start);
}

void sandbox_provider::turn_page(bookkeeper& keeper) {
  if (keeper.writing || keeper.open->plays.empty())
    return;
  keeper.writing = true;
  auto full = std::exchange(keeper.open, std::make_shared<page>());
  asio::post(keeper.thread, [this, full, &keeper] {
    const bool entered =
      keeper.consult([&](auto& book) { book.enter(full->plays); });
    asio::post(io_, [this, full, entered, &keeper] {
      keeper.writing = false;
      for (auto& resume : full->waiting)
        resume(entered);
      turn_page(keeper);
    });
  });
}

asio::awaitable<bool> sandbox_provider::enter(const sandbox_play& play) {
  auto* keeper = keeper_of(play.payment);
  if (!keeper)
    co_return false;
  auto start = [&](auto done) {
    keeper->open->plays.push_back(play);
    keeper->open->waiting.emplace_back(done);
    turn_page(*keeper);
  };
  co_return co_await elsewhere<bool>(io_, start);
}

/// Once a second for all that were taken: a mark for each would cost the book
/// as much as the play itself.
void sandbox_provider::write_marks(bookkeeper& keeper) {
  if (keeper.noted.taken.empty() && keeper.noted.failed.empty())
    return;
  asio::post(keeper.thread, [&keeper, noted = std::exchange(keeper.noted, {})] {
    keeper.consult([&](auto& book) {
      book.mark_taken(noted.taken);
      book.put_off(noted.failed);
    });
  });
}

/// A mark that is lost costs a second delivery.
void sandbox_provider::note(const sandbox_play& play, bool taken) {
  auto* keeper = keeper_of(play.payment);
  if (!keeper)
    return;
  auto& pile = taken ? keeper->noted.taken : keeper->noted.failed;
  pile.push_back(persistence::callback_of(play));
  if (!taken)
    write_marks(*keeper);
}

void sandbox_provider::look_up(
  payment_id payment, std::function<void(std::optional<sandbox_play>)> tell) {
  auto* keeper = keeper_of(payment);
  if (!keeper)
    return;
  asio::post(keeper->thread, [keeper, payment, tell = std::move(tell)] {
    std::optional<sandbox_play> found;
    if (keeper->consult([&](auto& book) { found = book.look_up(payment); }))
      tell(std::move(found));
  });
}

void sandbox_provider::refund(payment_id payment, const money& amount,
                              std::function<void()> tell) {
  auto* keeper = keeper_of(payment);
  if (!keeper)
    return;
  asio::post(keeper->thread, [keeper, payment, amount, tell = std::move(tell)] {
    if (keeper->consult([&](auto& book) { book.refund(payment, amount); }))
      tell();
  });
}

// -- playing

asio::awaitable<bool> sandbox_provider::perform(sandbox_play play) {
  co_return co_await asio::co_spawn(io_, play_now(std::move(play)),
                                    asio::use_awaitable);
}

asio::awaitable<bool> sandbox_provider::play_now(sandbox_play play) {
  if (!co_await enter(play))
    co_return false;
  if (play.at > now_())
    co_return true;
  const bool taken = co_await send(play);
  note(play, taken);
  co_return taken;
}

asio::awaitable<void> sandbox_provider::send_again(sandbox_play play) {
  const bool taken = co_await send(play);
  note(play, taken);
}

/// What was for later, what failed, and what another node left behind.
asio::awaitable<void> sandbox_provider::deliver_what_is_due() {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(look_again);
    co_await timer.async_wait(quietly);
    for (auto& [cell, keeper] : keepers_)
      write_marks(*keeper);
    auto due = std::make_shared<std::vector<sandbox_play>>();
    book_work claim = [due](auto& book) { *due = book.claim(at_a_time); };
    co_await consult_elsewhere(std::move(claim));
    for (auto& play : *due)
      asio::co_spawn(io_, send_again(std::move(play)), asio::detached);
  }
}

// -- webhooks

std::string sandbox_provider::webhook(const sandbox_play& play) const {
  std::string body = "{\"type\":\"";
  body += persistence::callback_type(play.what);
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
  const auto id = "msg_" + to_string(persistence::callback_of(play));
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
    mail->deliver(request{{entity_kind::payment, to.value}, std::move(what)});
  };
  return {[provider, say](const errands& calls) {
    for (const auto& call : calls.all)
      match(
        call, //
        [&](const refund_call& c) {
          if (!provider)
            return say(c.payment, payment::refund_done{false});
          provider->refund(c.payment, c.amount, [say, to = c.payment] {
            say(to, payment::refund_done{true});
          });
        },
        [&](const inquiry_call& c) {
          if (!provider)
            return say(c.payment, news_of(std::nullopt));
          provider->look_up(c.payment, [say, to = c.payment](auto found) {
            say(to, news_of(found));
          });
        });
  }};
}

} // namespace usher

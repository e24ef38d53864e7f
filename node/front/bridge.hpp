#pragma once

#include "protocol/messages.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <caf/actor_companion.hpp>

#include <deque>
#include <mutex>
#include <unordered_map>

namespace usher::http {

namespace asio = boost::asio;

/// Lets the coroutines of one io thread ask entities. One hidden actor takes
/// in the answers; a burst of them costs one wake-up of the thread. Except for
/// the construction everything runs on that thread.
class bridge {
public:
  bridge(caf::actor_system& system, asio::io_context& io, duration patience);
  ~bridge();

  bridge(const bridge&) = delete;
  bridge& operator=(const bridge&) = delete;

  const caf::actor& actor() const { return companion_; }

  /// Joins the node: `number` is this bridge's in return addresses.
  void join(post_office& mail, std::uint32_t number);

  /// Brings a command to its entity and waits for the answer: after the
  /// patience is over outcome_unknown, whatever the entity does then, or
  /// unavailable if it only reads.
  asio::awaitable<answer> ask(request what);

  /// Asks many at once; the answers come in the order of the questions.
  asio::awaitable<std::vector<answer>> ask_all(std::vector<request> what);

  /// Answers those whose patience is over. Called every fraction of a second.
  void expire();

private:
  /// Several questions that are waited for together.
  struct gathering {
    std::vector<answer> answers;
    std::size_t missing = 0;
    std::function<void()> resume;
  };

  struct waiter {
    std::shared_ptr<gathering> who;
    std::size_t place = 0;
    bool only_reads = false; ///< whatever becomes of it, nothing changes
  };

  void take_in(caf::mailbox_element_ptr element);
  void drain();
  void settle(std::uint64_t number, answer what);

  asio::io_context& io_;
  duration patience_;
  caf::actor companion_;
  post_office* mail_ = nullptr;
  std::uint32_t number_ = 0;
  std::uint64_t questions_ = 0;
  std::unordered_map<std::uint64_t, waiter> waiting_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>>
    deadlines_;
  std::mutex lock_; // of the two below: actors add to them
  std::vector<caf::mailbox_element_ptr> arrived_;
  bool drain_posted_ = false;
};

} // namespace usher::http

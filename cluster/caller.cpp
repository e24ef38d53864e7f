#include "cluster/caller.hpp"

#include "cluster/link.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <deque>
#include <thread>

namespace usher::cluster {

namespace {

constexpr duration tick_every{50};
constexpr std::size_t most_unread = 64U << 20; ///< bytes of frames

/// Reads the files, or says in the caller's own words why not.
std::unique_ptr<asio::ssl::context> context_of(const link_credentials& files) {
  try {
    return make_context(files);
  } catch (const std::invalid_argument& bad) {
    throw call_error(call_failure::bad_settings, bad.what());
  }
}

hello introduction(const link_credentials& files) {
  hello out;
  out.role = link_role::visitor;
  try {
    out.name = files.plain() ? "admin" : name_in_certificate(files.certificate);
  } catch (const std::invalid_argument& bad) {
    throw call_error(call_failure::bad_settings, bad.what());
  }
  return out;
}

} // namespace

/// The link of a caller, and the thread that keeps it alive.
class caller::visit final : public link_owner {
public:
  explicit visit(const caller_settings& settings)
    : files_{settings.certificate, settings.key, settings.authority},
      expected_(settings.expected),
      context_(context_of(files_)) {
    link_limits limits;
    limits.dial = settings.dial;
    link_ = std::make_shared<link>(asio::ip::tcp::socket{io_}, context_.get(),
                                   limits, introduction(files_), *this);
    asio::post(io_, [this, to = settings.address] { link_->dial(to); });
    wait_for_tick();
    thread_ = std::thread([this] { io_.run(); });
  }

  ~visit() override { stop(); }

  /// Blocks until the link is open; throws if it will not be.
  void join() {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [&] { return is_open_ || is_over_; });
    if (!is_over_)
      return;
    const auto why =
      was_refused_ ? call_failure::refused : call_failure::unreachable;
    throw call_error(why, trouble_);
  }

  void send(frame_kind kind, std::string_view body) {
    if (link_->offer(kind, body))
      return;
    const std::lock_guard guard(lock_);
    throw call_error(call_failure::hung_up,
                     is_over_ ? trouble_ : "the node does not read");
  }

  reply_frame next(duration deadline) {
    std::unique_lock guard(lock_);
    changed_.wait_for(guard, deadline,
                      [&] { return is_over_ || !unread_.empty(); });
    if (unread_.empty())
      throw is_over_
        ? call_error(call_failure::hung_up, trouble_)
        : call_error(call_failure::timed_out, "no answer within the deadline");
    auto out = std::move(unread_.front());
    unread_.pop_front();
    unread_bytes_ -= out.body.size();
    return out;
  }

  void hang_up() {
    asio::post(io_, [this] { link_->hang_up("an answer was late"); });
  }

  const std::string& node() const { return link_->peer.name; }

private:
  std::string greet(link& with, const hello& node) override {
    const bool trusted = with.is_certified_as(node.name);
    const bool wanted = expected_.empty() || expected_ == node.name;
    const bool is_node =
      node.role == link_role::node && rights_of(node.name) == rights::none;
    if (trusted && wanted && is_node) {
      with.peer = {node.self, node.name, rights::none};
      return "";
    }
    return !trusted  ? "the certificate is not for the name " + node.name
           : !wanted ? "dialed " + expected_ + " and reached " + node.name
                     : node.name + " is no node";
  }

  void opened(link&) override {
    const std::lock_guard guard(lock_);
    is_open_ = true;
    changed_.notify_all();
  }

  void heard(link&, frame_kind kind, std::string body) override {
    const std::lock_guard guard(lock_);
    unread_bytes_ += body.size();
    unread_.push_back({kind, std::move(body)});
    changed_.notify_all();
    if (unread_bytes_ > most_unread)
      throw std::length_error("more answers than were read");
  }

  void closed(link& ended, const std::string& why) override {
    const std::lock_guard guard(lock_);
    is_over_ = true;
    was_refused_ = ended.was_turned_away();
    trouble_ = why;
    changed_.notify_all();
  }

  void wait_for_tick() {
    timer_.expires_after(tick_every);
    timer_.async_wait([this](const auto& failed) {
      if (failed)
        return;
      link_->tick(link::clock::now());
      wait_for_tick();
    });
  }

  void stop() {
    io_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  asio::io_context io_{1};
  link_credentials files_;
  std::string expected_;
  std::unique_ptr<asio::ssl::context> context_;
  asio::steady_timer timer_{io_};
  std::shared_ptr<link> link_;

  std::mutex lock_; // guards the six below
  std::condition_variable changed_;
  std::deque<reply_frame> unread_;
  std::size_t unread_bytes_ = 0;
  bool is_open_ = false;
  bool is_over_ = false;
  bool was_refused_ = false;
  std::string trouble_;

  std::thread thread_;
};

caller::caller(const caller_settings& settings)
  : visit_(std::make_unique<visit>(settings)) {
  visit_->join();
}

caller::~caller() = default;

const std::string& caller::node() const {
  return visit_->node();
}

std::string caller::call(frame_kind kind, std::string_view body,
                         duration deadline) {
  visit_->send(kind, body);
  try {
    return visit_->next(deadline).body;
  } catch (const call_error&) {
    visit_->hang_up(); // a late answer must not pass for the next one
    throw;
  }
}

void caller::send(frame_kind kind, std::string_view body) {
  visit_->send(kind, body);
}

reply_frame caller::next(duration deadline) {
  return visit_->next(deadline);
}

} // namespace usher::cluster

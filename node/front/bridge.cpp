#include "node/front/bridge.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

namespace usher::http {

bridge::bridge(caf::actor_system& system, asio::io_context& io,
               duration patience)
  : io_(io), patience_(patience) {
  companion_ = system.spawn<caf::actor_companion, caf::hidden>();
  caf::actor_cast<caf::actor_companion*>(companion_)
    ->on_enqueue([this](caf::mailbox_element_ptr element) {
      take_in(std::move(element));
    });
}

bridge::~bridge() {
  caf::actor_cast<caf::actor_companion*>(companion_)->on_enqueue(nullptr);
  caf::anon_send_exit(companion_, caf::exit_reason::user_shutdown);
}

void bridge::join(post_office& mail, std::uint32_t number) {
  mail_ = &mail;
  number_ = number;
}

asio::awaitable<std::vector<answer>>
bridge::ask_all(std::vector<request> what) {
  auto group = std::make_shared<gathering>();
  group->answers.resize(what.size());
  group->missing = what.size();
  if (what.empty())
    co_return std::vector<answer>{};
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto number = ++questions_;
    waiting_.emplace(number, waiter{group, i, is_query(what[i].what)});
    deadlines_.emplace_back(deadline, number);
    what[i].from = {number_, {}, number};
    mail_->deliver(std::move(what[i]));
  }
  auto wait = [&group](auto handler) {
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    group->resume = [resume] { (*resume)(); };
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
    wait, asio::use_awaitable);
  co_return std::move(group->answers);
}

asio::awaitable<answer> bridge::ask(request what) {
  std::vector<request> one;
  one.push_back(std::move(what));
  auto answers = co_await ask_all(std::move(one));
  co_return std::move(answers.front());
}

void bridge::take_in(caf::mailbox_element_ptr element) {
  if (!element)
    return;
  {
    const std::lock_guard guard{lock_};
    arrived_.push_back(std::move(element));
    if (std::exchange(drain_posted_, true))
      return;
  }
  asio::post(io_, [this] { drain(); });
}

void bridge::drain() {
  std::vector<caf::mailbox_element_ptr> elements;
  {
    const std::lock_guard guard{lock_};
    elements.swap(arrived_);
    drain_posted_ = false;
  }
  for (auto& element : elements) {
    auto& content = element->content();
    if (!content.match_elements<responses>())
      continue;
    for (auto& one : content.get_mutable_as<responses>(0).all)
      settle(one.to.number, std::move(one.what));
  }
}

void bridge::settle(std::uint64_t number, answer what) {
  auto found = waiting_.extract(number);
  if (found.empty())
    return; // too late
  auto& group = *found.mapped().who;
  group.answers[found.mapped().place] = std::move(what);
  if (--group.missing == 0)
    std::exchange(group.resume, {})();
}

void bridge::expire() {
  const auto now = std::chrono::steady_clock::now();
  while (!deadlines_.empty() && deadlines_.front().first <= now) {
    const auto number = deadlines_.front().second;
    const auto found = waiting_.find(number);
    const bool only_reads = found != waiting_.end() && found->second.only_reads;
    settle(number, {only_reads ? errc::unavailable : errc::outcome_unknown});
    deadlines_.pop_front();
  }
}

} // namespace usher::http

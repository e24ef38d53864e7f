#include "node/node.hpp"

#include "node/log.hpp"
#include "node/loop_scheduler.hpp"
#include "node/whole_node.hpp"
#include "persistence/postgres/migrate.hpp"

#include <boost/asio/post.hpp>

namespace usher {

namespace asio = boost::asio;

void whole_node::serve_until_told() {
  told_.wait();
  log::info("draining");
  drain();
}

/// Lets requests under way finish; then all that was submitted is durable or
/// was never acknowledged.
void whole_node::drain() {
  node_.draining = true;
  const bool has_others = node_.settings.cluster.enabled();
  if (has_others)
    member_->prepare_to_leave(); // before clients take their time
  if (node_.settings.cluster.is_front())
    stop_serving();
  if (has_others)
    member_->give_all(std::chrono::seconds{5});
}

void whole_node::stop_serving() {
  std::atomic<std::size_t> busy = fronts_.size();
  for (auto& one : fronts_)
    asio::post(one->io, [&one, &busy] {
      one->server.drain(std::chrono::seconds{10}, [&busy] {
        --busy;
        busy.notify_one();
      });
    });
  for (auto left = busy.load(); left > 0; left = busy.load())
    busy.wait(left);
}

whole_node::~whole_node() {
  for (auto& one : fronts_)
    one->stop();
  if (member_)
    member_->stop_watching();
  if (part_)
    part_->part();
  if (node_.entities)
    node_.entities->close();
  if (commits_) {
    caf::scoped_actor self{system_};
    commits_->add(barrier{self});
    self->receive([](settled) {}, caf::after(std::chrono::seconds{5}) >> [] {});
  }
  gives_up_ = true;
  if (commits_)
    commits_->stop();
  for (const auto& one : staff_)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  around_->submit = nullptr;
  around_->settle = nullptr;
  around_->archive = nullptr;
  staff_.clear();
  clock_ = nullptr;
  projector_ = nullptr;
  system_.await_all_actors_done();
  if (auto* loop = loop_scheduler::of(system_))
    loop->halt();
  if (member_)
    member_->leave();
}

int run_node(const config::settings& settings, const std::string& demo) {
  stop_wish told;
  try {
    whole_node node(settings, told);
    node.start(demo);
    node.serve_until_told();
    return 0;
  } catch (const told_to_stop&) {
    log::info("stopped_before_it_served");
    return 0;
  } catch (const persistence::wrong_cell& why) {
    log::error("wrong_cell", {{"why", why.what()}});
    return 2;
  } catch (const not_alone& why) {
    log::error("not_alone", {{"why", why.what()}});
    return 2;
  } catch (const std::exception& why) {
    log::error("not_started", {{"why", why.what()}});
    return 1;
  }
}

} // namespace usher

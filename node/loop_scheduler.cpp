#include "node/loop_scheduler.hpp"

#include <boost/asio/post.hpp>

namespace usher {

namespace {

/// Between two looks at the sockets.
constexpr int jobs_at_a_time = 256;

thread_local const loop_scheduler* running = nullptr;

} // namespace

/// What an actor sees of the thread it runs on.
class loop_scheduler::unit final : public caf::execution_unit {
public:
  explicit unit(loop_scheduler& all)
    : execution_unit(&all.system()), all_(all) {}

  void exec_later(caf::resumable* job) override { all_.enqueue(job); }

private:
  loop_scheduler& all_;
};

loop_scheduler::loop_scheduler(caf::actor_system& system)
  : abstract_coordinator(system), unit_(std::make_unique<unit>(*this)) {}

caf::actor_system::module* loop_scheduler::make(caf::actor_system& system,
                                                caf::detail::type_list<>) {
  return new loop_scheduler(system);
}

loop_scheduler* loop_scheduler::of(caf::actor_system& system) {
  return dynamic_cast<loop_scheduler*>(&system.scheduler());
}

void loop_scheduler::start() {
  loop_ = std::thread([this] {
    running = this;
    io_.run();
  });
  timer_ = std::thread([this] { clock_.run_dispatch_loop(); });
  abstract_coordinator::start();
}

void loop_scheduler::halt() {
  io_.stop();
  if (loop_.joinable())
    loop_.join();
}

void loop_scheduler::stop() {
  stop_actors();
  halt();
  const std::lock_guard guard{lock_};
  for (auto* job : from_outside_)
    cleanup_and_release(job);
  for (auto* job : jobs_)
    cleanup_and_release(job);
  clock_.cancel_dispatch_loop();
  timer_.join();
}

void loop_scheduler::enqueue(caf::resumable* job) {
  if (running == this) {
    jobs_.push_back(job);
  } else {
    const std::lock_guard guard{lock_};
    from_outside_.push_back(job);
  }
  expect_work();
}

void loop_scheduler::expect_work() {
  if (!expects_work_.exchange(true))
    boost::asio::post(io_, [this] { work(); });
}

/// Whoever adds a job from now on asks for the next round.
void loop_scheduler::work() {
  expects_work_ = false;
  {
    const std::lock_guard guard{lock_};
    jobs_.insert(jobs_.end(), from_outside_.begin(), from_outside_.end());
    from_outside_.clear();
  }
  for (int n = 0; n < jobs_at_a_time && !jobs_.empty(); ++n) {
    auto* job = jobs_.front();
    jobs_.pop_front();
    run(job);
  }
  if (!jobs_.empty())
    expect_work();
}

void loop_scheduler::run(caf::resumable* job) {
  switch (job->resume(unit_.get(), max_throughput())) {
    case caf::resumable::resume_later:
      jobs_.push_back(job);
      return;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
    case caf::resumable::shutdown_execution_unit:
      intrusive_ptr_release(job);
      return;
  }
}

} // namespace usher

#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/all.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <deque>
#include <mutex>
#include <thread>

namespace usher {

/// Runs actors on the thread of an io_context, between what sockets bring: a
/// request is read, decided and handed to the journal without a change of
/// thread, and what came together is decided together. For machines with few
/// cores, where waking another thread costs more than what it is to do. Load it
/// into an actor_system's configuration in place of CAF's own scheduler.
class loop_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  explicit loop_scheduler(caf::actor_system& system);

  /// For actor_system_config::load.
  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>);

  /// The scheduler of this system, or null if it has another.
  static loop_scheduler* of(caf::actor_system& system);

  /// The loop that actors share with whoever wants to.
  boost::asio::io_context& io() { return io_; }

  /// Ends the loop: no actor and no handler runs any more.
  void halt();

  void enqueue(caf::resumable* job) override;

  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
  void stop() override;

private:
  class unit;

  void expect_work();
  void work();
  void run(caf::resumable* job);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_ = boost::asio::make_work_guard(io_);
  caf::detail::thread_safe_actor_clock clock_;
  std::unique_ptr<unit> unit_;
  std::deque<caf::resumable*> jobs_; ///< the loop's own
  std::mutex lock_;                  ///< of the one below
  std::vector<caf::resumable*> from_outside_;
  std::atomic<bool> expects_work_ = false;
  std::thread loop_;
  std::thread timer_;
};

} // namespace usher

#pragma once

#include "node/inspect/inspection.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>

namespace usher::inspect {

/// Where questions from the cluster's port wait for the inspection: few, on
/// threads of their own, so that looking in never delays what is looked at.
class desk {
public:
  /// Brings an answer back; called on any thread.
  using reply = std::function<void(std::string)>;

  explicit desk(inspection& answers) : answers_(answers) {}

  ~desk() { close(); }

  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;

  /// Takes a question and returns at once; one too many is refused.
  void ask(std::string question, cluster::rights, std::string visitor, reply);

  /// Refuses what comes from now on, and waits for answers under way.
  void close();

private:
  inspection& answers_;
  std::atomic<bool> is_closed_ = false;
  std::atomic<int> waiting_ = 0;
  boost::asio::thread_pool threads_{2};
};

} // namespace usher::inspect

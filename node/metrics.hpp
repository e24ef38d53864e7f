#pragma once

#include "protocol/journal.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher {

/// The name of an entry's first fact: entries are read often, and their JSON
/// seldom has to be.
std::string_view first_fact(const std::string& facts);

/// The figures of one node for Prometheus. Counting is lock-free; families are
/// made once.
class metrics {
public:
  metrics();

  /// Counts an answered request by route and status.
  void count_request(std::size_t route, unsigned status, double seconds);

  /// Names the routes, in the order of their numbers. Called once.
  void name_routes(const std::vector<std::string>& routes);

  prometheus::Counter& events_viewed() { return *events_viewed_; }

  /// Counts what a journal entry of this node means for the business, once it
  /// is durable: each thing counts once, however often it was asked for.
  void count(const entry& durable);

  /// What is read off elsewhere when somebody asks for the figures.
  struct readings {
    double journal_rows = 0;
    double journal_batches = 0;
    double journal_seconds = 0;
    double journal_waiting = 0;
    double entities_resident = 0;
    double entities_quarantined = 0;
    double projection_lag_seconds = 0;
    double projection_waiting = 0;
    double projection_shards_behind = 0;
    double live_watchers = 0;
    double queue_users = 0;
    double seats_available = 0;
  };

  /// Sets their gauges.
  void take(const readings& now);

  /// How many requests took at most so many seconds, over all routes; the last
  /// bound is infinite.
  std::vector<std::pair<double, std::uint64_t>> requests_within() const;

  /// The text format 0.0.4.
  std::string text();

private:
  prometheus::Gauge& gauge(const std::string& name, const std::string& help);

  struct route_figures {
    std::array<prometheus::Counter*, 6> by_class{}; // 0xx to 5xx
    prometheus::Histogram* seconds = nullptr;
  };

  void work_out_funnel();

  std::shared_ptr<prometheus::Registry> registry_;
  std::vector<route_figures> routes_;
  prometheus::Counter* events_viewed_;
  prometheus::Counter* seats_reserved_;
  prometheus::Counter* sessions_opened_;
  prometheus::Counter* checkouts_started_;
  prometheus::Counter* sales_completed_;
  prometheus::Counter* amount_mismatches_;
  prometheus::Histogram* queue_wait_;
  std::atomic<std::uint64_t> sessions_used_ = 0; // those that ever held
  std::array<prometheus::Gauge*, 3> funnel_{};
  std::vector<prometheus::Gauge*> readings_; // in the order of their table
};

} // namespace usher

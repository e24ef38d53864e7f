#include "node/metrics.hpp"

#include "protocol/booking_session.hpp"
#include "protocol/codec.hpp"
#include "protocol/payment.hpp"
#include "protocol/queue_slot.hpp"

#include <charconv>
#include <prometheus/text_serializer.h>

namespace usher {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using buckets = prometheus::Histogram::BucketBoundaries;

prometheus::Counter& counter(prometheus::Registry& registry,
                             const std::string& name, const std::string& help) {
  return BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

/// Calls `each` with what follows every `mark` in the text.
template <class Each>
void after_each(std::string_view mark, std::string_view text, Each each) {
  for (auto at = text.find(mark); at != std::string_view::npos;
       at = text.find(mark, at + 1))
    each(text.substr(at + mark.size()));
}

/// The tickets in a fact that puts items into a cart: an item is for one place
/// unless it says for how many.
double tickets_added(std::string_view facts) {
  double n = 0;
  after_each("{\"id\":", facts, [&](std::string_view) { n += 1; });
  after_each("\"places\":", facts, [&](std::string_view rest) {
    std::uint32_t places = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), places);
    n += places - 1.0;
  });
  return n;
}

/// Whether a fact that puts items into a cart says that it is the first one. In
/// the texts of items such quotes would be escaped.
bool is_first_hold(std::string_view facts) {
  return facts.find("\"first\":true") != std::string_view::npos;
}

/// A gauge for what is read off elsewhere.
struct reading {
  double metrics::readings::*value;
  const char* name;
  const char* help;
};

using readings = metrics::readings;

constexpr std::array all_readings{
  reading{&readings::journal_rows, "journal_rows",
          "Rows journaled since the start."},
  reading{&readings::journal_batches, "journal_batches",
          "Commits since the start."},
  reading{&readings::journal_seconds, "journal_commit_seconds",
          "Time spent in commits, summed."},
  reading{&readings::journal_waiting, "journal_waiting",
          "Words that wait for a commit."},
  reading{&readings::entities_resident, "entities_resident",
          "Entities in memory."},
  reading{&readings::entities_quarantined, "entities_quarantined",
          "Entities set aside after faults."},
  reading{&readings::projection_lag_seconds, "projection_lag_seconds",
          "Age of the oldest entry that the lists lack; 0 if they lack none."},
  reading{&readings::projection_waiting, "projection_waiting",
          "Entries in memory that the lists lack."},
  reading{&readings::projection_shards_behind, "projection_shards_behind",
          "Shards whose entries the lists still read from the journal."},
  reading{&readings::live_watchers, "live_watchers", "Open live feeds."},
  reading{&readings::queue_users, "queue_users",
          "Users who asked for their place in a queue in the last one to two "
          "minutes."},
  reading{&readings::seats_available, "seats_available",
          "Free seats of all events whose availability this node was asked for "
          "in the last ten minutes, as it was then."},
};

double share(double part, const prometheus::Counter& whole) {
  return whole.Value() > 0 ? std::min(1.0, part / whole.Value()) : 0;
}

} // namespace

std::string_view first_fact(const std::string& facts) {
  constexpr std::string_view opening = "[[\"";
  if (!facts.starts_with(opening))
    return {};
  const auto rest = std::string_view{facts}.substr(opening.size());
  return rest.substr(0, rest.find('"'));
}

metrics::metrics()
  : registry_(std::make_shared<prometheus::Registry>()),
    events_viewed_(
      &counter(*registry_, "event_views_total", "Event pages asked for.")),
    seats_reserved_(
      &counter(*registry_, "seats_reserved_total", "Tickets put on hold.")),
    sessions_opened_(&counter(*registry_, "sessions_opened_total",
                              "Booking sessions opened.")),
    checkouts_started_(
      &counter(*registry_, "checkouts_started_total", "Checkouts begun.")),
    sales_completed_(
      &counter(*registry_, "sales_completed_total", "Orders completed.")),
    amount_mismatches_(&counter(*registry_, "payment_amount_mismatches_total",
                                "Callbacks that named a wrong amount.")),
    queue_wait_(&BuildHistogram()
                   .Name("queue_wait_time_seconds")
                   .Help("From joining a queue to admission.")
                   .Register(*registry_)
                   .Add({}, buckets{1, 5, 15, 60, 300, 900, 3600, 14400})) {
  auto& rates = BuildGauge()
                  .Name("conversion_funnel_rate")
                  .Help("Share of sessions that came as far as this step.")
                  .Register(*registry_);
  for (const auto& one : all_readings)
    readings_.push_back(&gauge(one.name, one.help));
  funnel_ = {&rates.Add({{"step", "held"}}), &rates.Add({{"step", "checkout"}}),
             &rates.Add({{"step", "completed"}})};
}

prometheus::Gauge& metrics::gauge(const std::string& name,
                                  const std::string& help) {
  return BuildGauge().Name(name).Help(help).Register(*registry_).Add({});
}

void metrics::take(const readings& now) {
  for (std::size_t i = 0; i < all_readings.size(); ++i)
    readings_[i]->Set(now.*all_readings[i].value);
}

void metrics::name_routes(const std::vector<std::string>& routes) {
  auto& requests = BuildCounter()
                     .Name("http_requests_total")
                     .Help("Answered requests by route and class of status.")
                     .Register(*registry_);
  auto& seconds = BuildHistogram()
                    .Name("http_request_seconds")
                    .Help("From the whole request to the answer, by route.")
                    .Register(*registry_);
  for (const auto& route : routes) {
    route_figures figures;
    for (std::size_t i = 1; i < figures.by_class.size(); ++i)
      figures.by_class[i] =
        &requests.Add({{"route", route}, {"status", std::to_string(i) + "xx"}});
    figures.seconds =
      &seconds.Add({{"route", route}}, buckets{0.0005, 0.001, 0.0025, 0.005,
                                               0.01, 0.025, 0.1, 0.5, 2.5});
    routes_.push_back(figures);
  }
}

void metrics::count_request(std::size_t route, unsigned status,
                            double seconds) {
  auto& figures = routes_.at(route);
  figures.by_class.at(status / 100)->Increment();
  figures.seconds->Observe(seconds);
}

void metrics::count(const entry& durable) {
  namespace session = booking_session;
  const auto name = first_fact(durable.facts);
  if (durable.entity.kind == entity_kind::queue_slot) {
    if (name == queue_slot::called::fact_name)
      decode_facts<queue_slot::fact>(durable.facts, [&](const auto& fact) {
        if (auto* turn = std::get_if<queue_slot::called>(&fact))
          queue_wait_->Observe(
            std::chrono::duration<double>(turn->at - turn->joined_at).count());
      });
    return;
  }
  if (name == payment::amount_mismatch::fact_name)
    amount_mismatches_->Increment();
  if (durable.entity.kind != entity_kind::booking_session)
    return;
  if (name == session::opened::fact_name) {
    sessions_opened_->Increment();
  } else if (name == session::added::fact_name) {
    seats_reserved_->Increment(tickets_added(durable.facts));
    sessions_used_ += is_first_hold(durable.facts) ? 1 : 0;
  } else if (name == session::checkout_started::fact_name) {
    checkouts_started_->Increment();
  } else if (name == session::completed::fact_name) {
    sales_completed_->Increment();
  }
}

void metrics::work_out_funnel() {
  funnel_[0]->Set(
    share(static_cast<double>(sessions_used_), *sessions_opened_));
  funnel_[1]->Set(share(checkouts_started_->Value(), *sessions_opened_));
  funnel_[2]->Set(share(sales_completed_->Value(), *sessions_opened_));
}

std::vector<std::pair<double, std::uint64_t>> metrics::requests_within() const {
  std::vector<std::pair<double, std::uint64_t>> out;
  for (const auto& route : routes_) {
    const auto read = route.seconds->Collect().histogram;
    out.resize(read.bucket.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].first = read.bucket[i].upper_bound;
      out[i].second += read.bucket[i].cumulative_count;
    }
  }
  return out;
}

std::string metrics::text() {
  work_out_funnel();
  return prometheus::TextSerializer{}.Serialize(registry_->Collect());
}

} // namespace usher

#include "node/live/followers.hpp"

#include "node/log.hpp"
#include "protocol/payment.hpp"

namespace usher {

namespace {

/// Money came that is not what was asked for: somebody has to look into it.
void raise_incident(const entry& row) {
  if (row.entity.kind == entity_kind::payment
      && first_fact(row.facts) == payment::amount_mismatch::fact_name)
    log::warning("payment_amount_mismatch",
                 {{"payment", to_string(row.entity.key)}});
}

} // namespace

followers spawn_followers(caf::actor_system& system, services& node,
                          live_relay& relay, const caf::actor& lists) {
  auto* live = node.live.get();
  auto* figures = &node.figures;
  auto* others = &relay;
  auto feed = system.spawn([live](caf::event_based_actor*) -> caf::behavior {
    return {[live](const publication& news) { live->publish(news); }};
  });
  auto abroad =
    system.spawn([others](caf::event_based_actor*) -> caf::behavior {
      return {[others](const publication& news) { others->publish(news); }};
    });
  // Counting is all that the figures want, and the log: nothing is sent.
  auto count = [figures](const entry& row) {
    figures->count(row);
    raise_incident(row);
    return false;
  };
  return {
    {{[](const entry& row) { return row.is_listed; }, lists},
     {count, feed},
     {[live](const entry& row) { return live->is_watched(row); }, feed},
     {[others](const entry& row) { return others->is_watched(row); }, abroad}},
    {abroad, feed}};
}

} // namespace usher

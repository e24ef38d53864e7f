#include "node/front/port.hpp"
#include "node/log.hpp"
#include "node/membership/signs_of_life.hpp"
#include "node/whole_node.hpp"
#include "persistence/postgres/knock.hpp"

/// How a node comes to its place in the cluster: its database, its ports, and
/// its shards.
namespace usher {

namespace {

constexpr duration longest_wait{30'000}; // for PostgreSQL to come up
constexpr duration knock_every{200};
constexpr duration word_every{5'000};

not_alone found(const cluster_member& one) {
  return not_alone("the node " + one.about.name + " at "
                   + one.about.cluster_address
                   + " lives on this database, and these settings are of a "
                     "node that is alone: cluster.address is wanted");
}

} // namespace

void whole_node::pause(duration how_long) const {
  if (told_.wait_for(how_long))
    throw told_to_stop();
}

http::webhook_secret whole_node::webhook_secret() const {
  auto out = http::webhook_secret::parse(node_.settings.sandbox.webhook_secret);
  if (!out)
    throw std::runtime_error("the sandbox's webhook secret is none");
  return std::move(*out);
}

/// Where both begin with the machine, PostgreSQL may need longer. If it needs
/// too long, who tries next says why that fails.
void whole_node::wait_for_database() const {
  using persistence::at_the_door;
  const auto begun = since_boot();
  auto next_word = begun;
  for (;;) {
    const auto said = persistence::knock(node_.settings.database.owner);
    const auto now = since_boot();
    if (said == at_the_door::open || now - begun > longest_wait)
      return;
    if (now >= next_word) {
      next_word = now + word_every;
      log::warning("waiting_for_database",
                   {{"why", said == at_the_door::not_yet
                              ? "it does not accept connections yet"
                              : "it does not answer"},
                    {"for_ms", std::to_string((now - begun).count())},
                    {"at_most_ms", std::to_string(longest_wait.count())}});
    }
    pause(knock_every);
  }
}

/// Before anybody gives us a shard: who cannot listen must not own one.
void whole_node::take_ports() {
  part_->take_port();
  if (!node_.settings.cluster.is_front())
    return;
  const auto& where = node_.settings.http;
  doors_ = http::take_port(porch_, where.address, where.port, where.io_threads);
}

void whole_node::listen() {
  for (std::size_t i = 0; i < doors_.size(); ++i)
    fronts_[i]->open(std::move(doors_[i]));
  log::info("listening",
            {{"address", node_.settings.http.address},
             {"port", std::to_string(fronts_.front()->server.port())}});
}

introduction whole_node::introduce_ourselves() const {
  const auto& settings = node_.settings;
  introduction out;
  out.name = settings.node.name;
  out.cluster_address = part_->address();
  out.is_front = settings.cluster.is_front();
  out.is_worker = settings.cluster.is_worker();
  out.weight = settings.cluster.weight;
  out.http_address =
    settings.http.address + ':' + std::to_string(settings.http.port);
  return out;
}

/// A node without others has all of them. Of those that others had it waits for
/// the last lease; who renews a lease meanwhile lives, and would never give us
/// anything. What we promised anew ourselves is no sign of that.
void whole_node::take_all_shards(persistence::registry& members) {
  const auto renew = node_.settings.lease.renew;
  signs_of_life signs(renew);
  for (auto promised = member_->promises();;) {
    shards_ = member_->first_share();
    if (shards_.size() == shard_count)
      return;
    if (const auto now = member_->promises(); now != promised) {
      signs = signs_of_life(renew);
      promised = now;
    }
    for (const auto& one : members.look().members)
      if (!one.about.cluster_address.empty() && signs.lives(one, since_boot()))
        throw found(one);
    log::info("waiting_for_shards",
              {{"missing", std::to_string(shard_count - shards_.size())}});
    pause(duration{200});
  }
}

/// Of some shards the last owner may have died a moment ago.
void whole_node::wait_for_shards() const {
  while (!node_.shards->is_complete() && !told_.wait_for(duration{10})) {
  }
}

} // namespace usher

#include "node/membership/cluster_part.hpp"

#include "node/front/shedding.hpp"
#include "node/log.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <ranges>

namespace usher {

using namespace std::chrono_literals;
using cluster::frame_kind;

namespace {

/// How long entities may finish what they are doing before their shard leaves.
constexpr auto to_finish = 250ms;
/// And how long it may take in all until they have left.
constexpr auto to_leave = 1s;
/// What the journal still has to write must be durable by then.
constexpr auto to_settle = 2s;

cluster::shard_set set_of(const std::vector<shard_no>& which) {
  cluster::shard_set out;
  for (auto shard : which)
    out.set(shard);
  return out;
}

void note_unread(incarnation from, std::string_view why) {
  log::warning("frame_not_read",
               {{"from", std::to_string(from)}, {"why", std::string{why}}});
}

} // namespace

cluster_part::cluster_part(services& node, caf::actor_system& system)
  : node_(node),
    system_(system),
    shards_(node.settings.cluster.cell, node.settings.cluster.cells_end()),
    relay_(*node.live, relay_ways()) {}

cluster_part::~cluster_part() {
  part();
}

void cluster_part::part() {
  is_over_ = true;
  if (rounds_.joinable())
    rounds_.join();
  stop_watching();
  if (host_)
    host_->close(); // its answers go over the links
  if (links_)
    links_->close(); // others may still hold on to it
}

relay_settings cluster_part::relay_ways() {
  relay_settings out;
  out.send = [this](incarnation to, frame_kind kind, std::string body) {
    return ways_->send(to, kind, std::move(body));
  };
  out.peers = [this] { return ways_->reached(); };
  out.is_elsewhere = [this](const entity_id& who) {
    return shards_.elsewhere(who) > 0;
  };
  return out;
}

cluster::detour_settings cluster_part::detour_ways() {
  cluster::detour_settings out;
  out.self = self_;
  out.send = [this](incarnation to, frame_kind kind, std::string body) {
    auto* links = to_others_.load();
    return links && links->send(to, kind, std::move(body));
  };
  out.arrived = [this](incarnation from, frame_kind kind, std::string body) {
    try {
      arrived(from, kind, std::move(body));
    } catch (const std::exception& bad) { // not the fault of that link
      note_unread(from, bad.what());
    }
  };
  out.found = [this](incarnation to, incarnation by) {
    if (by != to)
      log::info("detour_found",
                {{"to", std::to_string(to)}, {"by", std::to_string(by)}});
    router_->try_again();
    relay_.peer_came(to);
    keeper_->poke(); // there may be shards for it
  };
  out.lost = [this](incarnation to, incarnation by) {
    if (by != to)
      log::warning("detour_lost",
                   {{"to", std::to_string(to)}, {"by", std::to_string(by)}});
    router_->lost(to, unheard_);
    relay_.forget(to);
  };
  return out;
}

cluster::router& cluster_part::make_router(incarnation self) {
  self_ = self;
  ways_ = std::make_unique<cluster::detours>(detour_ways());
  cluster::router_settings settings;
  settings.self = self;
  settings.shards = &shards_;
  settings.entities = node_.entities.get();
  settings.send = [this](incarnation to, frame_kind kind, std::string body) {
    return ways_->send(to, kind, std::move(body));
  };
  settings.may_leave = [this](std::uint64_t rests_on) {
    return crew_.gate->lets_out(rests_on);
  };
  settings.through_journal = [this](request what) {
    submission words;
    words.mail.push_back(std::move(what));
    return crew_.commits->add(std::move(words));
  };
  settings.look_again = [this] { look_again(); };
  settings.version_of = [this](incarnation to) { return ways_->version(to); };
  settings.unreadable = note_unread;
  settings.must_refuse = [this](const any_command& what) {
    return is_overloaded(node_, urgency_of(what));
  };
  settings.now = [this] { return node_.clock.now(); };
  router_ = std::make_unique<cluster::router>(std::move(settings));
  return *router_;
}

std::string cluster_part::address() const {
  const auto& chosen = node_.settings.cluster;
  if (!chosen.enabled())
    return {};
  const auto port = links_ ? links_->port() : chosen.port;
  return chosen.advertise.empty() ? chosen.address + ':' + std::to_string(port)
                                  : chosen.advertise;
}

std::vector<way_to_node> cluster_part::ways() const {
  std::vector<way_to_node> out;
  const auto* links = to_others_.load();
  if (!links)
    return out;
  for (auto& one : links->links()) {
    if (one.peer < 0) // a visitor
      continue;
    const auto by = ways_->next_hop(one.peer);
    const bool is_relayed = by != one.peer;
    out.push_back({std::move(one), is_relayed ? by : 0});
  }
  return out;
}

keeper_events cluster_part::events() {
  keeper_events out;
  if (!node_.settings.cluster.enabled())
    return out;
  out.seen = [this](const cluster_view& all) { see(all); };
  out.adopt = [this](const leases& ours) { adopt(ours); };
  out.reaches = [this](incarnation who) { return ways_->next_hop(who) != 0; };
  out.give = [this](const shard_list& which, incarnation to,
                    const std::function<bool()>& hand_over) {
    give(which, to, hand_over);
  };
  return out;
}

void cluster_part::open(const leases& share, shard_crew crew) {
  crew_ = std::move(crew);
  shard_list which;
  for (const auto& lease : share)
    which.push_back(lease.shard);
  shards_.open(which);
  caf::anon_send(crew_.alarm_clock, tick{}); // now who is woken may speak
}

void cluster_part::take_port() {
  const auto& chosen = node_.settings.cluster;
  if (!chosen.enabled())
    return;
  node_.known_to_all = oldest_protocol; // until we know who is there
  cluster::mesh_settings settings;
  settings.name = node_.settings.node.name;
  settings.address = chosen.address;
  settings.port = chosen.port;
  settings.certificate = chosen.certificate;
  settings.key = chosen.key;
  settings.authority = chosen.authority;
  settings.may_be_member = [this](incarnation who) { return !knows(who); };
  try {
    links_ =
      std::make_unique<cluster::mesh>(std::move(settings), link_events());
  } catch (const boost::system::system_error& why) {
    throw std::runtime_error(
      "cannot listen for other nodes on " + chosen.address + ':'
      + std::to_string(chosen.port) + ": " + why.code().message());
  }
}

void cluster_part::join(membership_keeper& keeper) {
  keeper_ = &keeper;
  rounds_ = std::thread([this] { make_rounds(); });
  if (!links_)
    return;
  links_->begin(self_);
  to_others_ = links_.get();
  keeper.watch();
  watch_other_cells();
}

cluster::mesh_events cluster_part::link_events() {
  cluster::mesh_events out;
  out.arrived = [this](incarnation from, frame_kind kind, std::string body) {
    arrived(from, kind, std::move(body));
  };
  out.up = [this](incarnation who, std::uint16_t spoken) {
    if (who < 0) // a visitor
      return;
    log::info("link_up", {{"to", std::to_string(who)}});
    ways_->link_came(who, spoken);
  };
  out.unheard = [this](incarnation who, duration span) {
    if (who > 0)
      unheard_ = span;
  };
  out.troubled = [](const cluster::peer_address& to, const std::string& why) {
    log::warning("link_trouble", {{"to", std::to_string(to.self)},
                                  {"name", to.name},
                                  {"address", to.address},
                                  {"why", why}});
  };
  out.down = [this](incarnation who) {
    if (who < 0)
      return;
    log::warning("link_down", {{"to", std::to_string(who)}});
    ways_->link_went(who);
    unheard_ = cluster::router::longest_unheard;
    keeper_->suspect(who);
    look_again();
  };
  return out;
}

void cluster_part::watch_other_cells() {
  const auto& chosen = node_.settings.cluster;
  const auto session = "usher of cell " + std::to_string(chosen.cell);
  std::vector<std::unique_ptr<cell_watch>> all;
  for (const auto& one : chosen.cells) {
    if (one.number == chosen.cell)
      continue;
    cell_watch::options options;
    options.which = one.number;
    options.database.conninfo = one.database;
    options.database.session = session;
    options.ours.conninfo = node_.settings.database.app;
    options.ours.session = session;
    options.seen = [this, cell = one.number](const cluster_view& seen,
                                             bool is_hearsay) {
      see_other(cell, seen, is_hearsay);
    };
    all.push_back(std::make_unique<cell_watch>(std::move(options)));
  }
  const std::lock_guard guard{watching_};
  watches_ = std::move(all);
}

void cluster_part::stop_watching() {
  std::vector<std::unique_ptr<cell_watch>> all;
  {
    const std::lock_guard guard{watching_};
    all.swap(watches_);
  }
}

/// Somebody knows better than we do who owns what, here or in another cell.
void cluster_part::look_again() {
  if (keeper_)
    keeper_->poke();
  const std::lock_guard guard{watching_};
  for (const auto& one : watches_)
    one->poke();
}

// -- what the keeper tells

void cluster_part::see(const cluster_view& seen) {
  meet(node_.settings.cluster.cell, seen, false);
  shards_.see(seen, self_);
  router_->try_again();
}

/// Who is alive in another cell, and what they own, is decided there.
void cluster_part::see_other(cell_no cell, const cluster_view& seen,
                             bool is_hearsay) {
  meet(cell, seen, is_hearsay);
  shards_.see_other(cell, seen);
  router_->try_again();
}

/// Whether its cell has itself said who lives there.
bool cluster_part::knows(incarnation who) const {
  const std::lock_guard guard{meeting_};
  const auto cell = cell_of_life(who);
  return peers_.contains(cell) && !hearsay_.contains(cell);
}

/// Who lives in all cells, once this one looks so. Of a cell that does not
/// answer, those who were last seen are kept.
std::vector<cluster::peer_address>
cluster_part::enter(cell_no cell, const cluster_view& seen, bool is_hearsay) {
  const std::lock_guard guard{meeting_};
  if (is_hearsay) { // which says nothing of versions
    hearsay_.insert(cell);
  } else {
    hearsay_.erase(cell);
    note_versions(cell, seen);
  }
  auto& theirs = peers_[cell];
  theirs.clear();
  for (const auto& one : seen.members)
    if (!one.about.cluster_address.empty())
      theirs.push_back({one.self, one.about.name, one.about.cluster_address});
  std::vector<cluster::peer_address> all;
  for (const auto& [number, some] : peers_)
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

/// Under the lock.
void cluster_part::note_versions(cell_no cell, const cluster_view& seen) {
  auto& oldest = known_to_all_[cell] = newest_protocol;
  for (const auto& one : seen.members)
    oldest = std::min(oldest, one.about.protocol.high);
  node_.known_to_all = std::ranges::min(known_to_all_ | std::views::values);
}

/// Whoever has lost a way by that, or found one, is sent all that waits for it:
/// meanwhile others may look at who lives, but not change it.
void cluster_part::meet(cell_no cell, const cluster_view& seen,
                        bool is_hearsay) {
  const std::lock_guard in_order{telling_};
  auto all = enter(cell, seen, is_hearsay);
  std::set<incarnation> living;
  for (const auto& one : all)
    living.insert(one.self);
  ways_->meet(std::move(living));
  links_->meet(std::move(all));
}

/// The journal knows of them before any entity can say a word.
void cluster_part::adopt(const leases& ours) {
  crew_.commits->adopt(ours);
  const usher::adopted news{ours};
  caf::anon_send(crew_.projector, news);
  shard_list which;
  for (const auto& lease : ours)
    which.push_back(lease.shard);
  shards_.open(which);
  relay_.adopted([this, came = set_of(which)](const entity_id& who) {
    return shards_.is_here(who) && came.test(shard_of(who));
  });
  caf::anon_send(crew_.alarm_clock, news);
  router_->try_again();
}

/// On the keeper's thread. First nothing new is begun, then what was begun ends
/// and is durable, and only then they move. No entity leaves before its words
/// are durable: so shards that are kept may be opened at any moment. The
/// barrier is for those that died, and for words that others left with the
/// journal. Who left in the middle may have lost an alarm that had rung: if its
/// shard is kept, the clock reads what is stored anew.
void cluster_part::give(const shard_list& which, incarnation to,
                        const std::function<bool()>& hand_over) {
  shards_.freeze(which);
  if (!empty_out(which) || !settle() || !hand_over()) {
    log::warning("shards_kept", {{"count", std::to_string(which.size())}});
    shards_.open(which);
    caf::anon_send(crew_.alarm_clock, usher::adopted{});
    router_->try_again();
    return;
  }
  crew_.commits->disown(which);
  caf::anon_send(crew_.projector, usher::disowned{which});
  shards_.close(which, to);
  ways_->send(to, frame_kind::handoff, {});
  router_->try_again();
}

bool cluster_part::empty_out(const shard_list& which) {
  const auto wanted = set_of(which);
  const auto start = std::chrono::steady_clock::now();
  node_.entities->evict(wanted, false);
  for (bool is_pressed = false; node_.entities->residents(wanted) > 0;) {
    const auto waited = std::chrono::steady_clock::now() - start;
    if (waited > to_leave)
      return false;
    if (waited > to_finish && !std::exchange(is_pressed, true))
      node_.entities->evict(wanted, true);
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

bool cluster_part::settle() {
  caf::scoped_actor self{system_};
  crew_.commits->add(barrier{self});
  bool is_settled = false;
  self->receive([&](settled) { is_settled = true; },
                caf::after(to_settle) >> [] {});
  return is_settled;
}

// -- frames

/// Facts of a later version are no fault of the link.
void cluster_part::take_in(incarnation from, std::string_view publication) {
  try {
    relay_.take_in(publication);
  } catch (const json::bad_shape& bad) {
    note_unread(from, bad.what());
  }
}

void cluster_part::arrived(incarnation from, frame_kind kind,
                           std::string body) {
  if (from < 0) { // visitors have no say
    if (auto* links = to_others_.load();
        links && host_ && kind == frame_kind::inspect)
      host_->hear(*links, from, std::move(body));
    return;
  }
  switch (kind) {
    case frame_kind::request:
    case frame_kind::response:
    case frame_kind::moved:
      return router_->arrived(from, kind, body);
    case frame_kind::handoff:
      return keeper_->poke();
    case frame_kind::watch:
      return relay_.note(from, body);
    case frame_kind::publication:
      return take_in(from, body);
    case frame_kind::missed:
      return relay_.take_in_missed(body);
    case frame_kind::reach:
      return ways_->note(from, body);
    case frame_kind::relayed:
      return ways_->hear(from, std::move(body));
    default:
      return;
  }
}

void cluster_part::make_rounds() {
  const auto pause = std::chrono::milliseconds{20};
  const auto warn = [](const char* of_what, std::uint64_t all, auto& told) {
    if (const auto before = std::exchange(told, all); all > before)
      log::warning(of_what, {{"count", std::to_string(all - before)}});
  };
  std::uint64_t lost = 0, in_doubt = 0;
  while (!is_over_) {
    std::this_thread::sleep_for(pause);
    router_->try_again();
    warn("letters_lost", router_->letters_lost(), lost);
    warn("letters_in_doubt", router_->letters_in_doubt(), in_doubt);
    if (to_others_.load()) {
      ways_->make_rounds();
      relay_.make_rounds();
    }
  }
}

} // namespace usher

#include "node/whole_node.hpp"

#include "actors/entity/entity_actor.hpp"
#include "cluster/alarm_clock.hpp"
#include "node/demo.hpp"
#include "node/inspect/looking_in.hpp"
#include "node/live/followers.hpp"
#include "node/live/live_hub.hpp"
#include "node/log.hpp"
#include "node/loop_scheduler.hpp"
#include "node/sandbox_provider.hpp"
#include "node/ticket_signer.hpp"
#include "persistence/journal/archive_reader.hpp"
#include "persistence/lists/projector_actor.hpp"
#include "persistence/postgres/migrate.hpp"
#include "persistence/postgres/pg_archive.hpp"
#include "persistence/postgres/pg_journal.hpp"
#include "persistence/postgres/pg_registry.hpp"
#include "protocol/frame.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdlib>
#include <sys/resource.h>
#include <thread>

namespace usher {

namespace {

/// With this exit code, and without another word.
[[noreturn]] void end_at_once(int code, std::string_view what,
                              const std::string& why) {
  log::error(what, {{"why", why}});
  std::_Exit(code);
}

/// Lines by which what became of a client's request is found on the nodes that
/// obeyed it: each command only for who debugs, what went wrong always.
tidings for_the_log() {
  tidings out;
  if (log::is_debugging())
    out.heard = [](const request& what) {
      log::debug("command", {{"trace_id", trace_digits(what.by.id)},
                             {"command", std::string{name_of(what.what)}},
                             {"entity", to_string(what.to)}});
    };
  out.waited = [](const entity_id& who, const long_wait& what) {
    log::seldom(what.is_over ? "answer_late" : "answer_missed",
                {{"trace_id", trace_digits(what.by.id)},
                 {"entity", to_string(who)},
                 {"asked", to_string(what.asked)},
                 {"ms", std::to_string(what.took.count())}});
  };
  out.died = [](const entity_id& who, const trace& by, std::string_view doing,
                std::string_view why) {
    log::seldom("entity_failed", {{"trace_id", trace_digits(by.id)},
                                  {"entity", to_string(who)},
                                  {"doing", std::string{doing}},
                                  {"why", std::string{why}}});
  };
  return out;
}

[[noreturn]] void be_dead(const std::string& why) {
  constexpr int declared_dead = 70;
  end_at_once(declared_dead, "fenced", why);
}

/// Takes as many descriptors as the system lets this process have: the 1,024
/// that it may be started with are too few for a sale.
void make_room_for(std::uint32_t connections) {
  constexpr rlim_t besides = 200; // databases, other nodes, files
  rlimit room{};
  if (getrlimit(RLIMIT_NOFILE, &room) != 0)
    return;
  room.rlim_cur = room.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &room) != 0)
    getrlimit(RLIMIT_NOFILE, &room);
  if (room.rlim_cur < connections + besides)
    log::warning("few_descriptors",
                 {{"allowed", std::to_string(room.rlim_cur)},
                  {"wanted", std::to_string(connections + besides)}});
}

} // namespace

actors_config::actors_config(const config::actors& chosen) {
  using std::chrono::microseconds;
  add_message_types<caf::id_block::usher>();
  const auto cores = std::thread::hardware_concurrency();
  if (chosen.scheduler_threads == 0 && cores <= 2) {
    load<loop_scheduler>();
    return;
  }
  const auto threads =
    chosen.scheduler_threads > 0 ? chosen.scheduler_threads : cores - 1;
  set("scheduler.max-threads", std::size_t{threads});
  set("scheduler.policy", caf::atom("stealing"));
  set("work-stealing.aggressive-poll-attempts", std::size_t{20});
  set("work-stealing.moderate-poll-attempts", std::size_t{100});
  set("work-stealing.moderate-sleep-duration", caf::timespan{microseconds{20}});
  set("work-stealing.relaxed-sleep-duration",
      caf::timespan{microseconds{2'000}});
}

whole_node::whole_node(const config::settings& settings, stop_wish& told)
  : told_(told),
    database_{settings.database.app},
    actors_(settings.actors),
    system_(actors_),
    node_(system_) {
  node_.settings = settings;
}

void whole_node::take_part() {
  const auto& settings = node_.settings;
  locked_home home{settings.node.home}; // or the schema is none of our business
  if (settings.sandbox.enabled)
    webhook_secret(); // or it could not start, when it has shards already
  wait_for_database();
  log::info("migrated",
            {{"schema",
              std::to_string(persistence::migrate(settings.database.owner))}});
  persistence::open_as_cell(settings.database.owner, settings.cluster.cell);
  node_.live = std::make_unique<live_hub>([this] { return node_.clock.now(); });
  part_ = std::make_unique<cluster_part>(node_, system_);
  take_ports();
  node_.shards = &part_->shards();
  auto events = part_->events();
  events.declared_dead = [] { be_dead("the lease was not ours any more"); };
  events.drained = [this] { told_.wish(); };
  events.database_answers = [this](bool answers) {
    node_.database_answers = answers;
  };
  events.database_said = [this](duration sent, duration received,
                                timestamp said) {
    node_.clock.follow(sent, received, said);
  };
  const auto members = std::make_shared<persistence::pg_registry>(database_);
  member_ = std::make_unique<membership_keeper>(
    members,
    membership_keeper::options{std::move(home), introduce_ourselves(),
                               settings.lease.ttl, settings.lease.renew,
                               [this] { pause(duration{0}); }},
    events);
  told_.be_asked();
  self_ = member_->enter();
  database_.session = "usher " + std::to_string(self_.self);
  node_.clock.set(self_.now);
  if (settings.cluster.enabled())
    shards_ = member_->first_share();
  else
    take_all_shards(*members);
}

void whole_node::prepare_services() {
  const auto& settings = node_.settings;
  node_.shares = std::make_unique<fair_share>(settings);
  std::vector<http::token_key> keys;
  for (const auto& key : settings.security.jwt_keys)
    keys.push_back({key.id, key.secret});
  node_.tickets =
    std::make_unique<ticket_signer>(settings.security.ticket_secret());
  node_.keys =
    std::make_unique<http::token_keys>("usher", "usher", std::move(keys));
  node_.writer = std::make_shared<persistence::writer_gauge>();
  const auto databases = databases_of(settings.cluster, database_);
  node_.lists =
    std::make_unique<cell_lists>(databases, settings.database.readers);
  if (settings.sandbox.enabled) {
    auto* loop = loop_scheduler::of(system_);
    node_.sandbox = std::make_unique<sandbox_provider>(
      webhook_secret(), settings.sandbox.base_url,
      [this] { return node_.clock.now(); }, databases, settings.cluster.cell,
      loop ? &loop->io() : nullptr);
  }
  std::vector<std::string> names;
  for (const auto& plan : all_routes())
    names.push_back(std::string{http::to_string(plan.verb)} + ' '
                    + std::string{plan.pattern});
  names.emplace_back("malformed");
  node_.figures.name_routes(names);
}

void whole_node::bring_up_fronts() {
  const auto& chosen = node_.settings.actors;
  cluster::patience limits;
  limits.restarts = chosen.restarts;
  limits.within = chosen.restarts_within;
  limits.idle_after = chosen.idle_after;
  limits.most_waiting = chosen.max_mailbox;
  limits.most_stashed = chosen.stash;
  std::shared_ptr<const surroundings> around = around_;
  node_.entities = std::make_unique<cluster::directory>(
    [this, around](const entity_id& who, birth how) {
      return system_.spawn<entity_actor>(who, around, how);
    },
    [this] { return node_.clock.now(); }, limits, node_.shards);
  auto& mail = part_->make_router(self_.self);
  for (std::uint32_t i = 0; i < node_.settings.http.io_threads; ++i) {
    auto* loop = i == 0 ? loop_scheduler::of(system_) : nullptr;
    auto& one = *fronts_.emplace_back(
      std::make_unique<front>(node_, loop ? &loop->io() : nullptr));
    auto number = node_.entities->add_bridge(one.desk.entities.actor());
    one.desk.entities.join(mail, number);
  }
}

void whole_node::bring_up_lists() {
  persistence::projector_settings lists;
  lists.database = database_;
  lists.gauge = node_.lists_gauge;
  lists.now = [this] { return node_.clock.now(); };
  for (const auto& lease : shards_)
    lists.shards.push_back(lease.shard);
  lists.complain = [](const std::string& what) {
    log::error("projection", {{"what", what}});
  };
  projector_ =
    system_.spawn<persistence::projector_actor, caf::detached>(lists);
  employ("projector", projector_);
}

void whole_node::employ(std::string_view name, caf::actor who) {
  who->attach_functor([this, name](const caf::error& why) {
    constexpr int part_ended = 71;
    if (!gives_up_)
      end_at_once(part_ended, "part_ended",
                  std::string{name} + ": " + caf::to_string(why));
  });
  staff_.push_back(std::move(who));
}

bool whole_node::surely_holds_lease() const {
  return since_boot() < member_->lease_surely_until();
}

std::shared_ptr<const persistence::audience>
whole_node::gather_audience(const caf::actor& archive) {
  auto to = std::make_shared<persistence::audience>();
  for (const auto& one : fronts_)
    to->bridges.push_back(one->desk.entities.actor());
  to->archive = archive;
  to->alarm_clock = clock_;
  to->gateway = system_.spawn(payment_gateway, node_.sandbox.get(),
                              static_cast<post_office*>(&part_->mail()));
  employ("payment gateway", to->gateway);
  auto who = spawn_followers(system_, node_, part_->relay(), projector_);
  for (auto& one : who.staff)
    employ("follower", std::move(one));
  to->followers = std::move(who.all);
  to->send_abroad = [mail = &part_->mail()](request what) {
    mail->send_out(std::move(what));
  };
  to->answer_abroad = [mail = &part_->mail()](response what) {
    mail->send_out(std::move(what));
  };
  return to;
}

void whole_node::bring_up_journal(const caf::actor& archive) {
  around_->gate =
    std::make_shared<output_gate>([this] { return surely_holds_lease(); });
  persistence::commit_settings settings;
  settings.store =
    std::make_shared<persistence::pg_journal>(database_, self_.self);
  settings.shards = shards_;
  settings.gauge = node_.writer;
  settings.gives_up = [this] { return gives_up_.load(); };
  settings.holds_lease = [this] { return surely_holds_lease(); };
  settings.fenced = [] { be_dead("the journal refused our batch"); };
  auto journal = persistence::open_journal(
    system_, std::move(settings), gather_audience(archive), around_->gate);
  employ("journal writer", journal.mouth);
  commits_ = journal.commits;
  around_->submit = [commits = commits_](submission words) {
    return commits->add(std::move(words));
  };
  around_->settle = [commits = commits_](barrier who) {
    commits->add(std::move(who));
  };
}

void whole_node::bring_up_actors() {
  auto archive = system_.spawn<persistence::archive_reader, caf::detached>(
    persistence::reader_settings{
      std::make_shared<persistence::pg_archive>(database_)});
  cluster::alarm_settings alarms;
  alarms.mail = &part_->mail();
  alarms.now = [this] { return node_.clock.now(); };
  alarms.stored = [stored =
                     std::make_shared<persistence::pg_archive>(database_),
                   self = self_.self](timestamp until) {
    return stored->due(self, until, cluster::alarms_at_a_time);
  };
  clock_ = system_.spawn<caf::detached>(cluster::alarm_clock, alarms);
  bring_up_lists();
  bring_up_journal(archive);
  employ("archive reader", archive);
  employ("alarm clock", clock_);
  around_->mail = &part_->mail();
  around_->archive = archive;
  around_->tell = for_the_log();
  around_->now = [this] { return node_.clock.now(); };
  around_->patience = node_.settings.actors.ask_timeout;
  around_->snapshot_every = node_.settings.actors.snapshot_every;
  part_->open(shards_, {commits_, projector_, clock_, around_->gate});
}

/// For threads that may wait; those of the fronts must not. An io thread that
/// ends answers nobody, so the wait has an end of its own.
answer whole_node::ask_for(request what) {
  auto& first = *fronts_.front();
  auto asks = [](http::bridge& entities,
                 request question) -> boost::asio::awaitable<answer> {
    co_return co_await entities.ask(std::move(question));
  };
  auto said =
    boost::asio::co_spawn(first.io, asks(first.desk.entities, std::move(what)),
                          boost::asio::use_future);
  const auto longest =
    node_.settings.http.limits.request_deadline + std::chrono::seconds{1};
  if (said.wait_for(longest) != std::future_status::ready)
    return {errc::outcome_unknown};
  return said.get();
}

/// The inspector's side of this node.
void whole_node::let_in_visitors() {
  if (!node_.settings.cluster.enabled())
    return;
  looking_in::options options;
  options.database = database_;
  options.self = self_.self;
  options.ask = [this](request what) { return ask_for(std::move(what)); };
  options.members = std::make_shared<persistence::pg_registry>(database_);
  options.look_again = [this] { member_->poke(); };
  options.ways = [this] { return part_->ways(); };
  part_->let_in(std::make_unique<looking_in>(node_, std::move(options)));
}

void whole_node::start(const std::string& demo) {
  make_room_for(node_.settings.http.limits.connections);
  take_part();
  prepare_services();
  bring_up_fronts();
  bring_up_actors();
  for (auto& one : fronts_)
    one->run();
  auto& first = *fronts_.front();
  boost::asio::co_spawn(first.io, let_the_quiet_go(), boost::asio::detached);
  let_in_visitors();
  part_->join(*member_);
  if (node_.settings.cluster.is_front())
    listen();
  wait_for_shards();
  if (told_.is_there())
    return;
  boost::asio::co_spawn(first.io, prepare_house(first.desk, demo),
                        [this](const std::exception_ptr& failed) {
                          if (failed)
                            log::error("house_not_prepared");
                          node_.ready = true;
                        });
}

/// Where many have grown quiet they leave a few at a time, more often:
/// thousands at once would hold everybody else up.
boost::asio::awaitable<void> whole_node::let_the_quiet_go() {
  constexpr auto pace = std::chrono::milliseconds{100};
  constexpr auto pace_of_many = std::chrono::milliseconds{10};
  boost::asio::steady_timer timer(fronts_.front()->io);
  for (bool many = false;;) {
    timer.expires_after(many ? pace_of_many : pace);
    co_await timer.async_wait(boost::asio::use_awaitable);
    many = node_.entities->sweep();
  }
}

} // namespace usher

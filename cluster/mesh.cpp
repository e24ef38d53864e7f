#include "cluster/mesh.hpp"

#include "cluster/link.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <shared_mutex>
#include <thread>
#include <utility>

namespace usher::cluster {

namespace {

constexpr std::size_t most_unknown = 64;  ///< connections not yet greeted
constexpr std::size_t most_visitors = 16; ///< at a time
constexpr duration first_pause{50};       ///< before a peer is dialed again
constexpr duration longest_pause{2000};
constexpr duration proven{1000}; ///< a link that lasted has not failed

using steady = link::clock;

timestamp wall_time_of(steady::time_point moment) {
  const auto ago = steady::now() - moment;
  return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()
                                                - ago);
}

} // namespace

/// Everything happens on its thread, but `send` and what only looks.
class mesh::engine final : public link_owner {
public:
  engine(mesh_settings settings, mesh_events events);
  ~engine() override;

  void close();

  std::uint16_t port() const { return port_; }

  void meet(std::vector<peer_address> all);
  bool send(incarnation to, frame_kind kind, std::string_view body);
  rights visitor_rights(incarnation visitor) const;
  std::vector<link_status> links() const;

private:
  using link_ptr = std::shared_ptr<link>;

  /// A member that there should be a link to.
  struct member {
    peer_address who;
    link_ptr dialing; ///< greeted it is among the open ones
    steady::time_point next_dial;
    duration pause = first_pause;
    std::string trouble;
  };

  std::string greet(link&, const hello&) override;
  void opened(link&) override;
  void heard(link&, frame_kind, std::string body) override;
  void closed(link&, const std::string& why) override;

  std::string greet_node(link&, const hello&);
  std::string greet_visitor(link&, const hello&);
  link_ptr make_link(asio::ip::tcp::socket socket);
  void listen();
  void accept();
  void wait();
  void tick();
  void update(std::vector<peer_address> all);
  void part_with_strangers();
  void dial_if_due(member&, steady::time_point now);
  void put_off(member&, const link&, const std::string& why);
  link_ptr find(incarnation peer) const;
  std::size_t visitors() const;

  asio::io_context io_{1};
  mesh_settings settings_;
  mesh_events events_;
  std::unique_ptr<asio::ssl::context> context_;
  asio::ip::tcp::acceptor acceptor_{io_};
  asio::steady_timer timer_{io_};
  std::uint16_t port_ = 0;
  bool accepting_ = false;
  std::set<link_ptr> unknown_; ///< accepted, not greeted
  std::mt19937 chance_{std::random_device{}()};
  incarnation last_visitor_ = 0;

  mutable std::shared_mutex lock_; // for writing the two below, off the thread
                                   // also for reading them
  std::map<incarnation, link_ptr> open_;
  std::map<incarnation, member> members_;

  std::thread thread_;
};

mesh::engine::engine(mesh_settings settings, mesh_events events)
  : settings_(std::move(settings)), events_(std::move(events)) {
  const link_credentials files{settings_.certificate, settings_.key,
                               settings_.authority};
  check_address(files, settings_.address);
  context_ = make_context(files);
  if (rights_of(settings_.name) != rights::none)
    throw std::invalid_argument("a node may not be called like a visitor: "
                                + settings_.name);
  listen();
  thread_ = std::thread([this] { io_.run(); });
}

mesh::engine::~engine() {
  close();
}

void mesh::engine::close() {
  io_.stop();
  if (thread_.joinable())
    thread_.join();
}

void mesh::engine::listen() {
  const asio::ip::tcp::endpoint at{asio::ip::make_address(settings_.address),
                                   settings_.port};
  acceptor_.open(at.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.bind(at);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  accept();
  wait();
}

void mesh::engine::accept() {
  accepting_ = true;
  acceptor_.async_accept(
    [this](const auto& failed, asio::ip::tcp::socket socket) {
      accepting_ = false;
      if (failed) // too many files, perhaps: the next tick tries again
        return;
      if (unknown_.size() < most_unknown) {
        auto guest = make_link(std::move(socket));
        unknown_.insert(guest);
        guest->welcome();
      }
      accept();
    });
}

mesh::engine::link_ptr mesh::engine::make_link(asio::ip::tcp::socket socket) {
  const link_limits limits{settings_.beat, settings_.silence, settings_.dial,
                           settings_.most_queued, settings_.longest_frame};
  hello me{settings_.oldest_version, settings_.newest_version, settings_.self,
           settings_.name, link_role::node};
  return std::make_shared<link>(std::move(socket), context_.get(), limits,
                                std::move(me), *this);
}

// -- time

void mesh::engine::wait() {
  timer_.expires_after(
    std::clamp(settings_.beat / 5, duration{10}, duration{100}));
  timer_.async_wait([this](const auto& failed) {
    if (failed)
      return;
    tick();
    wait();
  });
}

void mesh::engine::tick() {
  const auto now = steady::now();
  // A link that ends leaves its list: walk over copies.
  std::vector<link_ptr> all(unknown_.begin(), unknown_.end());
  for (const auto& [id, open] : open_)
    all.push_back(open);
  for (const auto& [id, one] : members_)
    if (one.dialing)
      all.push_back(one.dialing);
  for (const auto& one : all)
    one->tick(now);
  for (auto& [id, one] : members_)
    dial_if_due(one, now);
  if (!accepting_)
    accept();
}

// -- members

void mesh::engine::meet(std::vector<peer_address> all) {
  asio::post(
    io_, [this, all = std::move(all)]() mutable { update(std::move(all)); });
}

void mesh::engine::update(std::vector<peer_address> all) {
  std::vector<link_ptr> ended;
  {
    const std::unique_lock guard(lock_);
    auto before = std::exchange(members_, {});
    for (auto& one : all) {
      if (one.self == settings_.self)
        continue;
      auto& now = members_[one.self];
      const auto known = before.find(one.self);
      if (known != before.end() && known->second.who.address == one.address)
        now = std::exchange(known->second, {});
      now.who = std::move(one);
    }
    for (auto& [id, gone] : before) {
      if (gone.dialing)
        ended.push_back(gone.dialing);
      if (!members_.contains(id) && open_.contains(id))
        ended.push_back(open_[id]);
    }
  }
  for (const auto& one : ended)
    one->hang_up("is no member any more");
  part_with_strangers();
  for (auto& [id, one] : members_)
    dial_if_due(one, steady::now());
}

/// A node that nobody has named yet may have joined a moment ago; one that is
/// still not named later is no member.
void mesh::engine::part_with_strangers() {
  std::vector<link_ptr> strangers;
  for (const auto& [id, open] : open_)
    if (id > 0 && !members_.contains(id)
        && steady::now() - open->opened_at() > settings_.silence
        && !settings_.may_be_member(id))
      strangers.push_back(open);
  for (const auto& one : strangers)
    one->hang_up("is no member");
}

void mesh::engine::dial_if_due(member& to, steady::time_point now) {
  if (to.who.self < settings_.self || to.dialing || open_.contains(to.who.self)
      || now < to.next_dial)
    return;
  auto dialing = make_link(asio::ip::tcp::socket{io_});
  dialing->peer = {to.who.self, to.who.name, rights::none};
  {
    const std::unique_lock guard(lock_);
    to.dialing = dialing;
  }
  dialing->dial(to.who.address);
}

/// Each failure doubles the pause; chance keeps many from dialing at once.
void mesh::engine::put_off(member& to, const link& failed,
                           const std::string& why) {
  const auto now = steady::now();
  const auto lasted = failed.opened_at() != steady::time_point{}
                      && now - failed.opened_at() > proven;
  const auto pause = lasted ? first_pause : to.pause;
  std::uniform_int_distribution<duration::rep> part(pause.count() / 2,
                                                    pause.count());
  const std::unique_lock guard(lock_);
  to.next_dial = now + duration{part(chance_)};
  to.pause = std::min(pause * 2, longest_pause);
  to.trouble = why;
}

// -- links

std::string mesh::engine::greet(link& with, const hello& other) {
  if (!with.is_certified_as(other.name))
    return "the certificate is not for the name " + other.name;
  if (other.role == link_role::visitor)
    return with.is_dialed() ? "a visitor where a node should be"
                            : greet_visitor(with, other);
  return greet_node(with, other);
}

std::string mesh::engine::greet_node(link& with, const hello& other) {
  if (other.self <= 0 || rights_of(other.name) != rights::none)
    return "this is no node";
  if (with.is_dialed())
    return with.peer.id == other.self && with.peer.name == other.name
             ? ""
             : "dialed " + with.peer.name + " and reached " + other.name;
  if (other.self >= settings_.self)
    return "the smaller incarnation dials, not the larger";
  const auto known = members_.find(other.self);
  if (known != members_.end() && known->second.who.name != other.name)
    return "that incarnation is called " + known->second.who.name;
  with.peer = {other.self, other.name, rights::none};
  return "";
}

std::string mesh::engine::greet_visitor(link& with, const hello& other) {
  const auto may = context_ ? rights_of(other.name) : rights::admin;
  if (may == rights::none)
    return "nodes do not visit";
  if (visitors() >= most_visitors)
    return "too many visitors";
  with.peer = {--last_visitor_, other.name, may};
  return "";
}

void mesh::engine::opened(link& now_open) {
  const auto self = now_open.shared_from_this();
  unknown_.erase(self);
  const auto id = now_open.peer.id;
  // Who dials again has given up the old one.
  if (const auto old = find(id))
    old->hang_up("replaced by a newer connection");
  {
    const std::unique_lock guard(lock_);
    open_[id] = self;
    if (const auto known = members_.find(id); known != members_.end()) {
      known->second.dialing.reset();
      known->second.trouble.clear();
    }
  }
  if (events_.up)
    events_.up(id);
}

void mesh::engine::heard(link& from, frame_kind kind, std::string body) {
  if (events_.arrived)
    events_.arrived(from.peer.id, kind, std::move(body));
}

void mesh::engine::closed(link& ended, const std::string& why) {
  const auto self = ended.shared_from_this();
  unknown_.erase(self);
  const auto id = ended.peer.id;
  const auto known = members_.find(id);
  const auto open = open_.find(id);
  const bool was_open = open != open_.end() && open->second == self;
  if (known != members_.end() && (was_open || known->second.dialing == self))
    put_off(known->second, ended, why);
  {
    const std::unique_lock guard(lock_);
    if (known != members_.end() && known->second.dialing == self)
      known->second.dialing.reset();
    if (was_open)
      open_.erase(open);
  }
  if (was_open && events_.down)
    events_.down(id);
}

mesh::engine::link_ptr mesh::engine::find(incarnation peer) const {
  const std::shared_lock guard(lock_);
  const auto found = open_.find(peer);
  return found == open_.end() ? nullptr : found->second;
}

std::size_t mesh::engine::visitors() const {
  return static_cast<std::size_t>(std::count_if(
    open_.begin(), open_.end(), [](const auto& one) { return one.first < 0; }));
}

// -- from any thread

bool mesh::engine::send(incarnation to, frame_kind kind,
                        std::string_view body) {
  const auto over = find(to);
  return over && over->offer(kind, body);
}

rights mesh::engine::visitor_rights(incarnation visitor) const {
  const auto found = find(visitor);
  return found ? found->peer.visiting : rights::none;
}

std::vector<link_status> mesh::engine::links() const {
  std::vector<link_status> out;
  const std::shared_lock guard(lock_);
  for (const auto& [id, open] : open_)
    out.push_back({id, open->peer.name, true, open->peer.visiting,
                   open->version(), wall_time_of(open->opened_at()),
                   open->round_trip(), open->queued(), open->frames_in(),
                   open->frames_out(), ""});
  for (const auto& [id, one] : members_)
    if (!open_.contains(id)) {
      link_status down;
      down.peer = id;
      down.name = one.who.name;
      down.trouble = one.trouble;
      out.push_back(std::move(down));
    }
  return out;
}

mesh::mesh(mesh_settings settings, mesh_events events)
  : engine_(std::make_unique<engine>(std::move(settings), std::move(events))) {}

mesh::~mesh() = default;

void mesh::close() {
  engine_->close();
}

std::uint16_t mesh::port() const {
  return engine_->port();
}

void mesh::meet(std::vector<peer_address> all) {
  engine_->meet(std::move(all));
}

bool mesh::send(incarnation to, frame_kind kind, std::string body) {
  return engine_->send(to, kind, body);
}

rights mesh::visitor_rights(incarnation visitor) const {
  return engine_->visitor_rights(visitor);
}

std::vector<link_status> mesh::links() const {
  return engine_->links();
}

} // namespace usher::cluster

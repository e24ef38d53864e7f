#include "cluster/mesh_engine.hpp"

#include <algorithm>

namespace usher::cluster {

namespace {

constexpr std::size_t most_unknown = 64;  ///< connections not yet greeted
constexpr std::size_t most_visitors = 16; ///< at a time

} // namespace

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
  if (settings_.self != 0)
    begin(settings_.self);
}

void mesh::engine::begin(incarnation self) {
  settings_.self = self;
  accept();
  wait();
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
    events_.up(id, now_open.version());
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
  if (was_open && events_.unheard)
    events_.unheard(id, ended.unheard());
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
                   open->version(), open->round_trip(), open->queued(),
                   open->frames_in(), open->frames_out(), ""});
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

void mesh::begin(incarnation self) {
  engine_->begin(self);
}

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

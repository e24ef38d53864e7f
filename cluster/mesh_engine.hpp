#pragma once

#include "cluster/link.hpp"
#include "cluster/mesh.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <random>
#include <set>
#include <shared_mutex>
#include <thread>

namespace usher::cluster {

/// Everything happens on its thread, but `send` and what only looks.
class mesh::engine final : public link_owner {
public:
  engine(mesh_settings settings, mesh_events events);
  ~engine() override;

  void begin(incarnation self);
  void close();

  std::uint16_t port() const { return port_; }

  void meet(std::vector<peer_address> all);
  bool send(incarnation to, frame_kind kind, std::string_view body);
  rights visitor_rights(incarnation visitor) const;
  std::vector<link_status> links() const;

private:
  using link_ptr = std::shared_ptr<link>;
  using steady = link::clock;

  static constexpr duration first_pause{50}; ///< before a peer is dialed again

  /// A member that there should be a link to.
  struct member {
    peer_address who;
    link_ptr dialing; ///< greeted it is among the open ones
    steady::time_point next_dial;
    duration pause = first_pause;
    std::string trouble;
    std::string told; ///< the trouble that was, since a link lasted
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

} // namespace usher::cluster

#pragma once

#include "config/networks.hpp"
#include "node/front/bridge.hpp"
#include "node/front/exchange.hpp"
#include "node/front/seat_maps.hpp"
#include "node/front/shedding.hpp"
#include "node/http/cors.hpp"
#include "node/http/password.hpp"
#include "node/http/token_cache.hpp"
#include "node/services.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>

namespace usher {

/// Who may use a route. Where it makes no difference who asks (whoever), a
/// token that is not valid is passed over: with one, nobody could get the next.
enum class access : std::uint8_t { whoever, anyone, user };

/// How large the body of a route may be; the settings say it in bytes.
enum class body_size : std::uint8_t { none, small, large };

/// One line of the route table: who may call it, and who answers.
struct route_plan {
  http::method verb{};
  std::string_view pattern;
  http::handler answer = nullptr;
  access who = access::anyone;
  urgency how = urgency::serving;
  body_size body = body_size::none;
  bool live = false;      ///< may become a WebSocket
  bool is_signed = false; ///< only a wrong signature counts towards limits
  std::size_t number = 0;
};

/// All routes there are. Everything else is 404.
const std::vector<route_plan>& all_routes();

/// Receives requests on one io thread: finds their route, knows who asks,
/// keeps to the limits, and hands them to their handler.
class front_desk {
public:
  front_desk(services& node, boost::asio::io_context& io);

  /// Checks a head. Returns the plan to follow, or nothing and the answer that
  /// refuses the request. Limits and rights are checked before a body is read.
  const route_plan* receive(http::exchange& x, http::reply& refused);

  /// Counts a request towards what its address and its account may ask, and,
  /// if it is to follow a plan, towards what the plan takes besides; if that is
  /// too much, the answer that refuses it.
  std::optional<http::reply> count(const http::exchange& x,
                                   const route_plan* plan = nullptr);

  /// A try at the password of an account, or of a name that is nobody's; the
  /// answer that refuses it if there were too many wrong ones.
  std::optional<http::reply> try_password(const http::exchange& x,
                                          const uuid& whom,
                                          fair_share::password_try& what);

  /// The longest body that the plan takes, in bytes.
  std::size_t body_limit(const route_plan&) const;

  /// Room for a body that is still to come, out of what its address and its
  /// account may have on their way; kept as long as it is held. Null if that is
  /// used up.
  std::shared_ptr<const void> room_for(const http::exchange& x,
                                       std::uint64_t bytes);

  /// Answers a request with its whole body. Never throws.
  boost::asio::awaitable<http::reply> serve(http::exchange& x,
                                            const route_plan& plan);

  /// Turns the connection into a live feed, and serves it to its end; or says
  /// why there is none, and leaves the connection as it is.
  boost::asio::awaitable<std::optional<http::reply>>
  go_live(http::exchange& x, boost::asio::ip::tcp::socket& socket);

  /// Ends all live feeds: who watches comes back to another node.
  void end_feeds();

  /// Asks an entity. With a key the request may be repeated; of a newborn
  /// nothing can be stored.
  boost::asio::awaitable<answer> ask(entity_id to, any_command what,
                                     std::optional<request_key> key = {},
                                     bool newborn = false) {
    return entities.ask({to, std::move(what), {}, key, newborn});
  }

  /// Works on a password for the sender of a request; `overloaded` if that
  /// would not be before a request is answered at the latest.
  boost::asio::awaitable<result<std::string>> hash(const http::exchange& x,
                                                   password_line::work work) {
    return hash(whose(x).address, std::move(work));
  }

  /// The same for somebody else.
  boost::asio::awaitable<result<std::string>> hash(http::rate_key sender,
                                                   password_line::work work);

  /// What the settings say that the hash of a password costs.
  http::password_cost password_cost() const;

  /// Runs a query on the read model of a cell.
  boost::asio::awaitable<http::reply>
  query(http::exchange& x, cell_no cell,
        std::function<http::reply(persistence::read_model&)> work);

  /// Asks the lists of all cells at once. Refused only if none answers, or one
  /// refuses.
  boost::asio::awaitable<result<gathered>>
  gather(std::function<result<persistence::list_part>(persistence::read_model&)>
           work);

  /// Called ten times a second.
  void tick();

  /// A request that never became one.
  void count_refusal(unsigned status);

  /// A bug, for the log, and the request that met it.
  void report(std::string_view what, std::string_view trace_id = {});

  /// The lines that every answer has: the trace of its request, and what
  /// browsers must know.
  std::string common_lines(const http::exchange& x) const;

  const config::settings& settings() const { return node.settings; }

  /// The proxies that requests may come through.
  const config::networks& proxies() const { return proxies_; }

  services& node;
  boost::asio::io_context& io;
  http::bridge entities;
  seat_maps maps;

private:
  bool identify(http::exchange& x, const route_plan& plan,
                http::reply& refused);
  bool within_limits(http::exchange& x, const route_plan& plan,
                     http::reply& refused);
  fair_share::request whose(const http::exchange& x) const;
  whose_journal journal_for(const http::exchange& x) const;
  http::reply without_route(const http::exchange& x,
                            const http::route_outcome& found) const;
  http::reply turn_away(const http::exchange& x, http::reply why);
  std::optional<http::reply> preflight(const http::exchange& x,
                                       const http::route_outcome& found) const;

  http::route_table table_;
  http::cors_policy cors_;
  config::networks proxies_;
  std::list<std::function<void()>> feeds_; ///< how to end each
  http::token_cache tokens_;
};

} // namespace usher

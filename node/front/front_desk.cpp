#include "node/front/front_desk.hpp"

#include "node/elsewhere.hpp"
#include "node/http/client_address.hpp"
#include "node/http/text.hpp"
#include "node/log.hpp"
#include "protocol/ensure.hpp"

namespace usher {

namespace {

using http::field;
using http::problem_reply;
using http::reply;

std::vector<http::route> lines_of(const std::vector<route_plan>& plans) {
  std::vector<http::route> out;
  for (std::size_t i = 0; i < plans.size(); ++i)
    out.push_back({plans[i].verb, plans[i].pattern, i});
  return out;
}

config::networks networks_of(const std::vector<std::string>& names) {
  config::networks out;
  for (const auto& name : names)
    ensure(out.add(name)); // the settings were checked
  return out;
}

reply slow_down(const http::exchange& x, std::uint64_t seconds) {
  auto out = problem_reply(x, errc::rate_limited);
  out.headers += "Retry-After: " + std::to_string(seconds) + "\r\n";
  return out;
}

/// Passwords are hashed one at a time: nobody may ask for it without end.
bool hashes_a_password(const route_plan& plan) {
  return plan.pattern == "/v1/auth/login"
         || plan.pattern == "/v1/auth/register";
}

bool names_an_event(const route_plan& plan) {
  return plan.pattern.starts_with("/v1/events/{");
}

bool is_json(std::string_view content_type) {
  return http::equals_ignoring_case(
    http::trim(content_type.substr(0, content_type.find(';'))),
    "application/json");
}

/// There always is one: who reports a request has it from the answer.
trace trace_of(const http::request_head& head) {
  auto out =
    http::pick_trace(head[field::traceparent], head[field::x_request_id]);
  if (out.id.is_nil())
    out.id = mint_uuid();
  return out;
}

} // namespace

front_desk::front_desk(services& shared, boost::asio::io_context& thread)
  : node(shared),
    io(thread),
    entities(shared.system(), thread,
             shared.settings.http.limits.request_deadline),
    maps(*this),
    table_(lines_of(all_routes())),
    cors_(shared.settings.security.cors_origins),
    proxies_(networks_of(shared.settings.http.trusted_proxies)),
    tokens_(*shared.keys, 65'536) {}

// -- before the body

const route_plan* front_desk::receive(http::exchange& x, reply& refused) {
  x.by = trace_of(x.head);
  auto found = table_.find(x.head.verb, x.head.path);
  if (!std::holds_alternative<http::route_match>(found)) {
    auto granted = preflight(x, found);
    refused =
      granted ? std::move(*granted) : turn_away(x, without_route(x, found));
    return nullptr;
  }
  x.route = std::get<http::route_match>(found);
  const auto& plan = all_routes()[x.route.to->handler];
  if (!identify(x, plan, refused)) {
    refused = turn_away(x, std::move(refused));
    return nullptr;
  }
  if (!within_limits(x, plan, refused))
    return nullptr;
  if (x.head.has_body() && !is_json(x.head[field::content_type])) {
    refused = problem_reply(x, errc::unsupported_media_type);
    return nullptr;
  }
  return &plan;
}

/// For a path that is not there, or not with this method.
reply front_desk::without_route(const http::exchange& x,
                                const http::route_outcome& found) const {
  const auto* other = std::get_if<http::wrong_method>(&found);
  if (!other)
    return problem_reply(x, errc::not_found);
  auto out = problem_reply(x, errc::method_not_allowed);
  out.headers += "Allow: " + other->allow + "\r\n";
  return out;
}

/// What is refused counts like what is served: it costs nearly as much.
reply front_desk::turn_away(const http::exchange& x, reply why) {
  auto too_much = count(x);
  return too_much ? std::move(*too_much) : std::move(why);
}

/// A browser asks before it sends a page's request to another origin. That is
/// not the page's doing, and counts towards no limit.
std::optional<reply>
front_desk::preflight(const http::exchange& x,
                      const http::route_outcome& found) const {
  const auto* other = std::get_if<http::wrong_method>(&found);
  if (!other || x.head.verb != http::method::options
      || !x.head.find("access-control-request-method"))
    return std::nullopt;
  auto lines = cors_.preflight_lines(x.head[field::origin], other->allow);
  if (lines.empty())
    return std::nullopt;
  reply out;
  out.status = 204;
  out.headers = std::move(lines);
  return out;
}

std::string front_desk::common_lines(const http::exchange& x) const {
  return "X-Trace-Id: " + trace_digits(x.by.id) + "\r\n"
         + cors_.lines_for(x.head[field::origin]);
}

bool front_desk::identify(http::exchange& x, const route_plan& plan,
                          reply& refused) {
  if (!x.head.has(field::authorization)) {
    if (plan.who != access::user)
      return true;
    refused = problem_reply(x, errc::unauthenticated);
    refused.headers += "WWW-Authenticate: Bearer\r\n";
    return false;
  }
  auto claims = tokens_.verify(http::bearer_token(x.head[field::authorization]),
                               node.clock.now());
  if (!claims) {
    if (plan.who == access::whoever)
      return true;
    refused = problem_reply(x, claims.error());
    refused.headers += "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
    return false;
  }
  x.caller = *claims;
  return true;
}

bool front_desk::within_limits(http::exchange& x, const route_plan& plan,
                               reply& refused) {
  if (is_overloaded(node, plan.how, journal_for(x))) {
    refused = problem_reply(x, errc::overloaded);
    return false;
  }
  if (plan.is_signed)
    return true; // a provider in a busy sale says much, and all of it is needed
  auto too_much = count(x, &plan);
  if (too_much)
    refused = std::move(*too_much);
  return !too_much;
}

std::optional<reply> front_desk::count(const http::exchange& x,
                                       const route_plan* plan) {
  if (!node.settings.rate_limits.enabled)
    return std::nullopt;
  auto wanted = whose(x);
  wanted.hashes_a_password = plan && hashes_a_password(*plan);
  if (plan && names_an_event(*plan))
    if (const auto event = parse_uuid(x.route.parameters.front()))
      wanted.event = http::rate_key_of(*event);
  const auto wait = node.shares->take(wanted, fair_share::clock::now());
  if (!wait)
    return std::nullopt;
  return slow_down(x, http::retry_after_seconds(*wait));
}

std::optional<reply> front_desk::try_password(const http::exchange& x,
                                              const uuid& whom,
                                              fair_share::password_try& what) {
  if (!node.settings.rate_limits.enabled)
    return std::nullopt;
  what = node.shares->try_at(http::rate_key_of(whom), whose(x).address);
  const auto wait = node.shares->begin(what, fair_share::clock::now());
  if (!wait)
    return std::nullopt;
  return slow_down(x, http::retry_after_seconds(*wait));
}

fair_share::request front_desk::whose(const http::exchange& x) const {
  fair_share::request out;
  out.address = http::rate_key_of_address(
    http::client_of(proxies_, x.address, x.head[field::x_forwarded_for]));
  if (x.caller)
    out.user = http::rate_key_of(x.who().value);
  return out;
}

std::shared_ptr<const void> front_desk::room_for(const http::exchange& x,
                                                 std::uint64_t bytes) {
  const auto sender = whose(x);
  auto& shares = *node.shares;
  if (!shares.make_room(sender, bytes))
    return nullptr;
  return {&shares,
          [sender, bytes](fair_share* of) { of->give_back(sender, bytes); }};
}

/// A PostgreSQL that is down must not make its cell's fronts refuse what others
/// could answer. What names no thing may concern any cell.
whose_journal front_desk::journal_for(const http::exchange& x) const {
  const auto& cluster = node.settings.cluster;
  if (cluster.cells.size() < 2)
    return whose_journal::ours;
  const auto& named = x.route.parameters;
  const auto id = named.empty() ? std::nullopt : parse_uuid(named.front());
  return id && cell_of(*id) == cluster.cell ? whose_journal::ours
                                            : whose_journal::another_cells;
}

std::size_t front_desk::body_limit(const route_plan& plan) const {
  const auto& limits = node.settings.http.limits;
  switch (plan.body) {
    case body_size::none:
      return 0;
    case body_size::small:
      return limits.body_bytes;
    case body_size::large:
      return limits.layout_body_bytes;
  }
  return 0;
}

// -- with the body

boost::asio::awaitable<reply> front_desk::serve(http::exchange& x,
                                                const route_plan& plan) {
  const auto start = std::chrono::steady_clock::now();
  reply out;
  try {
    out = co_await plan.answer(x);
  } catch (const std::exception& bug) {
    report(bug.what(), trace_id_of(x, errc::internal));
    out = problem_reply(x, errc::internal);
  }
  const std::chrono::duration<double> took =
    std::chrono::steady_clock::now() - start;
  node.figures.count_request(plan.number, out.status, took.count());
  http::note_end(x, plan.pattern, out.status, took);
  co_return out;
}

boost::asio::awaitable<result<std::string>>
front_desk::hash(http::rate_key sender, password_line::work work) {
  auto start = [&](auto done) {
    node.passwords.add(sender, settings().http.limits.request_deadline,
                       std::move(work), std::move(done));
  };
  co_return co_await elsewhere<result<std::string>>(io, start);
}

http::password_cost front_desk::password_cost() const {
  const auto& chosen = settings().security.passwords;
  return {chosen.operations, std::size_t{chosen.memory_mib} * 1024 * 1024};
}

boost::asio::awaitable<reply>
front_desk::query(http::exchange& x, cell_no cell,
                  std::function<reply(persistence::read_model&)> work) {
  if (!node.lists->has(cell))
    co_return problem_reply(x, errc::not_found);
  auto answered = [&](errc why) { return problem_reply(x, why); };
  auto start = [&](auto done) {
    auto out = std::make_shared<reply>();
    auto job = [work = std::move(work), out](persistence::read_model& model) {
      *out = work(model);
    };
    node.lists->run(cell, std::move(job), [=](errc why) {
      done(why == errc::ok ? std::move(*out) : answered(why));
    });
  };
  co_return co_await elsewhere<reply>(io, start);
}

boost::asio::awaitable<result<gathered>> front_desk::gather(
  std::function<result<persistence::list_part>(persistence::read_model&)>
    work) {
  auto start = [&](auto done) { node.lists->gather(std::move(work), done); };
  co_return co_await elsewhere<result<gathered>>(io, start);
}

void front_desk::tick() {
  entities.expire();
}

void front_desk::count_refusal(unsigned status) {
  node.figures.count_request(all_routes().size(), status, 0);
}

void front_desk::report(std::string_view what, std::string_view trace_id) {
  log::error(
    "bug", {{"what", std::string{what}}, {"trace_id", std::string{trace_id}}});
}

} // namespace usher

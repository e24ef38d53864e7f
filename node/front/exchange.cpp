#include "node/front/exchange.hpp"

#include "node/front/front_desk.hpp"
#include "node/log.hpp"
#include "protocol/frame.hpp"

namespace usher::http {

namespace {

using steady = std::chrono::steady_clock;

/// After so long somebody may complain.
constexpr std::chrono::seconds a_long_time{1};

std::string milliseconds_of(steady::duration took) {
  return std::to_string(std::chrono::floor<duration>(took).count());
}

std::string place_of(const cluster::shard_table& shards, const entity_id& who) {
  if (shards.is_here(who))
    return "here";
  const auto owner = shards.elsewhere(who);
  return owner == 0 ? "nobody" : std::to_string(owner);
}

/// The place is where the entity is by now.
void note(const exchange& x, const entity_id& to, std::string_view command,
          errc refused, steady::duration took) {
  log::seldom(took >= a_long_time ? "command_slow" : "command_failed",
              {{"trace_id", trace_digits(x.by.id)},
               {"command", std::string{command}},
               {"entity", to_string(to)},
               {"node", place_of(*x.desk.node.shards, to)},
               {"ms", milliseconds_of(took)},
               {"answer", std::string{to_string(refused)}}});
}

/// Too much to do is no fault, and would hide all others.
bool is_fault(errc why) {
  constexpr unsigned faults = 500;
  return http_status(why) >= faults && why != errc::overloaded;
}

/// What changes something by a command that came later leaves facts that came
/// later, and while nodes are replaced one by one their shard may go to one
/// that cannot read them, and has nothing then to go on with.
bool is_too_early(const services& node, const any_command& what) {
  const auto known = node.known_to_all.load();
  return known < newest_protocol && first_version_of(what) > known
         && !is_query(what);
}

boost::asio::awaitable<answer> carry(const exchange& x, request what) {
  if (is_too_early(x.desk.node, what.what))
    co_return answer{errc::unavailable, as_member(advice::wait_for_upgrade)};
  const auto begun = steady::now();
  const auto to = what.to;
  const auto command = name_of(what.what);
  auto said = co_await x.desk.entities.ask(std::move(what));
  const auto took = steady::now() - begun;
  if (took >= a_long_time || is_fault(said.refused))
    note(x, to, command, said.refused, took);
  co_return said;
}

} // namespace

boost::asio::awaitable<answer> exchange::ask(entity_id to, any_command what,
                                             std::optional<request_key> key,
                                             bool newborn) const {
  request wish{to, std::move(what), {}, key, newborn};
  wish.by = by;
  return carry(*this, std::move(wish));
}

void note_end(const exchange& x, std::string_view route, unsigned status,
              std::chrono::duration<double> took) {
  constexpr unsigned faults = 500;
  if (took < a_long_time && status < faults)
    return;
  log::seldom(
    status < faults ? "request_slow" : "request_failed",
    {{"trace_id", trace_digits(x.by.id)},
     {"request_id",
      std::string{pick_trace_id({}, x.head[field::x_request_id])}},
     {"route", std::string{to_string(x.head.verb)} + ' ' + std::string{route}},
     {"status", std::to_string(status)},
     {"ms",
      milliseconds_of(std::chrono::duration_cast<steady::duration>(took))}});
}

} // namespace usher::http

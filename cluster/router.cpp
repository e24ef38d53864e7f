#include "cluster/router.hpp"

#include <unordered_set>

namespace usher::cluster {

namespace {

/// Where nodes disagree about who has a shard, they must not play ball with a
/// letter; and the less it is held up, the less can overtake it.
constexpr std::uint32_t most_hops_in_a_hurry = 2;

/// The ticket of a request that came to the wrong node.
std::string write_ticket(std::uint64_t number) {
  return std::to_string(number);
}

std::uint64_t read_ticket(std::string_view body) {
  return std::stoull(std::string{body});
}

} // namespace

/// Whether it was for this node.
bool router::hand_in(request& what) {
  const auto how = with_.entities->accept(what);
  if (how == reception::not_here)
    return false;
  if (const auto why = refusal_of(how); why != errc::ok)
    deliver(response{what.from, answer{why}});
  return true;
}

/// Whether something that came earlier waits for a way to the same entity.
/// While nothing waits, that costs a look at a flag.
bool router::is_behind(const request& what) const {
  if (!is_any_waiting_)
    return false;
  const std::lock_guard guard{lock_};
  return waited_for_.contains(what.to);
}

/// An entity's words may rest on what is not durable yet; those of an HTTP
/// handler rest on nothing.
std::uint64_t router::deliver(request what) {
  if (!is_behind(what) && hand_in(what))
    return 0;
  if (what.from.bridge == 0 && !with_.may_leave(what.rests_on))
    return with_.through_journal(std::move(what));
  take_on(std::move(what));
  return 0;
}

void router::deliver(response what) {
  if (what.to.node == 0)
    with_.entities->deliver(std::move(what));
  else
    send_out(std::move(what));
}

bool router::retire(const entity_id& who,
                    const std::function<bool()>& is_empty) {
  return with_.entities->retire(who, is_empty);
}

void router::bury(const entity_id& who, const std::string& doing,
                  const std::string& why) {
  with_.entities->bury(who, doing, why);
}

void router::witness(request what, const std::string& why) {
  with_.entities->witness(std::move(what), why);
}

void router::recall(const entity_id& who) {
  with_.entities->recall(who);
}

void router::send_out(request what) {
  if (is_behind(what) || !hand_in(what)) // it may have come here meanwhile
    take_on(std::move(what));
}

void router::send_out(response what) {
  const auto to = std::exchange(what.to.node, 0);
  auto body = encode(what);
  if (body.size() > with_.limits.longest_frame)
    body = encode(response{what.to, answer{errc::outcome_unknown}});
  with_.send(to, frame_kind::response, std::move(body));
}

// -- on the way

void router::take_on(request what, bool at_once) {
  if (!with_.shards->has(cell_of(what.to)))
    return give_up(what, errc::not_found);
  const auto to = with_.shards->elsewhere(what.to);
  const auto patience = what.from.number != 0
                          ? with_.limits.patience
                          : with_.limits.patience_of_letters;
  std::unique_lock guard{lock_};
  if (is_full(to)) {
    guard.unlock();
    return give_up(what, errc::overloaded);
  }
  ++load_[to];
  const auto number = ++last_ticket_;
  errand_abroad one{std::move(what), with_.now() + patience, to};
  const bool may_go = at_once && !waited_for_.contains(one.what.to);
  const auto how = may_go ? set_out(number, one, to) : attempt::no_way;
  if (how == attempt::sent)
    return keep(number, std::move(one));
  if (how == attempt::no_way)
    return put_off(number, std::move(one));
  count_out(one);
  guard.unlock();
  give_up(one.what, why_hopeless(how));
}

/// Another try would not help.
errc router::why_hopeless(attempt how) {
  return how == attempt::too_long ? errc::body_too_large : errc::unavailable;
}

/// Under the lock. One node that is away must not take the room of all others.
bool router::is_full(incarnation toward) const {
  const auto found = load_.find(toward);
  return abroad_.size() + waiting_.size() >= with_.limits.most_waiting
         || (found != load_.end()
             && found->second >= with_.limits.most_for_one);
}

/// Nodes of two versions live side by side while a cluster is upgraded.
bool router::is_understood(const any_command& what, incarnation by) const {
  const auto since = with_.first_version(what);
  if (since <= oldest_protocol)
    return true;
  const auto spoken = with_.version_of(by);
  return spoken == 0 || spoken >= since;
}

/// Under the lock.
router::attempt router::set_out(ticket number, errand_abroad& one,
                                incarnation to) {
  if (to == 0)
    return attempt::no_way;
  if (!is_understood(one.what.what, to))
    return attempt::not_understood;
  const auto home = one.what.from;
  const bool is_awaited = home.number != 0;
  one.what.from = {0, {}, is_awaited ? number : 0, with_.self};
  if (is_awaited)
    one.what.until = one.until;
  auto body = encode(one.what, with_.now());
  one.what.from = home;
  one.to = to;
  if (body.size() > with_.limits.longest_frame)
    return attempt::too_long;
  return with_.send(to, frame_kind::request, std::move(body)) ? attempt::sent
                                                              : attempt::no_way;
}

/// Under the lock. What nobody waits for is not kept once it was sent.
void router::keep(ticket number, errand_abroad one) {
  if (one.what.from.number != 0) {
    abroad_.emplace(number, std::move(one));
    return;
  }
  letters_.note(one.to, with_.now());
  count_out(one);
}

/// Under the lock. It takes its place in the line by its age.
void router::put_off(ticket number, errand_abroad one) {
  ++waited_for_[one.what.to];
  waiting_.emplace(number, std::move(one));
  is_any_waiting_ = true;
}

/// Under the lock. Who asks for the flag without it may see it set for longer.
router::errand_abroad router::leave_line(errands::iterator at) {
  auto out = std::move(at->second);
  if (const auto found = waited_for_.find(out.what.to); --found->second == 0)
    waited_for_.erase(found);
  waiting_.erase(at);
  is_any_waiting_ = !waiting_.empty();
  return out;
}

/// Under the lock.
void router::count_out(const errand_abroad& one) {
  if (const auto found = load_.find(one.toward); --found->second == 0)
    load_.erase(found);
}

/// Under the lock. Nothing if it was given up.
std::optional<router::errand_abroad> router::take_back(ticket number) {
  std::optional<errand_abroad> out;
  if (auto sent = abroad_.extract(number))
    out = std::move(sent.mapped());
  else if (auto at = waiting_.find(number); at != waiting_.end())
    out = leave_line(at); // its link was lost, and came back with the answer
  if (out)
    count_out(*out);
  return out;
}

void router::try_again() {
  refusals hopeless;
  {
    const std::lock_guard guard{lock_};
    end_the_late(hopeless);
    find_ways(hopeless);
  }
  for (auto& [what, why] : hopeless)
    give_up(what, why);
}

/// Under the lock.
void router::end_the_late(refusals& out) {
  const auto now = with_.now();
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    const auto at = i++;
    if (at->second.until > now)
      continue;
    auto one = leave_line(at);
    count_out(one);
    out.emplace_back(std::move(one.what), errc::unavailable);
  }
  for (auto i = abroad_.begin(); i != abroad_.end();) {
    const auto at = i++;
    auto& one = at->second;
    if (one.until > now)
      continue;
    count_out(one);
    const auto why =
      is_query(one.what.what) ? errc::unavailable : errc::outcome_unknown;
    out.emplace_back(std::move(one.what), why);
    abroad_.erase(at);
  }
}

/// Under the lock, oldest first. Where the shards are may change meanwhile, so
/// what stays keeps back what was said to the same entity later.
void router::find_ways(refusals& out) {
  std::set<incarnation> shut;
  std::unordered_set<entity_id> behind;
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    const auto at = i++;
    auto& [number, one] = *at;
    if (behind.contains(one.what.to))
      continue;
    if (!move_on(number, one, shut, out))
      behind.insert(one.what.to);
    else
      leave_line(at);
  }
}

/// Under the lock. Who had no way for one is not tried with the next.
bool router::move_on(ticket number, errand_abroad& one,
                     std::set<incarnation>& shut, refusals& out) {
  if (with_.shards->is_here(one.what.to)) {
    auto ours = one.what; // its entity is still to be known by
    if (!hand_in(ours))
      return false;
    count_out(one);
    return true;
  }
  const auto to = with_.shards->elsewhere(one.what.to);
  if (to == 0 || shut.contains(to))
    return false;
  const auto how = set_out(number, one, to);
  if (how == attempt::no_way) {
    shut.insert(to);
    return false;
  }
  if (how == attempt::sent) {
    keep(number, one);
    return true;
  }
  count_out(one);
  out.emplace_back(one.what, why_hopeless(how));
  return true;
}

void router::give_up(const request& what, errc why) {
  if (what.from.number != 0)
    with_.entities->deliver(response{what.from, answer{why}});
  else
    ++letters_lost_;
}

std::size_t router::waiting() const {
  const std::lock_guard guard{lock_};
  return abroad_.size() + waiting_.size();
}

// -- from elsewhere

void router::arrived(incarnation from, frame_kind kind, std::string_view body) {
  if (kind == frame_kind::request)
    hear_request(from, body);
  else if (kind == frame_kind::response)
    hear_response(from, body);
  else
    hear_moved(from, body);
}

/// What cannot be read must not cost the link, and all that is under way on it:
/// so whoever waits is told. What does not even say who asks is no frame of any
/// version, and ends the link.
std::uint64_t router::asker_of_unreadable(incarnation from,
                                          std::string_view body,
                                          const json::bad_shape& why) const {
  const auto number = asker_in(body);
  if (!number)
    throw why;
  with_.unreadable(from, why.what());
  return *number;
}

void router::hear_request(incarnation from, std::string_view body) {
  request what;
  try {
    what = decode_request(body, with_.now());
  } catch (const json::bad_shape& why) {
    if (const auto number = asker_of_unreadable(from, body, why); number != 0)
      send_out(response{{0, {}, number, from}, answer{errc::unavailable}});
    return;
  }
  obey(from, std::move(what));
}

void router::hear_response(incarnation from, std::string_view body) {
  response what;
  bool is_read = true;
  try {
    what = decode_response(body);
  } catch (const json::bad_shape& why) {
    is_read = false;
    what.to.number = asker_of_unreadable(from, body, why);
  }
  std::unique_lock guard{lock_};
  const auto asked = take_back(what.to.number);
  guard.unlock();
  if (!asked)
    return; // too late
  what.to = asked->what.from;
  if (!is_read || what.what.refused == errc::outcome_unknown)
    what.what.refused =
      is_query(asked->what.what) ? errc::unavailable : errc::outcome_unknown;
  with_.entities->deliver(std::move(what));
}

void router::hear_moved(incarnation from, std::string_view body) {
  const auto number = read_ticket(body);
  {
    const std::lock_guard guard{lock_};
    auto found = abroad_.find(number);
    if (found == abroad_.end() || found->second.to != from)
      return;
    put_off(number, std::move(found->second)); // it was not begun
    abroad_.erase(found);
  }
  with_.look_again();
}

void router::obey(incarnation from, request what) {
  if (what.from.number != 0) {
    what.from.node = from;
    if (with_.must_refuse(what.what))
      return send_out(response{what.from, answer{errc::overloaded}});
  }
  if (!is_behind(what) && hand_in(what))
    return;
  if (what.from.number != 0)
    with_.send(from, frame_kind::moved, write_ticket(what.from.number));
  else { // nobody could send it again
    const bool may_hurry = what.hops++ < most_hops_in_a_hurry;
    take_on(std::move(what), may_hurry);
  }
}

void router::lost(incarnation peer, duration unheard) {
  std::vector<request> unknown;
  {
    const std::lock_guard guard{lock_};
    letters_in_doubt_ += letters_.take(peer, unheard, with_.now());
    for (auto i = abroad_.begin(); i != abroad_.end();) {
      const auto at = i++;
      auto& one = at->second;
      if (one.to != peer)
        continue;
      if (one.what.key || is_query(one.what.what)) {
        one.what.newborn = false; // it may have been born there
        put_off(at->first, std::move(one));
      } else {
        count_out(one);
        unknown.push_back(std::move(one.what));
      }
      abroad_.erase(at);
    }
  }
  for (const auto& what : unknown)
    give_up(what, errc::outcome_unknown);
}

} // namespace usher::cluster

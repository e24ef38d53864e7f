#include "cluster/router.hpp"

#include "protocol/frame.hpp"

namespace usher::cluster {

namespace {

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
  switch (with_.entities->accept(what)) {
    case reception::accepted:
      return true;
    case reception::set_aside:
      deliver(response{what.from, answer{errc::quarantined, {}, {}}});
      return true;
    case reception::full:
      deliver(response{what.from, answer{errc::overloaded, {}, {}}});
      return true;
    case reception::not_here:
      break;
  }
  return false;
}

/// An entity's words may rest on what is not durable yet; those of an HTTP
/// handler rest on nothing.
std::uint64_t router::deliver(request what) {
  if (hand_in(what))
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
  if (!hand_in(what)) // it may have come here meanwhile
    take_on(std::move(what));
}

void router::send_out(response what) {
  const auto to = std::exchange(what.to.node, 0);
  with_.send(to, frame_kind::response, encode(what));
}

// -- on the way

void router::take_on(request what, bool at_once) {
  if (!with_.shards->has(cell_of(what.to)))
    return give_up(what, errc::not_found);
  std::unique_lock guard{lock_};
  if (abroad_.size() >= with_.limits.most_waiting) {
    guard.unlock();
    return give_up(what, errc::overloaded);
  }
  const auto until = with_.now() + with_.limits.patience;
  const auto number = ++last_ticket_;
  auto& one = abroad_.emplace(number, errand_abroad{std::move(what), 0, until})
                .first->second;
  if (at_once)
    set_out(number, one);
}

/// Under the lock. What nobody waits for is not kept once it was sent.
void router::set_out(ticket number, errand_abroad& one) {
  const auto to = with_.shards->elsewhere(one.what.to);
  if (to == 0)
    return;
  const auto home = one.what.from;
  const bool is_awaited = home.number != 0;
  one.what.from = {0, {}, is_awaited ? number : 0, with_.self};
  if (is_awaited)
    one.what.until = one.until;
  const bool is_sent =
    with_.send(to, frame_kind::request, encode(one.what, with_.now()));
  one.what.from = home;
  if (!is_sent)
    return;
  one.to = to;
  if (!is_awaited)
    abroad_.erase(number);
}

void router::try_again() {
  std::vector<std::pair<request, errc>> hopeless;
  std::vector<request> ours;
  {
    const std::lock_guard guard{lock_};
    const auto now = with_.now();
    for (auto i = abroad_.begin(); i != abroad_.end();) {
      auto at = i++;
      auto& one = at->second;
      if (one.until <= now) {
        const bool is_harmless = one.to == 0 || is_query(one.what.what);
        hopeless.emplace_back(std::move(one.what), is_harmless
                                                     ? errc::unavailable
                                                     : errc::outcome_unknown);
        abroad_.erase(at);
      } else if (one.to == 0 && with_.shards->is_here(one.what.to)) {
        ours.push_back(std::move(one.what));
        abroad_.erase(at);
      } else if (one.to == 0) {
        set_out(at->first, one);
      }
    }
  }
  for (auto& what : ours)
    send_out(std::move(what));
  for (auto& [what, why] : hopeless)
    give_up(what, why);
}

void router::give_up(const request& what, errc why) {
  if (what.from.number != 0)
    with_.entities->deliver(response{what.from, answer{why, {}, {}}});
}

std::size_t router::waiting() const {
  const std::lock_guard guard{lock_};
  return abroad_.size();
}

// -- from elsewhere

void router::arrived(incarnation from, frame_kind kind, std::string_view body) {
  if (kind == frame_kind::request)
    return obey(from, decode_request(body, with_.now()));
  if (kind == frame_kind::response) {
    auto what = decode_response(body);
    std::unique_lock guard{lock_};
    auto found = abroad_.extract(what.to.number);
    guard.unlock();
    if (found.empty())
      return; // too late
    what.to = found.mapped().what.from;
    with_.entities->deliver(std::move(what));
    return;
  }
  const auto number = read_ticket(body);
  {
    const std::lock_guard guard{lock_};
    auto found = abroad_.find(number);
    if (found == abroad_.end() || found->second.to != from)
      return;
    found->second.to = 0; // it was not begun
  }
  with_.look_again();
}

void router::obey(incarnation from, request what) {
  if (what.from.number != 0) {
    what.from.node = from;
    if (with_.must_refuse(what.what))
      return send_out(response{what.from, answer{errc::overloaded, {}, {}}});
  }
  if (hand_in(what))
    return;
  if (what.from.number != 0)
    with_.send(from, frame_kind::moved, write_ticket(what.from.number));
  else // nobody could send it again; and two must not play ball with it
    take_on(std::move(what), false);
}

void router::lost(incarnation peer) {
  std::vector<request> unknown;
  {
    const std::lock_guard guard{lock_};
    for (auto i = abroad_.begin(); i != abroad_.end();) {
      auto& one = i->second;
      if (one.to != peer) {
        ++i;
      } else if (one.what.key || is_query(one.what.what)) {
        one.to = 0;
        one.what.newborn = false; // it may have been born there
        ++i;
      } else {
        unknown.push_back(std::move(one.what));
        i = abroad_.erase(i);
      }
    }
  }
  for (const auto& what : unknown)
    give_up(what, errc::outcome_unknown);
}

} // namespace usher::cluster

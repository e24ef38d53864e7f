#include "cluster/mesh_engine.hpp"

#include <algorithm>
#include <utility>

/// Whom a node should have links to, and when they are dialed.
namespace usher::cluster {

namespace {

constexpr duration longest_pause{2000};
constexpr duration proven{1000}; ///< a link that lasted has not failed

} // namespace

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
  {
    const std::unique_lock guard(lock_);
    to.next_dial = now + duration{part(chance_)};
    to.pause = std::min(pause * 2, longest_pause);
    to.trouble = why;
  }
  if (lasted)
    to.told.clear();
  if (std::exchange(to.told, why) != why && events_.troubled)
    events_.troubled(to.who, why);
}

} // namespace usher::cluster

#include "cluster/placement.hpp"

#include "cluster/rendezvous.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace usher::cluster {

namespace {

std::uint64_t hash_of_name(std::string_view name) {
  std::uint64_t x = 0xcbf2'9ce4'8422'2325; // FNV-1a
  for (const char c : name)
    x = (x ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
  return x;
}

/// A worker in the draw.
struct candidate {
  incarnation self;
  double weight;
  std::uint64_t seed;

  double draw(shard_no shard) const {
    return cluster::draw(mix(seed ^ mix(shard)), weight);
  }
};

bool is_candidate(const cluster_member& one) {
  return one.about.is_worker && one.state == member_state::serving;
}

/// One that is set up to be alone, beside a cluster, hears of no gift.
bool can_be_reached(const cluster_view& all, const cluster_member& one) {
  return !one.about.cluster_address.empty()
         || std::ranges::all_of(all.members, [](const auto& other) {
              return other.about.cluster_address.empty();
            });
}

bool knows_pins(const cluster_member& one) {
  return one.about.protocol.high >= first_with_pins;
}

std::vector<candidate> candidates_of(const cluster_view& all,
                                     member_state state) {
  std::vector<candidate> out;
  for (const auto& one : all.members)
    if (one.about.is_worker && one.state == state && one.about.weight > 0
        && can_be_reached(all, one))
      out.push_back({one.self, one.about.weight, hash_of_name(one.about.name)});
  return out;
}

/// Who drains and takes all the same: who has nothing left is about to leave,
/// unless that is so of all.
std::vector<candidate> last_resort_of(const cluster_view& all) {
  auto out = candidates_of(all, member_state::draining);
  std::erase_if(out, [&](const candidate& one) {
    return all.find(one.self)->about.protocol.high < first_with_last_resort;
  });
  const auto has_any = [&](const candidate& one) {
    return std::ranges::find(all.shards, one.self, &shard_owner::owner)
           != all.shards.end();
  };
  if (std::ranges::any_of(out, has_any))
    std::erase_if(out, std::not_fn(has_any));
  return out;
}

const cluster_member* named(const cluster_view& all, std::string_view name) {
  for (const auto& one : all.members)
    if (one.about.name == name)
      return &one;
  return nullptr;
}

/// Who has the shard by the will of an operator; 0 = nobody.
incarnation pinned_to(const cluster_view& all, shard_no shard) {
  const auto pin = all.pins.find(shard);
  if (pin == all.pins.end())
    return 0;
  const auto* who = named(all, pin->second);
  return who && is_candidate(*who) && can_be_reached(all, *who)
             && knows_pins(*who)
           ? who->self
           : 0;
}

incarnation best_of(const std::vector<candidate>& all, shard_no shard) {
  incarnation winner = 0;
  double best = 0;
  for (const auto& one : all) {
    const auto drawn = one.draw(shard);
    if (winner == 0 || drawn < best) {
      winner = one.self;
      best = drawn;
    }
  }
  return winner;
}

/// The winner of each shard.
class decision {
public:
  explicit decision(const cluster_view& all)
    : all_(all), candidates_(candidates_of(all, member_state::serving)) {
    if (candidates_.empty())
      last_resort_ = last_resort_of(all);
  }

  incarnation operator()(shard_no shard) const {
    const auto pinned = pinned_to(all_, shard);
    return pinned != 0 ? pinned : best_of(candidates_, shard);
  }

  /// Who is to take it if nobody living owns it.
  incarnation heir_of(shard_no shard) const {
    const auto winner = (*this)(shard);
    return winner != 0 ? winner : best_of(last_resort_, shard);
  }

private:
  const cluster_view& all_;
  std::vector<candidate> candidates_;
  std::vector<candidate> last_resort_; // if there are no candidates
};

} // namespace

incarnation winner_of(const cluster_view& all, shard_no shard) {
  return decision(all)(shard);
}

std::string_view why_not_move(const cluster_view& all, shard_no shard,
                              std::string_view to) {
  const auto* who = named(all, to);
  if (!who)
    return "there is no living node of that name";
  if (!who->about.is_worker)
    return "that node is a front only and owns nothing";
  if (who->state != member_state::serving)
    return "that node is draining";
  if (!can_be_reached(all, *who))
    return "that node is set up to be alone";
  if (!knows_pins(*who))
    return "that node is of a version that cannot keep it";
  if (who->lease_until < all.now)
    return "that node has not renewed its lease";
  const auto* owner = all.owner_of(shard);
  if (owner && !knows_pins(*owner))
    return "its owner is of a version that would not give it";
  return {};
}

moves plan(const cluster_view& all, incarnation self) {
  moves out;
  const decision winner_of_shard(all);
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    const auto winner = winner_of_shard(shard);
    const auto* owner = all.owner_of(shard);
    if (!owner && self != 0 && winner_of_shard.heir_of(shard) == self)
      out.take.push_back(shard);
    const bool is_ours = owner && owner->self == self;
    if (is_ours && winner != 0 && winner != self
        && all.find(winner)->lease_until >= all.now)
      out.give.push_back({shard, winner});
  }
  return out;
}

std::vector<gift> misplaced(const cluster_view& all) {
  std::vector<gift> out;
  const decision winner_of_shard(all);
  for (shard_no shard = 0; shard < shard_count; ++shard) {
    const auto winner = winner_of_shard(shard);
    const auto* owner = all.owner_of(shard);
    if (winner != 0 && owner && owner->self != winner)
      out.push_back({shard, winner});
  }
  return out;
}

} // namespace usher::cluster

#pragma once

#include "cluster/link_wire.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

namespace usher::cluster {

/// What detours need of their node. `found` and `lost` come on the thread that
/// brought the news, while no lock is held.
struct detour_settings {
  incarnation self = 0;
  /// Sends a frame over the link to that node; false = it was not sent.
  std::function<bool(incarnation, frame_kind, std::string)> send;
  /// A frame came from a node by a detour.
  std::function<void(incarnation from, frame_kind, std::string body)> arrived;
  /// There is a way to that node, or another one than before: over its link, if
  /// `by` is itself, or relayed by that node.
  std::function<void(incarnation to, incarnation by)> found;
  /// The way to that node is no more; what was sent on it may have been lost.
  std::function<void(incarnation to, incarnation by)> lost;
  /// Rounds after the end of a link until its other side must have noticed it,
  /// too: before, answers would go where nobody hears them.
  unsigned rounds_to_notice = 30;
  /// Rounds that nobody is sent anything by this node after some of it was
  /// lost.
  unsigned rounds_of_rest = 25;
};

/// The ways from this node to all others: over the link to a node, or, where
/// two have none although both live, through a third that has links to both.
/// Nodes tell each other whom they have links to, as often as that changes.
///
/// A link is the best way once its other side has told, as only then both sides
/// hear; until then, and without one, a way stays as long as it holds, and a
/// new one is by the neighbour with the smallest number, a little after the
/// link has ended. On one way frames arrive in order or the way is said to be
/// lost; where it changes while it holds, later frames may overtake earlier
/// ones. A frame is passed on once, and waits in no other window than those of
/// the two links. Any thread.
class detours {
public:
  explicit detours(detour_settings with) : with_(std::move(with)) {}

  /// There is a link to that node, which speaks this version.
  void link_came(incarnation who, std::uint16_t version);

  void link_went(incarnation who);

  /// Who lives, as far as this node knows. There are no detours to others, and
  /// from others none are heard.
  void meet(std::set<incarnation> members);

  /// A frame `reach` came over the link to that node. Throws json::bad_shape.
  void note(incarnation from, std::string_view body);

  /// A frame `relayed` came over the link to that node: it is for this node, or
  /// to be passed on. Throws json::bad_shape.
  void hear(incarnation from, std::string body);

  /// Sends a frame on the way to that node; false, and nothing was sent: if
  /// there is none, or its first link takes no more. A link whose window is
  /// full is not gone round.
  bool send(incarnation to, frame_kind kind, std::string body) const;

  /// The version to speak with that node; 0 = there is no way.
  std::uint16_t version(incarnation to) const;

  /// By which node the way to that one leads: itself over its link; 0 = there
  /// is no way.
  incarnation next_hop(incarnation to) const;

  /// The nodes that there is a way to.
  std::vector<incarnation> reached() const;

  /// Tells what did not fit into a window, and takes detours that had to wait.
  /// To be called every 20 ms.
  void make_rounds();

private:
  /// What a neighbour still has to hear: of all links here, or first that no
  /// way leads on from here, as something was lost on one.
  enum class debt : std::uint8_t { nothing, links, end };

  struct neighbour {
    std::uint16_t version = 0;
    bool has_told = false; ///< over this link: so both sides hear
    std::map<incarnation, std::uint16_t> reaches; ///< and in which version
    debt owed = debt::nothing;
    unsigned rest = 0; ///< rounds until it hears of links again

    bool knows_detours() const { return version >= first_with_detours; }
  };

  /// The way to a node is another one.
  struct turn {
    incarnation to = 0;
    incarnation before = 0; ///< 0 = there was none
    incarnation after = 0;
    bool is_lost = false;
  };

  template <class Work>
  void change(Work work);
  std::vector<turn> look_anew();
  incarnation choose(incarnation to) const;
  bool leads(incarnation by, incarnation to) const;
  incarnation way_to(incarnation who) const;
  void owe_all();
  void tell_neighbours();
  void pass_on(incarnation origin, incarnation target, std::string body);

  const detour_settings with_;
  std::mutex telling_;             // so that news comes in its order
  mutable std::shared_mutex lock_; // of those below
  std::map<incarnation, neighbour> links_;
  std::map<incarnation, unsigned> parted_; ///< links just gone: rounds to wait
  std::set<incarnation> members_;
  std::map<incarnation, incarnation> ways_; ///< by whom each is reached
};

} // namespace usher::cluster

#pragma once

#include "protocol/request.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace usher::cluster {

/// A command that crashed its entity, at least twice.
struct dead_letter {
  std::uint64_t number = 0; ///< of this node's life, from 1
  request what;             ///< without who waited for it, or until when
  std::uint32_t crashes = 0;
  timestamp at; ///< the last time
  std::string why;
};

/// Remembers which commands entities crashed on. A command is the same if it
/// says the same to the same entity. Any thread; keeps at most 100 dead letters
/// and 100 commands that crashed once, the newest.
class dead_letters {
public:
  /// The entity crashed on this command.
  void note(request what, const std::string& why, timestamp now);

  /// Oldest first.
  std::vector<dead_letter> all() const;

  /// That of this number; it stays.
  std::optional<dead_letter> find(std::uint64_t number) const;

  /// Reserves one for who wants to try it again or to drop it, until `let_go`;
  /// false if somebody else has.
  bool reserve(std::uint64_t number);

  void let_go(std::uint64_t number);

  /// Takes one out: to forget it, or because its entity has obeyed.
  std::optional<dead_letter> take(std::uint64_t number);

  /// Forgets all of one entity; returns how many.
  std::size_t forget(const entity_id&);

  /// Adds those of an earlier life, under the numbers they had; what was noted
  /// in this one is numbered after them.
  void restore(std::vector<dead_letter>);

  /// Calls it whenever `all` has come to say something else, on whatever thread
  /// and not to be kept waiting; an empty one ends that.
  void tell(std::function<void()> changed);

private:
  void say_changed() const;

  struct suspect {
    std::string text; ///< the command as it travels
    dead_letter so_far;
  };

  mutable std::mutex lock_;
  std::deque<suspect> seen_;
  std::set<std::uint64_t> reserved_;
  std::uint64_t numbered_ = 0;
  std::function<void()> changed_;
};

} // namespace usher::cluster

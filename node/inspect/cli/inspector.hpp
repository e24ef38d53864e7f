#pragma once

#include "node/inspect/cli/hot_rates.hpp"
#include "node/inspect/cli/live.hpp"
#include "node/inspect/cli/replay.hpp"
#include "node/inspect/cli/target.hpp"
#include "node/inspect/shapes.hpp"

#include <functional>
#include <map>
#include <memory>

namespace usher::inspect {

/// The command line makes no sense: exit code 2.
struct bad_usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A database is needed, and none is named: exit code 2.
struct no_database : bad_usage {
  using bad_usage::bad_usage;
};

/// What the command line asks for, beside the command.
struct wishes {
  std::size_t limit = 100;   ///< rows of an answer
  duration deadline{5'000};  ///< for the whole command
  bool only_durable = false; ///< asks PostgreSQL alone
  bool is_confirmed = false; ///< --yes
  std::string kind;          ///< of entities; empty = all
  std::string sort = "mailbox";
  duration window{10'000};
  cell_no cell = first_cell; ///< for what is asked of one cell's PostgreSQL
};

/// A moment in an entity's life, as the command line names it.
struct instant {
  std::optional<version> number;
  std::optional<timestamp> when;
};

/// Reads a version, an RFC 3339 time, or how long ago, as in `-10min`. Throws
/// bad_usage.
instant parse_instant(const std::string&, timestamp now);

/// Carries out commands: one function for each. What PostgreSQL knows is asked
/// there, what only a node knows from each node. Whoever is silent is named as
/// missing, and what the others say is told. All throw bad_usage for what makes
/// no sense, persistence::unavailable when nobody but PostgreSQL could answer
/// and it does not, and broken_journal.
class inspector {
public:
  using steady = std::chrono::steady_clock;

  inspector(const target&, wishes, messenger);

  report nodes();
  report shards(const std::string& node);
  report where(const std::string& who);
  report state(const std::string& who, const std::string& at);
  report diff(const std::string& who, const std::string& a,
              const std::string& b);
  report journal(const std::string& who, version from);

  /// What the request of that trace brought about, if it asked to be traced.
  report trace(const std::string& digits);

  report actors();
  report hot();

  /// The rows of `hot` since the last call with this `since_last`. Counting
  /// begins with the first call, which returns nothing.
  boost::json::array hotter(hot_rates& since_last);

  report tree();
  report quarantine(const std::string& act, const std::string& who);
  report dead_letters(const std::string& act, const std::string& number);

  /// One of passivate, restart, drain, event: `words` are what follows on the
  /// command line. What one node can do for all, `first` is asked to do first.
  report act(const std::string& what, const std::vector<std::string>& words,
             incarnation first = 0);

  /// Moves a shard to a node and pins it there or, without a node, takes the
  /// pin away; then waits until the shard is where it is to be.
  report move(const std::vector<std::string>& words, bool is_unpin);

  /// What was done by hand, the last.
  report audit();

  /// Which shards the nodes will move by themselves, and to whom.
  report rebalance();

  /// Calls `each` with every fact that becomes durable from now on, of one
  /// entity or of all of a kind, up to `most`, for so long.
  report follow(const std::string& what, std::size_t most, duration time,
                const std::function<void(const boost::json::object&)>& each);

  /// The clock of the database, or of this machine if there is none.
  timestamp now();

private:
  void knock();
  void share_time();
  void fall_silent(cell_no, const std::string& why, steady::time_point since);
  stored& database();
  entity_id find(const std::string& name);
  std::vector<peer> peers();
  std::vector<peer> peers_by_database();
  template <class Work>
  bool with_database(Work);
  template <class Work>
  bool with_each_database(Work);
  std::vector<peer> peers_by_address();
  std::vector<std::string> checked(const std::string& what,
                                   std::vector<std::string> words);
  std::vector<said_by> order(const std::string& what,
                             const boost::json::object&, incarnation first);
  cluster_view placement();
  void wait_until_placed(shard_no, report&);
  void note(const std::vector<said_by>&, bool strict, report&) const;
  void note_silent(cell_no, const std::string& why, report&) const;
  std::vector<said_by> ask(const boost::json::object& question);
  std::vector<said_by> ask_for_figures();
  void add_stored_place(const entity_id&, report&);
  version version_of(const entity_id&, const instant&);
  replayed replay_to(const entity_id&, version upto);
  void add_durable(const entity_id&, const std::string& at, report&);
  void add_in_flight(const entity_id&, report&);
  void add_letters_of_the_gone(const std::vector<said_by>&,
                               boost::json::array& rows, report&);
  std::function<std::vector<journal_entry>(std::size_t most)>
  news_of(const std::string& what);

  target target_;
  wishes wishes_;
  messenger messenger_;
  steady::time_point until_;
  duration patience_;         ///< with one call of a database
  cell_no cell_ = first_cell; ///< which of them `database` is
  std::map<cell_no, std::shared_ptr<stored>> databases_;
  bool has_knocked_ = false;
  /// Why some databases do not answer: they are not asked again.
  std::map<cell_no, std::string> silences_;
};

/// Does `work` with the database of the cell which is spoken of; false if that
/// is silent, which `note` then tells.
template <class Work>
bool inspector::with_database(Work work) {
  const auto begun = steady::now();
  try {
    work(database());
    return true;
  } catch (const persistence::unavailable& why) {
    fall_silent(cell_, why.what(), begun);
  } catch (const no_database& why) {
    silences_[cell_] = why.what();
  }
  return false;
}

/// The same for the database of each cell; false if any is silent.
template <class Work>
bool inspector::with_each_database(Work work) {
  if (databases_.empty())
    return with_database(work);
  bool is_whole = true;
  for (const auto& [cell, one] : databases_) {
    cell_ = cell;
    is_whole &= with_database(work);
  }
  return is_whole;
}

/// A row of the journal as `journal`, `trace` and `follow` show it: at most so
/// many of its facts, and their bodies `shortened` to that.
boost::json::object show_row(const journal_entry&, std::size_t limit,
                             bool& is_cut);

} // namespace usher::inspect

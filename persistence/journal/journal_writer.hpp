#pragma once

#include "persistence/journal/committer.hpp"
#include "protocol/output_gate.hpp"

namespace usher::persistence {

/// Whom the writer tells of what became durable.
struct audience {
  std::vector<caf::actor> bridges; ///< by number, from 1
  caf::actor archive;              ///< for snapshots
  caf::actor alarm_clock;
  caf::actor gateway; ///< for errands
  /// Who follows the journal. The predicate is asked for each row.
  std::vector<std::pair<std::function<bool(const entry&)>, caf::actor>>
    followers;
  std::function<void(request)> send_abroad; ///< to entities of other nodes
  std::function<void(response)> answer_abroad;
};

/// Rounds that are durable, on their way from the committer's thread to the
/// actor that lets them out.
class finished_rounds {
public:
  /// True if whoever takes them is to be told.
  bool put(round);

  /// All that were put since the last time, in their order.
  std::vector<round> take_all();

private:
  std::mutex lock_;
  std::vector<round> all_;
};

struct writer_settings {
  std::shared_ptr<finished_rounds> finished;
  std::shared_ptr<const audience> to;
  std::shared_ptr<output_gate> gate;
  std::shared_ptr<writer_gauge> gauge;
};

/// The mouth of the journal: says what became durable, while the committer
/// already writes the next batch. Words of one entity leave in the order in
/// which it said them. Looks for finished rounds when it hears a `tick`.
class journal_writer final : public caf::event_based_actor {
public:
  journal_writer(caf::actor_config& cfg, writer_settings settings);

private:
  caf::behavior make_behavior() override;
  void on_exit() override;

  void let_out(round finished);
  void say(words& what);
  void tell_followers(const batch& finished);

  writer_settings with_;
};

/// A journal in use. Stop the commits before the mouth is sent home.
struct journal_in_use {
  caf::actor mouth;
  std::shared_ptr<committer> commits;
};

/// What is added to its commits leaves, once durable, to the audience.
journal_in_use open_journal(caf::actor_system&, commit_settings,
                            std::shared_ptr<const audience>,
                            std::shared_ptr<output_gate>);

} // namespace usher::persistence

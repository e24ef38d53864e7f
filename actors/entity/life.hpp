#pragma once

#include "actors/entity/entity.hpp"
#include "protocol/journal.hpp"
#include "protocol/request.hpp"

#include <memory>

namespace usher {

/// An entity waited long for another one's answer.
struct long_wait {
  entity_id asked;
  trace by;
  duration took{};
  bool is_over = true; ///< an answer came; else it was given up
};

/// What one step of a life wants done, in this order: `record` goes to the
/// journal, `outside` leaves once the journal has it and everything before it,
/// `inside` may leave at once, because whatever it causes is journaled later.
struct outbox {
  std::optional<entry> record;
  std::optional<alarm> timer;
  std::vector<response> outside;
  std::vector<errand> errands;
  std::vector<request> inside;
  std::vector<response> answers; ///< to entities that asked
  std::optional<request> again;  ///< it waited: to be received next
  std::optional<long_wait> late; ///< for the log
};

/// The course of one entity's life, without threads, clock or disk: commands
/// go in, facts and messages come out. It decides one command after the other
/// on a state that may run ahead of the journal. It remembers what it answered
/// to requests that may be repeated. An exception from any of these means that
/// this life is over: the next one begins by replay.
class life {
public:
  virtual ~life() = default;

  /// Folds everything stored. Called once, before anything else.
  virtual void remember(const history& past) = 0;

  /// Somebody wants something.
  virtual void receive(request what, timestamp now, outbox& out) = 0;

  /// An answer to what this entity asked. One that nobody waits for is dropped.
  virtual void hear(response what, timestamp now, outbox& out) = 0;

  /// Gives up a question that was asked before `since`, and forgets answers
  /// that are older than 24 hours.
  virtual void tidy(timestamp since, timestamp now, outbox& out) = 0;

  /// Everybody who waits hears `why`; then this life is over.
  virtual void abandon(errc why, outbox& out) = 0;

  /// True while no answer is awaited and no command waits.
  virtual bool idle() const = 0;

  /// Commands that wait for the answer to a question.
  virtual std::size_t waiting() const = 0;

  /// The command whose decision threw, at once or when an answer to its
  /// question came; to be asked once, after that.
  virtual std::optional<request> culprit() = 0;

  /// Of the command that is being decided, also when that threw.
  virtual trace under() const = 0;

  /// True if the state wants to be woken at or before `now`.
  virtual bool overdue(timestamp now) const = 0;

  virtual version now() const = 0;

  /// The state and the remembered answers, for the shelf.
  virtual snapshot fold() const = 0;
};

/// A new, empty life of the given kind; null if its number is none.
std::unique_ptr<life> conceive(const entity_id&);

} // namespace usher

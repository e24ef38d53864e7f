#pragma once

#include "protocol/journal.hpp"
#include "protocol/request.hpp"

#include <caf/all.hpp>

#include <functional>
#include <memory>

/// What actors of one node say to each other. Between nodes only frames
/// travel, so none of these is ever serialized.
namespace usher {

/// An entity's words to the journal. What is said here leaves once the record,
/// and everything any entity of this node submitted before it, is durable; the
/// `output_gate` tells how far that is. What an actor heard was submitted
/// before it heard of it, so an answer can never overtake a fact it rests on.
struct submission {
  std::optional<entry> record;
  std::optional<alarm> timer;
  std::vector<response> answers; ///< to HTTP, here or elsewhere
  std::vector<request> mail;     ///< to entities of other nodes
  std::vector<errand> errands;
  std::optional<snapshot> picture;
};

/// Asks the journal to say `settled` once all that was submitted is durable.
struct barrier {
  caf::actor from;
};

struct settled {};

/// Asks the archive for a history; it answers with a message `history`.
struct load {
  entity_id entity;
  caf::actor from;
};

/// How a life of an entity begins.
enum class birth : std::uint8_t {
  newborn,    ///< nothing is stored: there is nothing to read
  returning,  ///< what is stored is read
  restarting, ///< the same, once all that the last life submitted is durable
};

/// To an entity: nobody has spoken to it for a while. To others, and to one
/// that has died, from themselves: there is work, or it is time to look for
/// some.
struct tick {};

/// What an entity tells of itself, when it is its turn.
struct glance {
  entity_id entity;
  std::size_t mailbox = 0; ///< messages behind this one
  std::size_t waiting = 0; ///< commands behind its question
  bool is_asking = false;
  std::uint64_t heard = 0; ///< messages, in this life
  duration age{};          ///< of this life
  version now = 0;         ///< may run ahead of the journal
  std::string fold;        ///< as in a snapshot; only if it was asked for
};

/// Somebody looks in. Comes in its turn like everything else; `tell` may be
/// called at any later time, or never, on any thread.
struct look {
  bool with_fold = false;
  std::function<void(glance)> tell;
};

/// An operator wants a new life for the entity.
struct begin_again {};

/// The entity's shard moves to another node: it is to leave, as soon as nothing
/// is under way, or at once.
struct evict {
  bool at_once = false;
};

/// Several answers for one bridge.
struct responses {
  std::vector<response> all;
};

/// Alarms that are durable now.
struct alarms {
  std::vector<alarm> all;
};

/// One entry as the journal has it now.
struct published_entry {
  shard_no shard = 0;
  std::uint64_t lsn = 0;
  entry what;
};

/// What became durable together, for those who follow the journal.
struct publication {
  std::shared_ptr<const std::vector<published_entry>> all;
};

/// Shards that this node writes from now on.
struct adopted {
  std::vector<shard_lease> shards;
};

/// Shards that this node does not write any more.
struct disowned {
  std::vector<shard_no> shards;
};

/// Calls for whoever talks to payment providers.
struct errands {
  std::vector<errand> all;
};

/// Whatever an entity may say to others, and the end of its stay in memory.
class post_office {
public:
  virtual ~post_office() = default;

  /// Brings a command to its entity, waking it if it is not in memory. Whatever
  /// goes wrong, the sender hears of it. Returns the number of the submission
  /// that carries it, or 0 if it needed none: what the sender says next shall
  /// not overtake it.
  virtual std::uint64_t deliver(request) = 0;

  /// Brings an answer to who asked. One that nobody waits for any more is lost.
  virtual void deliver(response) = 0;

  /// Takes the entity off the books, if nothing is in its mailbox; from then
  /// on, the next command wakes a new life.
  virtual bool retire(const entity_id&,
                      const std::function<bool()>& is_empty) = 0;

  /// The entity's life ended by a fault while it did `what`.
  virtual void bury(const entity_id&, const std::string& what,
                    const std::string& why) = 0;

  /// The command on which it did so; comes before `bury`.
  virtual void witness(request, const std::string& /*why*/) {}

  /// The entity's life was ended from outside: that is no failure of its own.
  virtual void recall(const entity_id&) = 0;
};

} // namespace usher

CAF_BEGIN_TYPE_ID_BLOCK(usher, first_custom_type_id)

  CAF_ADD_TYPE_ID(usher, (usher::request))
  CAF_ADD_TYPE_ID(usher, (usher::response))
  CAF_ADD_TYPE_ID(usher, (usher::history))
  CAF_ADD_TYPE_ID(usher, (usher::snapshot))
  CAF_ADD_TYPE_ID(usher, (usher::submission))
  CAF_ADD_TYPE_ID(usher, (usher::barrier))
  CAF_ADD_TYPE_ID(usher, (usher::settled))
  CAF_ADD_TYPE_ID(usher, (usher::load))
  CAF_ADD_TYPE_ID(usher, (usher::tick))
  CAF_ADD_TYPE_ID(usher, (usher::responses))
  CAF_ADD_TYPE_ID(usher, (usher::alarms))
  CAF_ADD_TYPE_ID(usher, (usher::publication))
  CAF_ADD_TYPE_ID(usher, (usher::errands))
  CAF_ADD_TYPE_ID(usher, (usher::adopted))
  CAF_ADD_TYPE_ID(usher, (usher::disowned))
  CAF_ADD_TYPE_ID(usher, (usher::look))
  CAF_ADD_TYPE_ID(usher, (usher::begin_again))
  CAF_ADD_TYPE_ID(usher, (usher::evict))

CAF_END_TYPE_ID_BLOCK(usher)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::history)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::submission)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::barrier)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::load)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::responses)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::alarms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::errands)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::adopted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::disowned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::look)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::begin_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(usher::evict)

#pragma once

#include "cluster/directory.hpp"
#include "cluster/link_wire.hpp"
#include "node/inspect/pace.hpp"
#include "persistence/journal/writer_gauge.hpp"
#include "persistence/lists/projector_actor.hpp"
#include "persistence/postgres/pg_audit.hpp"
#include "protocol/membership.hpp"

#include <boost/json.hpp>

#include <functional>

/// The side of the inspector that lives in a node.
namespace usher::inspect {

/// What a node lets be seen of itself. All of it may be used from any thread,
/// as long as the inspection lives.
struct insides {
  std::string name;
  std::int64_t self = 0; ///< its incarnation
  cluster::directory* entities = nullptr;
  std::shared_ptr<persistence::writer_gauge> writer;
  std::shared_ptr<persistence::projector_gauge> lists;
  persistence::pg_audit* audit = nullptr;
  std::function<timestamp()> now;
  /// Its counters; `at` may be left out.
  std::function<counters()> count;
  /// serving, starting or draining.
  std::function<std::string()> state;
  /// Asks an entity, here or elsewhere, and waits for what it says:
  /// outcome_unknown if it says nothing in time.
  std::function<usher::answer(request)> ask;
  /// Whom this node takes for the owner of an entity's shard; 0 = it knows
  /// none. May be left out.
  std::function<std::int64_t(const entity_id&)> owner_of;
  /// The living members, as far as this node knows.
  std::function<std::vector<cluster_member>()> members;
  // Whether the three below were carried out may be `not_known`.
  /// Sets a node to draining; says why it may not be, and nothing if it may.
  std::function<std::string(const std::string& node)> drain;
  /// Moves a shard to a node; says why it may not be, and nothing if it may.
  std::function<std::string(shard_no, const std::string& node)> pin;
  /// Lets a shard go where the weights say.
  std::function<void(shard_no)> unpin;
  /// Its links to other members, as README.md shows them. May be left out.
  std::function<boost::json::array()> links;
  /// What runs beside entities: branches for the tree of supervision.
  std::function<boost::json::array()> staff;
};

/// Answers questions about one node, and carries out what an administrator
/// asks for. Costs nothing while nobody asks. What leaves it is redacted and
/// printable. Any thread.
///
/// Questions and answers are JSON objects: {"ask":"node"}, or {"do":"restart",
/// "words":[..],"by":".."}; README.md beside this file lists them. A question
/// that is not answered gets {"refused":".."}.
class inspection {
public:
  explicit inspection(insides);

  /// Never throws. May take a second, as it waits for entities to tell.
  std::string answer(std::string_view question, cluster::rights,
                     const std::string& visitor);

private:
  using object = boost::json::object;

  object answer_to(const object& question, cluster::rights,
                   const std::string& visitor);
  object node();
  object where(const object& question);
  object actors(const object& question);
  object state(const object& question);
  object hot(const object& question);
  object tree();
  object members();
  object quarantine();
  object dead_letters();

  object act(const object& order, const std::string& visitor);
  bool concerns(const std::string& act, const std::vector<std::string>& words);
  std::string carry_out(const std::string& act,
                        const std::vector<std::string>& words);
  std::string pause_event(const std::vector<std::string>& words);
  std::string passivate(const entity_id&);
  std::string begin_again(const entity_id&);
  std::string end_quarantine(const entity_id&, bool retry);
  std::string settle_letter(const std::string& number, bool retry);
  std::string drain(const std::string& node);
  std::string move_shard(const std::vector<std::string>& words);

  std::vector<glance> look_at(const std::vector<cluster::inhabitant>&,
                              bool with_fold) const;

  insides in_;
  pace pace_;
};

} // namespace usher::inspect

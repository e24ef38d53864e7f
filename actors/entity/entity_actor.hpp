#pragma once

#include "actors/entity/life.hpp"
#include "actors/entity/surroundings.hpp"

namespace usher {

/// Gives a life a mailbox: brings it commands and answers, and carries what it
/// says to the journal and to others. On any fault it quits, and the entity is
/// born again by replay.
class entity_actor final : public caf::event_based_actor {
public:
  entity_actor(caf::actor_config& cfg, const entity_id& self,
               std::shared_ptr<const surroundings> around, birth how);

private:
  caf::behavior make_behavior() override;
  void on_exit() override;

  caf::behavior wait_for_the_past();
  caf::behavior awake();

  void obey(usher::request what);
  void hear(usher::response what);
  void grow_quiet();
  void leave_if_quiet();
  void tell(const look& how);
  void make_room(bool at_once);
  void move_out();

  template <class Step>
  void live(const char* doing, Step step);
  void carry_out(outbox out);
  void submit(outbox& out);
  bool is_picture_due() const;
  void rest_on(std::uint64_t number);
  void tidy(outbox& out);
  void die(const char* doing, const std::string& why);
  void begin_anew();
  void give_up();
  void refuse_the_rest(const std::shared_ptr<const surroundings>& around);

  entity_id self_;
  std::shared_ptr<const surroundings> around_;
  birth how_;
  std::unique_ptr<life> life_;
  version folded_ = 0;           // entries in the last snapshot
  std::size_t picture_size_ = 0; // its bytes
  timestamp born_;
  std::uint64_t rests_on_ = 0; // the last submission, own or heard of
  std::uint64_t heard_ = 0;    // messages so far
  bool leaving_ = false;       // its shard is about to move
  bool is_settling_ = false;   // it has asked for word of what is durable
  std::uint64_t quiet_at_ = 0; // `heard_` when the barrier was asked for
};

} // namespace usher

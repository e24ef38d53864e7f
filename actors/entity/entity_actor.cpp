#include "actors/entity/entity_actor.hpp"

namespace usher {

entity_actor::entity_actor(caf::actor_config& cfg, const entity_id& self,
                           std::shared_ptr<const surroundings> around,
                           birth how)
  : event_based_actor(cfg),
    self_(self),
    around_(std::move(around)),
    how_(how),
    life_(conceive(self)),
    born_(around_->now()) {}

// -- the course of a life

caf::behavior entity_actor::make_behavior() {
  if (how_ == birth::newborn)
    return awake();
  auto me = caf::actor_cast<caf::actor>(this);
  if (how_ == birth::restarting)
    around_->settle({std::move(me)});
  else
    caf::anon_send(around_->archive, load{self_, std::move(me)});
  return wait_for_the_past();
}

/// Commands wait in the mailbox until the past is there.
caf::behavior entity_actor::wait_for_the_past() {
  set_default_handler(caf::skip);
  return {
    [this](settled) {
      caf::anon_send(around_->archive,
                     load{self_, caf::actor_cast<caf::actor>(this)});
    },
    [this](const history& past) {
      set_default_handler(caf::print_and_drop);
      folded_ = past.base ? past.base->now : 0;
      picture_size_ = past.base ? past.base->state.size() : 0;
      try {
        life_->remember(past);
      } catch (const std::exception& why) {
        return die("remember", why.what());
      }
      become(awake());
      if (life_->overdue(around_->now()))
        obey(usher::request{self_, wake_of(self_.kind)});
    },
  };
}

caf::behavior entity_actor::awake() {
  return {
    [this](usher::request& what) { obey(std::move(what)); },
    [this](usher::response& what) { hear(std::move(what)); },
    [this](tick) { grow_quiet(); },
    [this](settled) {
      is_settling_ = false;
      leaving_ ? move_out() : leave_if_quiet();
    },
    [this](const look& how) { tell(how); },
    [this](begin_again) { begin_anew(); },
    [this](evict how) { make_room(how.at_once); },
  };
}

void entity_actor::on_exit() {
  around_.reset();
  life_.reset();
}

// -- one step

/// Nothing comes behind an eviction unless the shard was kept after all.
void entity_actor::obey(usher::request what) {
  what.place.leave();
  ++heard_;
  leaving_ = false;
  rest_on(what.rests_on);
  if (around_ && !life_->idle()) {
    const auto around = around_;
    // An answer may be lost: nobody waits for ever.
    live("tidy", [&](outbox& out) { tidy(out); });
    if (!around_) // it died of that, and this was not begun
      return around->mail->deliver(
        usher::response{what.from, answer{errc::unavailable}});
  }
  if (around_ && around_->tell.heard && !what.by.id.is_nil())
    around_->tell.heard(what);
  live("obey", [&](outbox& out) {
    life_->receive(std::move(what), around_->now(), out);
  });
}

void entity_actor::hear(usher::response what) {
  ++heard_;
  rest_on(what.rests_on);
  live("hear",
       [&](outbox& out) { life_->hear(std::move(what), around_->now(), out); });
}

template <class Step>
void entity_actor::live(const char* doing, Step step) {
  if (!around_)
    return; // it has died; what is left in the mailbox is lost
  try {
    outbox out;
    step(out);
    carry_out(std::move(out));
    if (leaving_)
      move_out();
  } catch (const std::exception& why) {
    die(doing, why.what());
  }
}

void entity_actor::carry_out(outbox out) {
  for (;;) {
    if (out.late && around_->tell.waited)
      around_->tell.waited(self_, *out.late);
    submit(out);
    for (auto& mail : out.inside) {
      mail.rests_on = rests_on_;
      rest_on(around_->mail->deliver(std::move(mail)));
    }
    for (auto& said : out.answers) {
      said.rests_on = rests_on_;
      around_->mail->deliver(std::move(said));
    }
    if (!out.again)
      return;
    auto next = std::move(*out.again);
    out = {};
    life_->receive(std::move(next), around_->now(), out);
  }
}

/// What leaves the node passes the journal unless all that it rests on, here
/// or in what others told this entity, has done so already.
void entity_actor::submit(outbox& out) {
  if (!out.record && !out.timer && out.errands.empty()) {
    if (out.outside.empty())
      return;
    if (around_->gate->lets_out(rests_on_)) {
      for (auto& said : out.outside)
        around_->mail->deliver(std::move(said));
      return;
    }
  }
  submission words{std::move(out.record),  std::move(out.timer),
                   std::move(out.outside), {},
                   std::move(out.errands), std::nullopt};
  if (words.record && is_picture_due()) {
    words.picture = life_->fold();
    folded_ = life_->now();
    picture_size_ = words.picture->state.size();
  }
  rest_on(around_->submit(std::move(words)));
}

/// What is large is written down the more seldom: so all snapshots together
/// grow with what happened, and not with its square.
bool entity_actor::is_picture_due() const {
  constexpr std::size_t bytes_an_entry = 1'000;
  const version entries = picture_size_ / bytes_an_entry;
  return life_->now() >= folded_ + std::max(entries, around_->snapshot_every);
}

void entity_actor::rest_on(std::uint64_t number) {
  rests_on_ = std::max(rests_on_, number);
}

void entity_actor::die(const char* doing, const std::string& why) {
  const auto around = around_;
  if (around->tell.died)
    around->tell.died(self_, life_->under(), doing, why);
  if (auto culprit = life_->culprit())
    around->mail->witness(std::move(*culprit), why);
  give_up();
  around->mail->bury(self_, doing, why);
  refuse_the_rest(around);
}

/// An operator asked for it: nothing is held against the entity.
void entity_actor::begin_anew() {
  if (!around_)
    return;
  const auto around = around_;
  give_up();
  around->mail->recall(self_);
  refuse_the_rest(around);
}

/// Whoever waits for it shall know that it ends.
void entity_actor::give_up() {
  outbox last;
  life_->abandon(errc::outcome_unknown, last);
  for (auto& said : last.outside)
    around_->mail->deliver(std::move(said));
  for (auto& said : last.answers)
    around_->mail->deliver(std::move(said));
}

/// Off the books, it hears nothing new; what is in its mailbox was not begun,
/// and whoever waits for it shall know. The tick is the last that comes.
void entity_actor::refuse_the_rest(
  const std::shared_ptr<const surroundings>& around) {
  around_.reset();
  become(caf::behavior{
    [around](usher::request& what) {
      around->mail->deliver(
        usher::response{what.from, answer{errc::unavailable}});
    },
    [](usher::response&) {},
    [](settled) {},
    [](evict) {},
    [this](tick) { quit(caf::exit_reason::unhandled_exception); },
  });
  set_default_handler(caf::drop);
  caf::anon_send(caf::actor_cast<caf::actor>(this), tick{});
}

// -- looking in

/// Who looks is no message to be counted: it must not keep anybody awake.
void entity_actor::tell(const look& how) {
  if (!around_)
    return;
  glance out;
  out.entity = self_;
  out.mailbox = mailbox().size();
  out.waiting = life_->waiting();
  out.is_asking = !life_->idle();
  out.heard = heard_;
  out.age = around_->now() - born_;
  out.now = life_->now();
  if (how.with_fold)
    out.fold = life_->fold().state;
  how.tell(std::move(out));
}

// -- rest

void entity_actor::tidy(outbox& out) {
  const auto now = around_->now();
  life_->tidy(now - around_->patience, now, out);
}

/// First everything submitted must be durable, as it nearly always is by then;
/// if nobody has spoken in the meantime, the entity may go. It asks but once
/// for word of that: in an outage it would be asked to go again and again.
void entity_actor::grow_quiet() {
  live("tidy", [&](outbox& out) { tidy(out); });
  if (!around_ || !life_->idle() || is_settling_)
    return;
  quiet_at_ = heard_;
  if (around_->gate->has_passed(rests_on_))
    return leave_if_quiet();
  is_settling_ = true;
  around_->settle({caf::actor_cast<caf::actor>(this)});
}

void entity_actor::leave_if_quiet() {
  if (!around_ || heard_ != quiet_at_ || !life_->idle())
    return;
  if (life_->now() >= folded_ + around_->snapshot_worth) {
    folded_ = life_->now();
    caf::anon_send(around_->archive, life_->fold());
  }
  if (around_->mail->retire(self_, [this] { return mailbox().empty(); }))
    quit();
}

/// The shard is frozen: while it is, nothing comes behind this message but
/// answers.
void entity_actor::make_room(bool at_once) {
  if (!around_)
    return;
  leaving_ = true;
  live("leave", [&](outbox& out) {
    if (at_once)
      life_->abandon(errc::outcome_unknown, out);
  });
}

/// The next life, elsewhere or here if the shard is kept, reads the journal:
/// so all that this one has said must be there.
void entity_actor::move_out() {
  if (!around_ || !life_->idle())
    return;
  if (!around_->gate->has_passed(rests_on_))
    return around_->settle({caf::actor_cast<caf::actor>(this)});
  if (!around_->mail->retire(self_, [this] { return mailbox().empty(); }))
    return;
  around_.reset();
  quit();
}

} // namespace usher

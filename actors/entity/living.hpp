#pragma once

#include "actors/entity/life.hpp"
#include "protocol/codec.hpp"
#include "protocol/ensure.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>

namespace usher {

/// How long an answer to a repeatable request is kept.
constexpr duration answers_are_kept = std::chrono::hours{24};

/// After so long the answer to a question is worth a line in the log.
constexpr duration a_long_time = std::chrono::seconds{1};

/// When an alarm rang and nothing could be done about it yet.
constexpr duration again_after = std::chrono::seconds{5};

/// Commands that may wait behind a question, per entity.
constexpr std::size_t patience_of_an_entity = 256;

/// Answers kept for repeats, per entity: the oldest go first.
constexpr std::size_t memory_of_an_entity = 1024;

/// Gives the three pure functions of a State their life.
template <entity State>
class living final : public life {
public:
  using command = typename State::command;
  using fact = typename State::fact;

  explicit living(const entity_id& self) : self_(self) {}

  void remember(const history& past) override {
    if (!past.damage.empty())
      throw json::bad_shape(past.damage);
    if (past.base)
      unfold(*past.base);
    for (const auto& row : past.tail) {
      ensure(row.now == now_ + 1);
      decode_facts<fact>(row.facts,
                         [this](const fact& what) { evolve(state_, what); });
      if (row.request)
        keep(*row.request);
      now_ = row.now;
    }
    armed_ = past.due;
  }

  void receive(request what, timestamp now, outbox& out) override {
    const auto& cmd = std::get<command>(what.what);
    if (what.key && answered_before(what, now, out))
      return;
    if (what.until && *what.until <= now) { // its asker has gone
      say(what.from, refusal(errc::unavailable), out);
      return work_off(out);
    }
    if (!current_ || is_query(cmd)) {
      try {
        act(cmd, {what.from, what.key, what.by}, now, out);
      } catch (...) {
        culprit_ = std::make_unique<request>(std::move(what));
        throw;
      }
      if (current_ && !current_->origin)
        current_->origin = std::make_unique<request>(std::move(what));
      return work_off(out); // this one may have waited, and others behind it
    }
    // An alarm rings once: it waits whatever the crowd.
    if (waiting_.size() < patience_of_an_entity
        || std::holds_alternative<wake>(cmd))
      waiting_.push_back(std::move(what));
    else
      say(what.from, refusal(errc::overloaded), out);
  }

  void hear(response what, timestamp now, outbox& out) override {
    if (!current_ || current_->number != what.to.number)
      return;
    auto asked = std::move(*current_);
    current_.reset();
    if (now - asked.asked_at >= a_long_time)
      out.late = wait_of(asked, now);
    auto heard = std::make_shared<const answer>(std::move(what.what));
    std::visit(
      [&](auto& then) {
        if constexpr (requires { then.got; })
          then.got = std::move(heard);
      },
      asked.then);
    try {
      act(asked.then, asked.who, now, out);
    } catch (...) {
      culprit_ = std::move(asked.origin);
      throw;
    }
    if (current_)
      current_->origin = std::move(asked.origin);
    work_off(out);
  }

  void tidy(timestamp since, timestamp now, outbox& out) override {
    std::erase_if(answers_, [&](const auto& kept) {
      return kept.second.at + answers_are_kept <= now;
    });
    if (!current_ || current_->asked_at > since)
      return;
    out.late = wait_of(*current_, now);
    out.late->is_over = false;
    say(current_->who.from, refusal(errc::outcome_unknown), out);
    current_.reset();
    work_off(out);
  }

  void abandon(errc why, outbox& out) override {
    if (current_)
      say(current_->who.from, refusal(why), out);
    if (serving_)
      say(serving_->from, refusal(why), out);
    for (const auto& next : waiting_)
      say(next.from, refusal(why), out);
    serving_.reset();
    current_.reset();
    waiting_.clear();
  }

  bool idle() const override { return !current_ && waiting_.empty(); }

  std::size_t waiting() const override { return waiting_.size(); }

  std::optional<request> culprit() override {
    auto out = std::exchange(culprit_, nullptr);
    return out ? std::optional{std::move(*out)} : std::nullopt;
  }

  trace under() const override { return serving_ ? serving_->by : trace{}; }

  bool overdue(timestamp now) const override {
    auto due = wake_at(state_);
    return due && *due <= now;
  }

  version now() const override { return now_; }

  snapshot fold() const override {
    std::string text = "{\"state\":";
    json::put(text, state_);
    text += ",\"answers\":";
    json::put_list(text, answers_,
                   [&](const auto& kept) { json::put(text, kept.second); });
    text += '}';
    return {self_, now_, std::move(text)};
  }

  const State& state() const { return state_; }

private:
  /// Who waits for the end of what is being decided.
  struct requester {
    return_address from;
    std::optional<request_key> key;
    trace by; // whatever follows is done under it, too
  };

  struct turn {
    std::uint64_t number = 0;
    entity_id asked;
    requester who;
    command then;
    timestamp asked_at;
    std::unique_ptr<request> origin = nullptr; ///< with which it began
  };

  /// Lives of an entity number their questions apart, lest one takes an answer
  /// to the last for its own.
  static std::uint64_t first_question() {
    static std::atomic<std::uint64_t> lives = 0;
    return ++lives << 20U;
  }

  static answer refusal(errc why) { return {why}; }

  static long_wait wait_of(const turn& x, timestamp now) {
    return {x.asked, x.who.by, now - x.asked_at, true};
  }

  // -- one decision

  void act(const command& cmd, const requester& who, timestamp now,
           outbox& out) {
    serving_ = who;
    auto said = decide(state_, self_.key, cmd, now);
    for (const auto& what : said.facts)
      evolve(state_, what);
    auto reply = reply_of(said, now);
    note(said.facts, reply, who, now, out);
    rearm(std::holds_alternative<wake>(cmd), now, out);
    const bool answered = reply.has_value();
    if (reply)
      say(who.from, std::move(*reply), out);
    for (auto& mail : said.letters)
      send({mail.to, std::move(mail.what)}, who, out);
    for (auto& call : said.errands)
      out.errands.push_back(std::move(call));
    if (said.ask)
      put_question(std::move(*said.ask),
                   answered ? requester{{}, {}, who.by} : who, now, out);
    serving_.reset();
  }

  /// What to say, now that the state has taken in the facts.
  std::optional<answer> reply_of(decision<State>& said, timestamp now) const {
    if constexpr (requires { render(state_, self_.key, now); })
      if (said.show != 0)
        return answer{
          errc::ok, {}, document{said.show, render(state_, self_.key, now)}};
    if constexpr (requires { render(state_, self_.key); })
      if (said.show != 0)
        return answer{
          errc::ok, {}, document{said.show, render(state_, self_.key)}};
    if (!said.reply && !said.ask)
      return answer{}; // granted, and nothing to add
    return std::move(said.reply);
  }

  /// Writes the facts, and the answer if it must be repeatable, into the
  /// record.
  void note(const std::vector<fact>& facts, const std::optional<answer>& reply,
            const requester& who, timestamp now, outbox& out) {
    auto repeatable =
      reply ? repeatable_answer(*reply, who, now) : std::optional<remembered>{};
    if (facts.empty() && !repeatable)
      return;
    if (repeatable)
      keep(*repeatable);
    ++now_;
    ensure(!out.record); // one decision, one record: see the shell
    out.record = entry{self_,
                       now_,
                       now,
                       encode_facts(facts),
                       is_listed(facts),
                       std::move(repeatable),
                       who.by.is_sampled ? who.by.id : uuid{}};
  }

  /// Whether any list of the read models shows one of the facts.
  static bool is_listed(const std::vector<fact>& facts) {
    return std::ranges::any_of(facts, [](const fact& one) {
      return std::visit(
        [](const auto& what) {
          if constexpr (requires { what.is_listed; })
            return what.is_listed;
          else
            return false;
        },
        one);
    });
  }

  void put_question(question<command> asked, const requester& who,
                    timestamp now, outbox& out) {
    ensure(!current_); // queries do not ask
    const auto whom = asked.ask.to;
    current_.emplace(turn{++questions_, whom, who, std::move(asked.then), now});
    send({whom,
          std::move(asked.ask.what),
          {0, self_, questions_},
          {},
          asked.newborn},
         who, out);
  }

  static void send(request what, const requester& who, outbox& out) {
    what.by = who.by;
    out.inside.push_back(std::move(what));
  }

  /// Takes the next command that waited, if nothing is being asked.
  void work_off(outbox& out) {
    if (current_ || waiting_.empty())
      return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    out.again = std::move(next);
  }

  static void say(const return_address& to, answer what, outbox& out) {
    if (to.number == 0)
      return;
    auto& pile = to.bridge != 0 || to.node != 0 ? out.outside : out.answers;
    pile.push_back({to, std::move(what)});
  }

  // -- repeats

  bool answered_before(const request& what, timestamp now, outbox& out) {
    auto known = answers_.find(what.key->request);
    if (known != answers_.end() && known->second.at + answers_are_kept > now) {
      const auto& kept = known->second;
      say(what.from,
          kept.body_hash == what.key->body_hash ? answer_kept(kept)
                                                : refusal(errc::key_reused),
          out);
      return true;
    }
    if (!in_progress(what.key->request))
      return false;
    say(what.from, refusal(errc::request_in_progress), out);
    return true;
  }

  bool in_progress(const uuid& wanted) const {
    auto same = [&](const std::optional<request_key>& key) {
      return key && key->request == wanted;
    };
    return (current_ && same(current_->who.key))
           || std::ranges::any_of(waiting_,
                                  [&](const auto& r) { return same(r.key); });
  }

  /// What was granted, and what no repeat can change: a wish that makes no
  /// sense. Other refusals may end otherwise next time.
  static std::optional<remembered>
  repeatable_answer(const answer& reply, const requester& who, timestamp now) {
    if (!who.key)
      return std::nullopt;
    remembered out{who.key->request, who.key->body_hash, 0, now, {}};
    if (auto* said = std::get_if<document>(&reply.reply);
        said && reply.granted()) {
      out.status = said->status;
      out.answer = said->json;
      return out;
    }
    constexpr unsigned makes_no_sense = 422;
    if (http_status(reply.refused) != makes_no_sense)
      return std::nullopt;
    out.status = makes_no_sense;
    out.answer = to_string(reply.refused);
    out.answer += '\n' + reply.more;
    return out;
  }

  /// A refusal is kept as its code, a line end, and the rest.
  static answer answer_kept(const remembered& kept) {
    if (kept.status < 400)
      return {errc::ok, {}, document{kept.status, kept.answer}};
    const auto end = kept.answer.find('\n');
    ensure(end != std::string::npos);
    auto why = parse_errc(std::string_view{kept.answer}.substr(0, end));
    return {why.value_or(errc::internal), kept.answer.substr(end + 1), {}};
  }

  void keep(const remembered& given) {
    answers_.insert_or_assign(given.request, given);
    if (answers_.size() <= memory_of_an_entity)
      return;
    answers_.erase(std::ranges::min_element(
      answers_, {}, [](const auto& kept) { return kept.second.at; }));
  }

  // -- time

  /// An alarm that is stored too early does no harm: it rings, finds nothing to
  /// do, and is set anew. So one is written only if it must ring earlier than
  /// the stored one, or after it rang.
  void rearm(bool rang, timestamp now, outbox& out) {
    auto due = wake_at(state_);
    const bool overdue = due && *due <= now;
    if (overdue && rang)
      due = now + again_after; // it waits for somebody else: ask again later
    else if (overdue && armed_ && *armed_ > now)
      due = std::min(*armed_, now + again_after); // and until then, patience
    const bool earlier = due && (!armed_ || *due < *armed_);
    if (!earlier && !(rang && due != armed_))
      return;
    armed_ = due;
    out.timer = alarm{self_, due};
  }

  void unfold(const snapshot& base) {
    const auto document = json::parse(base.state);
    const auto& object = document.as_object();
    state_ = json::get<State>(object.at("state"));
    if constexpr (requires { revive(state_); })
      revive(state_);
    for (const auto& kept : json::items(object.at("answers")))
      keep(json::get<remembered>(kept));
    now_ = base.now;
  }

  entity_id self_;
  State state_;     // may run ahead of the journal
  version now_ = 0; // of state_
  std::optional<timestamp> armed_;
  std::map<uuid, remembered> answers_;
  std::optional<turn> current_;
  std::optional<requester> serving_; // whose command is being decided
  std::deque<request> waiting_;
  std::unique_ptr<request> culprit_; // of the fault that ended this life
  std::uint64_t questions_ = first_question();
};

} // namespace usher

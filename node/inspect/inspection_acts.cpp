#include "node/inspect/by_hand.hpp"
#include "node/inspect/inspection.hpp"
#include "node/inspect/printable.hpp"
#include "node/inspect/question.hpp"
#include "node/inspect/second_try.hpp"
#include "node/inspect/shapes.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

/// What an administrator may have done to one node.
namespace usher::inspect {

namespace {

/// How long an entity may take to leave.
constexpr std::chrono::milliseconds patience{700};

/// An event, with or without its kind.
entity_id event_of(const std::string& text) {
  const auto named = parse_entity(text);
  if (!named || named->kind.value_or(entity_kind::event) != entity_kind::event)
    throw bad_question("'" + printable(text) + "' names no event");
  return {entity_kind::event, named->key};
}

shard_no shard_of_word(const std::string& text) {
  shard_no out = shard_count;
  const auto* end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, out);
  if (ec != std::errc{} || rest != end || out >= shard_count)
    throw bad_question("'" + printable(text)
                       + "' is not the number of a shard");
  return out;
}

} // namespace

/// Recorded before it is done: what cannot be recorded is not done.
inspection::object inspection::act(const object& order,
                                   const std::string& visitor) {
  persistence::deed what{
    in_.name, visitor, text_in(order, "by"), text_in(order, "do"), {}};
  if (const auto* words = order.if_contains("words"))
    what.words = boost::json::value_to<std::vector<std::string>>(*words);
  if (!concerns(what.act, what.words))
    return {{"done", false}, {"said", "not here"}};
  const auto intent = in_.audit->intend(what);
  std::string outcome;
  boost::json::value done = true;
  try {
    outcome = carry_out(what.act, what.words);
  } catch (const not_known& why) {
    outcome = why.what();
    done = nullptr;
  } catch (const std::exception& why) {
    outcome = std::string{"refused: "} + why.what();
    done = false;
  }
  try {
    in_.audit->conclude(intent, what, outcome);
  } catch (const std::exception&) { // it is as it is, and shall be told
    outcome += "; but its outcome is not on record";
  }
  return {{"done", std::move(done)},
          {"said", printable(std::string_view{outcome})},
          {"record", intent}};
}

/// Whether this node is the one that has it.
bool inspection::concerns(const std::string& act,
                          const std::vector<std::string>& words) {
  if (words.empty())
    throw bad_question("'" + printable(act) + "' wants a word");
  if (act == "passivate" || act == "restart")
    return in_.entities->find(entity_of(words[0])).has_value();
  if (act == "quarantine_retry" || act == "quarantine_drop") {
    const auto aside = in_.entities->outcasts();
    return std::ranges::count(aside, entity_of(words[0]),
                              &cluster::outcast::entity)
           > 0;
  }
  if (act == "dead_letter_retry" || act == "dead_letter_drop")
    return words.size() < 2 || words[1] == in_.name;
  if (act == "drain" || act == "move" || act == "unpin")
    return true;
  if (act == "event") {
    if (words.size() != 2 || !in_.owner_of)
      return true;
    return in_.owner_of(event_of(words[1])) == in_.self;
  }
  throw bad_question("this version cannot " + printable(act));
}

std::string inspection::carry_out(const std::string& act,
                                  const std::vector<std::string>& words) {
  if (act == "passivate")
    return passivate(entity_of(words[0]));
  if (act == "restart")
    return begin_again(entity_of(words[0]));
  if (act.starts_with("quarantine_"))
    return end_quarantine(entity_of(words[0]), act.ends_with("retry"));
  if (act.starts_with("dead_letter_"))
    return settle_letter(words[0], act.ends_with("retry"));
  if (act == "event")
    return pause_event(words);
  if (act == "drain")
    return drain(words[0]);
  return move_shard(words);
}

std::string inspection::drain(const std::string& node) {
  if (!in_.drain)
    throw bad_question("this node cannot be drained");
  if (const auto why = in_.drain(node); !why.empty())
    throw bad_question(why);
  return node + " gives its shards to others";
}

/// Only says where the shard is to be: its owner gives it by itself.
std::string inspection::move_shard(const std::vector<std::string>& words) {
  const auto which = shard_of_word(words[0]);
  const auto named = "shard " + std::to_string(which);
  if (!in_.pin || !in_.unpin)
    throw bad_question("this node moves no shards");
  if (words.size() == 1) {
    in_.unpin(which);
    return named + " goes where the weights of the nodes say";
  }
  if (const auto why = in_.pin(which, words[1]); !why.empty())
    throw bad_question(why);
  return named + " is pinned to " + words[1];
}

/// Asked like everything else, in the event's turn.
std::string inspection::pause_event(const std::vector<std::string>& words) {
  if (words.size() != 2 || (words[0] != "pause" && words[0] != "resume"))
    throw bad_question("event wants pause or resume, and an event");
  const auto who = event_of(words[1]);
  const bool is_paused = words[0] == "pause";
  const auto said =
    in_.ask(request{who, event::command{event::pause{is_paused}}});
  if (said.refused == errc::outcome_unknown)
    throw not_known("told; it did not say in time whether it obeys");
  if (!said.granted())
    throw bad_question("it refused: " + std::string{to_string(said.refused)});
  return is_paused ? "no session is opened any more" : "its sale goes on";
}

std::string inspection::passivate(const entity_id& who) {
  if (const auto found = in_.entities->find(who))
    caf::anon_send(found->who, tick{});
  const auto until = std::chrono::steady_clock::now() + patience;
  while (in_.entities->find(who)) {
    if (std::chrono::steady_clock::now() >= until)
      throw bad_question("it is still busy; ask again");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return "it has left memory";
}

std::string inspection::begin_again(const entity_id& who) {
  if (const auto found = in_.entities->find(who))
    caf::anon_send(found->who, usher::begin_again{});
  return "its next command finds it replayed";
}

std::string inspection::end_quarantine(const entity_id& who, bool retry) {
  auto& crashes = in_.entities->crashes();
  if (!in_.entities->release(who))
    throw bad_question("it is not set aside any more");
  const std::string back = "back in service; ";
  if (retry)
    return back + try_all_again(crashes, in_.ask, who);
  return back + std::to_string(crashes.forget(who)) + " dead letters dropped";
}

std::string inspection::settle_letter(const std::string& number, bool retry) {
  std::uint64_t n = 0;
  const auto* end = number.data() + number.size();
  const auto [rest, ec] = std::from_chars(number.data(), end, n);
  std::optional<cluster::dead_letter> letter;
  if (ec == std::errc{} && rest == end)
    letter = in_.entities->crashes().find(n);
  if (!letter)
    throw bad_question("there is no dead letter " + printable(number));
  const auto whom = to_string(letter->what.to);
  if (!retry) {
    if (!drop(in_.entities->crashes(), n))
      throw bad_question("somebody else is trying it just now");
    return "dropped a command to " + whom;
  }
  const auto came = try_again(in_.entities->crashes(), in_.ask, n);
  const auto text = "delivered again to " + whom + ": " + came.said;
  if (came.how == ending::decided)
    return text;
  if (came.how == ending::not_known)
    throw not_known(text + "; it stays, as number " + number);
  throw bad_question(whom + ": " + came.said);
}

} // namespace usher::inspect

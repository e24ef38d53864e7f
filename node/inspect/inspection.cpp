#include "node/inspect/inspection.hpp"

#include "node/inspect/printable.hpp"
#include "node/inspect/question.hpp"
#include "node/inspect/shapes.hpp"
#include "node/inspect/shortened.hpp"
#include "protocol/frame.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>

namespace usher::inspect {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// How long entities may take to tell of themselves.
constexpr std::chrono::milliseconds patience{700};

/// Entities that are asked for one list.
constexpr std::size_t most_asked = 2'000;

/// What is collected from many threads, and outlives a looker who gave up.
struct gathering {
  std::mutex lock;
  std::condition_variable changed;
  std::vector<glance> told;
};

object show_glance(const glance& one, timestamp last_used, timestamp now) {
  const auto seconds =
    std::chrono::duration<double>(std::max(one.age, duration{1})).count();
  return {{"entity", to_string(one.entity)},
          {"mailbox", one.mailbox},
          {"waiting", one.waiting},
          {"asking", one.is_asking},
          {"heard", one.heard},
          {"per_second", static_cast<double>(one.heard) / seconds},
          {"version", one.now},
          {"age_ms", one.age.count()},
          {"idle_ms", std::max<std::int64_t>(0, (now - last_used).count())}};
}

/// One that is in memory, but has not told in time.
object show_silent(const cluster::inhabitant& one, timestamp now) {
  return {
    {"entity", to_string(one.entity)},
    {"mailbox", nullptr},
    {"waiting", nullptr},
    {"asking", nullptr},
    {"heard", nullptr},
    {"per_second", nullptr},
    {"version", nullptr},
    {"age_ms", nullptr},
    {"idle_ms", std::max<std::int64_t>(0, (now - one.last_used).count())}};
}

double weight(const value& row, const std::string& by) {
  const auto* found = row.as_object().if_contains(by);
  return found && found->is_number() ? found->to_number<double>() : -1;
}

} // namespace

inspection::inspection(insides in) : in_(std::move(in)) {}

std::string inspection::answer(std::string_view question,
                               cluster::rights rights,
                               const std::string& visitor) {
  try {
    const auto asked = boost::json::parse(
      boost::json::string_view{question.data(), question.size()});
    return boost::json::serialize(
      answer_to(asked.as_object(), rights, visitor));
  } catch (const persistence::unavailable&) {
    return R"({"refused":"PostgreSQL does not answer"})";
  } catch (const std::exception& why) {
    return boost::json::serialize(
      object{{"refused", printable(std::string_view{why.what()})}});
  }
}

inspection::object inspection::answer_to(const object& question,
                                         cluster::rights rights,
                                         const std::string& visitor) {
  if (rights == cluster::rights::none)
    throw bad_question("only for inspectors");
  if (question.contains("do")) {
    if (rights != cluster::rights::admin)
      throw bad_question("only an administrator's certificate may do that");
    return act(question, visitor);
  }
  const auto ask = text_in(question, "ask");
  if (ask == "node")
    return node();
  if (ask == "where")
    return where(question);
  if (ask == "actors")
    return actors(question);
  if (ask == "state")
    return state(question);
  if (ask == "hot")
    return hot(question);
  if (ask == "members")
    return members();
  if (ask == "tree")
    return tree();
  if (ask == "quarantine")
    return quarantine();
  if (ask == "dead_letters")
    return dead_letters();
  throw bad_question("this version does not know the question '"
                     + printable(ask) + "'");
}

// -- what is asked

inspection::object inspection::node() {
  auto now = in_.count();
  now.at = std::chrono::steady_clock::now();
  const auto rate = pace_.take(std::move(now));
  const auto& writer = *in_.writer;
  const auto& lists = *in_.lists;
  return {{"name", in_.name},
          {"incarnation", in_.self},
          {"state", in_.state()},
          {"residents", in_.entities->residents()},
          {"quarantined", in_.entities->outcasts().size()},
          {"dead_letters", in_.entities->crashes().all().size()},
          {"requests_per_second",
           rate ? value(rate->requests_per_second) : value(nullptr)},
          {"appends_per_second",
           rate ? value(rate->appends_per_second) : value(nullptr)},
          {"p50_ms", rate ? maybe(rate->p50_ms) : value(nullptr)},
          {"p99_ms", rate ? maybe(rate->p99_ms) : value(nullptr)},
          {"commit_ms", rate ? maybe(rate->commit_ms) : value(nullptr)},
          {"journal_waiting", writer.waiting()},
          {"journal_stalled", writer.stalled.load()},
          {"lists_waiting", lists.waiting.load()},
          {"lists_shards_behind", lists.behind.load()},
          {"lag_ms", lists.lag(in_.now()).count()},
          {"links", in_.links ? in_.links() : array{}}};
}

inspection::object inspection::where(const object& question) {
  const auto who = entity_of(text_in(question, "entity"));
  const auto owner = in_.owner_of ? in_.owner_of(who) : 0;
  const auto resident = in_.entities->find(who);
  const auto aside = in_.entities->outcasts();
  return {{"owner", owner != 0 ? value(owner) : value(nullptr)},
          {"is_owner", owner != 0 ? value(owner == in_.self) : value(nullptr)},
          {"resident", resident.has_value()},
          {"quarantined", std::ranges::any_of(aside, [&](const auto& one) {
             return one.entity == who;
           })}};
}

/// Each is asked in its turn; whoever is too busy to answer is shown without
/// figures.
std::vector<glance>
inspection::look_at(const std::vector<cluster::inhabitant>& whom,
                    bool with_fold) const {
  auto all = std::make_shared<gathering>();
  const auto tell = [all](glance one) {
    const std::lock_guard guard(all->lock);
    all->told.push_back(std::move(one));
    all->changed.notify_one();
  };
  for (const auto& one : whom)
    caf::anon_send(one.who, look{with_fold, tell});
  std::unique_lock guard(all->lock);
  all->changed.wait_for(guard, patience,
                        [&] { return all->told.size() == whom.size(); });
  return all->told;
}

inspection::object inspection::actors(const object& question) {
  const auto kind_text = text_in(question, "kind");
  const auto kind = kind_named(kind_text);
  if (!kind_text.empty() && !kind)
    throw bad_question("there is no such kind");
  const auto by = text_in(question, "sort");
  const auto now = in_.now();
  const auto asked = in_.entities->recent(kind, most_asked);
  std::map<entity_id, const cluster::inhabitant*> silent;
  for (const auto& one : asked)
    silent[one.entity] = &one;
  array rows;
  for (const auto& one : look_at(asked, false)) {
    rows.push_back(show_glance(one, silent.at(one.entity)->last_used, now));
    silent.erase(one.entity);
  }
  for (const auto& [who, one] : silent)
    rows.push_back(show_silent(*one, now));
  std::ranges::stable_sort(rows, [&](const value& a, const value& b) {
    return weight(a, by) > weight(b, by);
  });
  const auto limit = number_in(question, "limit", 100);
  std::size_t total = 0;
  for (const auto& [one, n] : in_.entities->population())
    total += !kind || one == *kind ? n : 0;
  const bool is_cut = total > std::min(limit, rows.size());
  rows.resize(std::min(limit, rows.size()));
  return {{"actors", std::move(rows)},
          {"total", total},
          {"asked", asked.size()},
          {"silent", silent.size()},
          {"cut", is_cut}};
}

inspection::object inspection::state(const object& question) {
  const auto who = entity_of(text_in(question, "entity"));
  const auto found = in_.entities->find(who);
  if (!found)
    return {{"resident", false}};
  const auto told = look_at({*found}, true);
  const auto now = in_.now();
  auto out = told.empty() ? show_silent(*found, now)
                          : show_glance(told.front(), found->last_used, now);
  out["resident"] = true;
  out["state"] = nullptr;
  bool is_cut = false;
  if (!told.empty())
    if (auto fold = show_fold(who.kind, told.front().fold); fold.is_object())
      out["state"] =
        shortened(fold.at("state"), number_in(question, "limit", 100), is_cut);
  out["cut"] = is_cut;
  return out;
}

inspection::object inspection::hot(const object& question) {
  const auto window = number_in(question, "window_ms", 10'000, 60'000);
  in_.entities->watch(in_.now() + duration{window} + std::chrono::seconds{5});
  array rows;
  for (const auto& one :
       in_.entities->hottest(number_in(question, "limit", 100) * 2))
    rows.push_back(object{{"entity", to_string(one.entity)},
                          {"deliveries", one.count},
                          {"error", one.error}});
  in_.entities->count_anew_after(std::chrono::minutes{1});
  return {{"hot", std::move(rows)}};
}

inspection::object inspection::members() {
  if (!in_.members)
    throw bad_question("this node does not know the others");
  array rows;
  for (const auto& one : in_.members())
    rows.push_back(object{{"incarnation", one.self},
                          {"name", one.about.name},
                          {"address", one.about.cluster_address}});
  return {{"members", std::move(rows)}};
}

inspection::object inspection::tree() {
  array kinds;
  for (const auto& [kind, n] : in_.entities->population())
    kinds.push_back(object{{"name", to_string(kind)}, {"residents", n}});
  auto children = in_.staff();
  children.push_back(
    object{{"name", "entities"},
           {"residents", in_.entities->residents()},
           {"quarantined", in_.entities->outcasts().size()},
           {"failures", in_.entities->obituaries().size()},
           {"when_one_fails", "born again by replay; set aside if it goes on"},
           {"children", std::move(kinds)}});
  return {{"tree", object{{"name", "node " + in_.name},
                          {"state", in_.state()},
                          {"children", std::move(children)}}}};
}

inspection::object inspection::quarantine() {
  std::map<entity_id, cluster::obituary> last;
  for (const auto& one : in_.entities->obituaries())
    last[one.entity] = one;
  array rows;
  for (const auto& one : in_.entities->outcasts()) {
    const auto why = last.find(one.entity);
    rows.push_back(object{
      {"entity", to_string(one.entity)},
      {"until", to_rfc3339(one.until)},
      {"at", to_rfc3339(one.last_failure)},
      {"doing", why == last.end()
                  ? value(nullptr)
                  : value(printable(std::string_view{why->second.doing}))},
      {"why", why == last.end()
                ? value(nullptr)
                : value(printable(std::string_view{why->second.why}))}});
  }
  return {{"quarantine", std::move(rows)}};
}

/// The command's name alone: what it says may be somebody's.
inspection::object inspection::dead_letters() {
  array rows;
  for (const auto& one : in_.entities->crashes().all())
    rows.push_back(object{{"number", one.number},
                          {"entity", to_string(one.what.to)},
                          {"command", name_of(one.what.what)},
                          {"crashes", one.crashes},
                          {"at", to_rfc3339(one.at)},
                          {"why", printable(std::string_view{one.why})}});
  return {{"dead_letters", std::move(rows)}};
}

} // namespace usher::inspect

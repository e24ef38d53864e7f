#include "node/inspect/cli/inspector.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

/// What only living nodes know.
namespace usher::inspect {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value member(const object& from, const char* name) {
  const auto* found = from.if_contains(name);
  return found ? *found : value{};
}

array list_in(const object& from, const char* name) {
  const auto* found = from.if_contains(name);
  const auto* list = found ? found->if_array() : nullptr;
  return list ? *list : array{};
}

/// A figure to sort by; what is missing comes last.
double weight(const value& row, const std::string& by) {
  const auto* found = row.as_object().if_contains(by);
  if (found == nullptr || !found->is_number())
    return -1;
  return found->to_number<double>();
}

void sort_by(array& rows, const std::string& figure) {
  std::ranges::stable_sort(rows, [&](const value& a, const value& b) {
    return weight(a, figure) > weight(b, figure);
  });
}

/// All rows of all answers, each with the name of its node.
array gathered(const std::vector<said_by>& said, const char* list) {
  array out;
  for (const auto& one : said)
    if (one.what)
      for (auto row : list_in(*one.what, list)) {
        row.as_object()["node"] = one.who.name;
        out.push_back(std::move(row));
      }
  return out;
}

bool any_cut(const std::vector<said_by>& said) {
  return std::ranges::any_of(said, [](const said_by& one) {
    return one.what && member(*one.what, "cut") == value(true);
  });
}

void cut_to(std::size_t limit, array& rows, report& out) {
  if (rows.size() <= limit)
    return;
  rows.resize(limit);
  out.is_cut = true;
}

/// Puts rows into the body and, by these columns, into the text.
void show_rows(array rows, const char* name,
               const std::vector<std::pair<const char*, const char*>>& columns,
               report& out) {
  std::vector<std::string> heads;
  for (const auto& [head, from] : columns)
    heads.emplace_back(head);
  table shown(heads);
  for (const auto& row : rows) {
    std::vector<value> cells;
    for (const auto& [head, from] : columns)
      cells.push_back(member(row.as_object(), from));
    shown.add(cells);
  }
  out.body[name] = std::move(rows);
  out.text = shown.text();
}

bool is_whole_number(const std::string& text) {
  std::uint64_t n = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, n);
  return ec == std::errc{} && rest == end;
}

/// NODE/NUMBER as number and node: numbers are those of a node.
std::vector<std::string> split(const std::string& letter) {
  const auto slash = letter.rfind('/');
  if (slash == std::string::npos || slash == 0
      || !is_whole_number(letter.substr(slash + 1)))
    throw bad_usage("name a dead letter as NODE/NUMBER");
  return {letter.substr(slash + 1), letter.substr(0, slash)};
}

/// An event, with or without its kind.
std::string event_of(const std::string& text) {
  const auto named = parse_entity(text);
  if (!named || named->kind.value_or(entity_kind::event) != entity_kind::event)
    throw bad_usage("'" + text + "' names no event");
  return to_string(entity_id{entity_kind::event, named->key});
}

std::string figure_of_sort(const std::string& word) {
  if (word == "mailbox")
    return "mailbox";
  if (word == "rate")
    return "per_second";
  if (word == "age")
    return "age_ms";
  throw bad_usage("--sort " + word + ": one of mailbox, rate, age");
}

} // namespace

/// The owner alone knows what is not durable yet. Who that is PostgreSQL knows;
/// while it is silent, all are asked.
void inspector::add_in_flight(const entity_id& who, report& out) {
  out.body["in_flight"] = nullptr;
  std::optional<incarnation> owner;
  const bool is_known = with_database(
    [&](stored& it) { owner = it.shards().at(shard_of(who)).owner; });
  auto all = peers();
  if (is_known)
    std::erase_if(
      all, [&](const peer& one) { return one.self != 0 && owner != one.self; });
  if (is_known && all.empty()) {
    out.findings.push_back("its shard has no owner that is alive");
    return;
  }
  const auto said = ask_all(
    messenger_, all,
    {{"ask", "state"}, {"entity", to_string(who)}, {"limit", wishes_.limit}},
    until_);
  out.is_cut |= any_cut(said);
  for (const auto& one : said)
    if (one.what && member(*one.what, "resident") == value(true)) {
      out.body["in_flight"] = *one.what;
      out.body["in_flight"].as_object()["node"] = one.who.name;
    } else if (one.what && out.body["in_flight"].is_null()) {
      out.body["in_flight"] = object{{"resident", false}};
    }
  note(said, true, out);
}

report inspector::actors() {
  report out;
  const auto by = figure_of_sort(wishes_.sort);
  if (!wishes_.kind.empty() && !kind_named(wishes_.kind))
    throw bad_usage("--kind " + wishes_.kind + ": there is no such kind");
  const auto said = ask({{"ask", "actors"},
                         {"kind", wishes_.kind},
                         {"sort", by},
                         {"limit", wishes_.limit}});
  auto rows = gathered(said, "actors");
  sort_by(rows, by);
  out.is_cut = any_cut(said);
  cut_to(wishes_.limit, rows, out);
  show_rows(std::move(rows), "actors",
            {{"ENTITY", "entity"},
             {"NODE", "node"},
             {"MAILBOX", "mailbox"},
             {"WAITING", "waiting"},
             {"ASKING", "asking"},
             {"PER s", "per_second"},
             {"HEARD", "heard"},
             {"VERSION", "version"},
             {"AGE ms", "age_ms"},
             {"IDLE ms", "idle_ms"}},
            out);
  note(said, true, out);
  return out;
}

/// Who is silent costs half of the deadline at most: there is more to ask.
boost::json::array inspector::hotter(hot_rates& since_last) {
  const auto now = steady::now();
  const auto said = ask_all(messenger_, peers(),
                            {{"ask", "hot"},
                             {"window_ms", wishes_.window.count()},
                             {"limit", wishes_.limit}},
                            std::min(until_, now + wishes_.deadline / 2));
  std::set<std::string> told;
  for (const auto& one : said)
    if (one.what)
      told.insert(one.who.name);
  return since_last.take(gathered(said, "hot"), std::move(told), steady::now());
}

/// Counting begins with the first question, and ends a while after the last:
/// so it is asked again and again until the window is over.
report inspector::hot() {
  constexpr std::chrono::seconds step{5};
  report out;
  hot_rates since_last;
  sum_of_rates sum;
  until_ += wishes_.window;
  hotter(since_last);
  const auto begun = steady::now();
  const auto end = begun + wishes_.window;
  for (auto next = begun; next < end;) {
    next = std::min(std::max(next + step, steady::now()), end);
    std::this_thread::sleep_until(next);
    sum.add(hotter(since_last));
  }
  auto rows = sum.over(steady::now() - begun);
  const auto said = ask({{"ask", "node"}});
  cut_to(wishes_.limit, rows, out);
  out.body["window_ms"] = wishes_.window.count();
  show_rows(std::move(rows), "hot",
            {{"ENTITY", "entity"},
             {"NODE", "node"},
             {"MESSAGES", "deliveries"},
             {"PER s", "per_second"},
             {"AT MOST MISSED", "error"}},
            out);
  note(said, true, out);
  return out;
}

namespace {

void draw(const object& branch, std::size_t depth, std::string& out) {
  out += std::string(2 * depth, ' ') + as_cell(member(branch, "name"));
  for (const auto& one : branch)
    if (one.key() != "name" && one.key() != "children")
      out += "  " + std::string{one.key()} + "=" + as_cell(one.value());
  out += '\n';
  for (const auto& child : list_in(branch, "children"))
    draw(child.as_object(), depth + 1, out);
}

} // namespace

report inspector::tree() {
  report out;
  const auto said = ask({{"ask", "tree"}});
  array nodes;
  for (const auto& one : said)
    if (one.what) {
      auto tree = *one.what;
      tree["node"] = one.who.name;
      if (const auto* root = tree.if_contains("tree"); root->is_object())
        draw(root->get_object(), 0, out.text);
      nodes.push_back(std::move(tree));
    }
  out.body["nodes"] = std::move(nodes);
  note(said, true, out);
  return out;
}

report inspector::quarantine(const std::string& act_word,
                             const std::string& who) {
  if (act_word != "list")
    return act("quarantine_" + act_word, {to_string(find(who))});
  report out;
  const auto said = ask({{"ask", "quarantine"}});
  auto rows = gathered(said, "quarantine");
  if (!rows.empty())
    out.findings.push_back(counted(rows.size(), "entity is", "entities are")
                           + " set aside");
  cut_to(wishes_.limit, rows, out);
  show_rows(std::move(rows), "quarantine",
            {{"ENTITY", "entity"},
             {"NODE", "node"},
             {"UNTIL", "until"},
             {"LAST FAILED", "at"},
             {"DOING", "doing"},
             {"WHY", "why"}},
            out);
  note(said, true, out);
  return out;
}

report inspector::dead_letters(const std::string& act_word,
                               const std::string& number) {
  if (act_word != "list")
    return act("dead_letter_" + act_word, split(number));
  report out;
  const auto said = ask({{"ask", "dead_letters"}});
  auto rows = gathered(said, "dead_letters");
  add_letters_of_the_gone(said, rows, out);
  if (!rows.empty())
    out.findings.push_back(
      counted(rows.size(), "command crashed its", "commands crashed their")
      + " entity twice");
  cut_to(wishes_.limit, rows, out);
  show_rows(std::move(rows), "dead_letters",
            {{"NUMBER", "number"},
             {"NODE", "node"},
             {"ENTITY", "entity"},
             {"COMMAND", "command"},
             {"CRASHES", "crashes"},
             {"AT", "at"},
             {"GONE", "gone"},
             {"WHY", "why"}},
            out);
  note(said, true, out);
  return out;
}

/// What concerns an entity is told to all, and its own node does it. What
/// concerns a node or a shard is told to one after the other until one does it:
/// in the cell of that node, or in the cell that was asked for.
std::vector<said_by> inspector::order(const std::string& what,
                                      const boost::json::object& words,
                                      incarnation first) {
  const bool is_of_shard = what == "move" || what == "unpin";
  if (!is_of_shard && what != "drain")
    return ask(words);
  auto all = peers();
  std::ranges::stable_partition(
    all, [first](const peer& one) { return one.self == first; });
  std::vector<said_by> out;
  for (const auto& one : all) {
    if (is_of_shard && cell_of_life(one.self) != cell_)
      continue;
    auto said = ask_all(messenger_, {one}, words, until_);
    const bool did =
      said.front().what && member(*said.front().what, "done") == value(true);
    const bool is_over = said.front().what && databases_.size() < 2;
    out.insert(out.end(), said.begin(), said.end());
    if (did || is_over)
      break;
  }
  return out;
}

/// What makes no sense is not sent: it would be on record.
std::vector<std::string> inspector::checked(const std::string& what,
                                            std::vector<std::string> words) {
  if (what == "passivate" || what == "restart")
    return {to_string(find(words.at(0)))};
  if (what != "event")
    return words;
  if (words.at(0) != "pause" && words.at(0) != "resume")
    throw bad_usage("event " + words.at(0) + ": either pause or resume");
  return {words[0], event_of(words.at(1))};
}

report inspector::act(const std::string& what,
                      const std::vector<std::string>& words,
                      incarnation first) {
  if (!wishes_.is_confirmed)
    throw bad_usage("this changes something: say --yes");
  const auto checked_words = checked(what, words);
  report out;
  const char* user = std::getenv("USER"); // NOLINT(concurrency-mt-unsafe)
  object words_of_it{{"do", what}, {"by", user != nullptr ? user : "unknown"}};
  array said_words;
  for (const auto& word : checked_words)
    said_words.push_back(boost::json::string(word));
  words_of_it["words"] = std::move(said_words);
  const auto said = order(what, words_of_it, first);
  array results;
  bool done = false;
  bool is_known = true;
  for (const auto& one : said)
    if (one.what) {
      done |= member(*one.what, "done") == value(true);
      is_known &= !member(*one.what, "done").is_null();
      auto row = *one.what;
      row["node"] = one.who.name;
      out.text += one.who.name + ": " + as_cell(member(row, "said")) + '\n';
      results.push_back(std::move(row));
    } else if (!one.is_refused && !one.who.address.empty()) {
      is_known = false; // it may have heard, and be late
    }
  out.body = {{"act", what},
              {"done", done || is_known ? value(done) : value()},
              {"nodes", std::move(results)}};
  if (!done)
    out.findings.push_back(
      is_known ? "nobody did it"
               : "it is not known whether it was done: see usher audit");
  note(said, true, out);
  return out;
}

} // namespace usher::inspect

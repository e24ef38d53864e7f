#include "node/inspect/cli/command_line.hpp"

#include "config/duration_text.hpp"
#include "node/inspect/cli/completion.hpp"
#include "node/inspect/cli/messengers.hpp"
#include "node/inspect/cli/top.hpp"
#include "node/inspect/printable.hpp"

#include <cstdio>
#include <thread>

namespace usher::inspect {

namespace {

constexpr std::chrono::minutes most_window{10};
constexpr std::chrono::hours most_time{24};

duration time_of(const std::string& option, const std::string& text,
                 duration most = most_time) {
  const auto found = config::parse_duration(text);
  if (!found || *found <= duration{0} || *found > most)
    throw bad_usage(option + " " + text
                    + ": a duration as in 500ms, 10s, 2min, at most "
                    + config::to_text(most));
  return *found;
}

void say(const std::string& text) {
  const auto written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0)
    throw std::runtime_error("standard output takes no more");
}

int complain(outcome code, const std::string& why) {
  std::fprintf(stderr, "usher: %s\n", printable(why).c_str());
  return static_cast<int>(code);
}

/// The last resort: whatever hangs, the command ends.
void end_at(duration limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    std::fputs("usher: gave up at the deadline\n", stderr);
    std::_Exit(static_cast<int>(outcome::partial));
  }).detach();
}

} // namespace

command_line::command_line() : app_("Looks into a running Usher.", "usher") {
  app_.require_subcommand(0, 1); // or an unknown one would not be named
  app_.fallthrough();
  app_.footer(
    "Exit codes: 0 ok, 1 findings, 2 usage, 3 partial or unreachable, "
    "4 internal.");
  add_options();
  add_stored_commands();
  add_live_commands();
  add_acts();
}

void command_line::add_options() {
  app_.set_version_flag("--version", "usher " USHER_VERSION);
  app_.add_option("--home", where_.home, "What node/start made (var)");
  app_.add_option("--config", where_.config, "A node's settings, as YAML");
  app_.add_option("--address", where_.address, "host:port of any node");
  app_.add_option("--certificate", where_.certificate, "PEM, for --address");
  app_.add_option("--key", where_.key, "PEM, for --address");
  app_.add_option("--authority", where_.authority, "PEM, for --address");
  app_.add_option("-o,--output", output_, "text or json")
    ->check(CLI::IsMember({"text", "json"}));
  app_.add_option("--deadline", deadline_, "For the whole command (5s)");
  app_.add_option("--limit", wishes_.limit, "Rows of an answer (100)")
    ->check(CLI::Range(1, 10'000));
  app_
    .add_option("--cell", wishes_.cell,
                "Which cell's, for audit, move, rebalance and follow KIND (0)")
    ->check(CLI::Range(0, most_cells - 1));
}

CLI::App* command_line::command(const std::string& name,
                                const std::string& what) {
  auto* made = app_.add_subcommand(name, what)->fallthrough();
  made->footer("Every command takes -o json, --deadline, --limit, and --home, "
               "--config or --address: see usher --help.");
  return made;
}

CLI::App* command_line::command(const std::string& name,
                                const std::string& what, action does) {
  auto* made = command(name, what);
  made->callback([this, name, does = std::move(does)] {
    chosen_ = name;
    does_ = does;
  });
  return made;
}

void command_line::add_stored_commands() {
  command("nodes", "Every node: state, shards, figures",
          [](inspector& it) { return it.nodes(); });
  command("shards", "Who owns which shard", [this](inspector& it) {
    return it.shards(name_);
  })->add_option("--node", name_, "Only those of one node");
  const auto entity = [this](CLI::App* made) {
    made->add_option("ID", name_, "kind:uuid, or the uuid")->required();
    return made;
  };
  entity(command("where", "Who owns an entity, and what each node believes",
                 [this](inspector& it) { return it.where(name_); }));
  auto* state =
    entity(command("state", "An entity's state: durable, and in flight",
                   [this](inspector& it) { return it.state(name_, at_); }));
  state->add_option("--at", at_, "As of a version, a time, or -10min");
  state->add_flag("--durable", wishes_.only_durable, "Ask PostgreSQL alone");
  auto* diff =
    entity(command("diff", "What changed between two versions or times",
                   [this](inspector& it) { return it.diff(name_, a_, b_); }));
  diff->add_option("A", a_, "A version, a time, or -10min")->required();
  diff->add_option("B", b_, "The same, later")->required();
  diff->positionals_at_end(false);
  entity(command("journal", "An entity's facts, the newest",
                 [this](inspector& it) { return it.journal(name_, from_); }))
    ->add_option("--from", from_, "Begin with this version")
    ->check(CLI::Range(version{0}, end_of_time));
  command("trace", "What a client's request brought about",
          [this](inspector& it) { return it.trace(name_); })
    ->add_option("TRACE", name_, "The 32 digits of X-Trace-Id")
    ->required();
  auto* follow = command("follow", "Facts as they become durable",
                         [this](inspector& it) { return this->follow(it); });
  follow->add_option("WHAT", name_, "An entity, or a kind")->required();
  follow->add_option("--max", most_, "End after so many entries (100)")
    ->check(CLI::Range(1, 1'000'000));
  follow->add_option("--for", time_, "End after this time (30s)");
}

void command_line::add_live_commands() {
  auto* actors = command("actors", "Entities in memory",
                         [](inspector& it) { return it.actors(); });
  actors->add_option("--kind", wishes_.kind, "Only one kind");
  actors->add_option("--sort", wishes_.sort, "mailbox, rate or age")
    ->check(CLI::IsMember({"mailbox", "rate", "age"}));
  command("hot", "Entities that hear most", [](inspector& it) {
    return it.hot();
  })->add_option("--window", window_, "Count for so long (10s), at most 10min");
  command("tree", "Who supervises whom",
          [](inspector& it) { return it.tree(); });
  command("audit", "What was done by hand",
          [](inspector& it) { return it.audit(); });
  command("top", "A live view of all of it, full screen");
  auto* quarantine =
    command("quarantine", "Entities set aside because they kept failing",
            [this](inspector& it) { return it.quarantine(word_, name_); });
  quarantine->add_option("ACT", word_, "list, retry or drop")
    ->check(CLI::IsMember({"list", "retry", "drop"}))
    ->default_str("list");
  quarantine->add_option("ID", name_, "The entity, to retry or drop");
  add_confirmed(*quarantine);
  auto* letters =
    command("dead-letters", "Commands that crashed their entity twice",
            [this](inspector& it) { return it.dead_letters(word_, name_); });
  letters->add_option("ACT", word_, "list, retry or drop")
    ->check(CLI::IsMember({"list", "retry", "drop"}))
    ->default_str("list");
  letters->add_option("NUMBER", name_,
                      "Which, as NODE/NUMBER, to retry or drop");
  add_confirmed(*letters);
  command("help", "This text");
  auto* completion = command("completion", "A script for the shell");
  completion->add_option("SHELL", name_, "bash, zsh or fish")
    ->required()
    ->check(CLI::IsMember(shells()));
}

void command_line::add_confirmed(CLI::App& made) {
  made.add_flag("--yes", wishes_.is_confirmed, "Yes, change it");
}

void command_line::add_acts() {
  struct described {
    const char* name;
    const char* what;
    const char* words;
    const char* about;
    int count;
  };

  for (const auto& one : std::initializer_list<described>{
         {"passivate", "Let an entity leave memory", "ID",
          "kind:uuid, or the uuid", 1},
         {"restart", "Give an entity a new life, by replay", "ID",
          "kind:uuid, or the uuid", 1},
         {"drain", "Take the shards from a node", "NODE", "Its name", 1},
         {"event", "Pause or resume the sale of an event", "ACT ID",
          "pause or resume, and the event", 2}}) {
    auto* made = command(one.name, one.what,
                         [this, name = std::string{one.name}](inspector& it) {
                           return it.act(name, words_);
                         });
    made->add_option(one.words, words_, one.about)
      ->required()
      ->expected(one.count);
    add_confirmed(*made);
  }
  auto* move =
    command("move", "Give a shard to a node, and pin it there",
            [this](inspector& it) { return it.move(words_, is_unpin_); });
  move->add_option("SHARD NODE", words_, "0 to 255, and the node's name")
    ->required()
    ->expected(1, 2);
  move->add_flag("--unpin", is_unpin_, "Let it go where the weights say");
  add_confirmed(*move);
  auto* rebalance = command("rebalance", "Which shards should be whose",
                            [](inspector& it) { return it.rebalance(); });
  rebalance
    ->add_flag("--dry-run", is_dry_, "Only say it; nodes do it themselves")
    ->required();
}

report command_line::follow(inspector& it) {
  const auto time = time_of("--for", time_);
  auto out = it.follow(name_, most_, time, [this](const auto& row) {
    if (output_ == "json")
      return say(boost::json::serialize(all_printable(row)) + '\n');
    say(as_cell(row.at("at")) + "  " + as_cell(row.at("entity")) + "  "
        + as_cell(row.at("version")) + "  " + as_cell(row.at("facts")) + '\n');
  });
  out.text =
    "("
    + counted(out.body["shown"].to_number<std::size_t>(), "entry", "entries")
    + ")\n";
  return out;
}

/// What the parser cannot check.
void command_line::check_values() {
  wishes_.deadline = time_of("--deadline", deadline_);
  wishes_.window = time_of("--window", window_, most_window);
  if (word_.empty())
    word_ = "list";
  if (word_ != "list" && name_.empty())
    throw bad_usage(chosen_ + " " + word_ + " wants one");
}

void command_line::print(inspector& it, const report& what) const {
  say(output_ == "json" ? as_json(chosen_, it.now(), what) + '\n'
                        : as_text(what));
}

/// A program that reads JSON gets its object, whoever is silent.
report command_line::answer(inspector& it) {
  report out;
  try {
    return does_(it);
  } catch (const persistence::unavailable& why) {
    if (output_ != "json")
      throw;
    out.missing.push_back({"PostgreSQL", why.what()});
  } catch (const broken_journal& why) {
    if (output_ != "json")
      throw;
    out.findings.emplace_back(why.what());
  }
  return out;
}

outcome command_line::carry_out() {
  check_values();
  if (chosen_ != "follow")
    end_at(wishes_.deadline + (chosen_ == "hot" ? wishes_.window : duration{0})
           + std::chrono::seconds{2});
  const auto where = find_target(where_);
  inspector it(where, wishes_, messenger_for(where));
  const auto what = answer(it);
  print(it, what);
  return outcome_of(what);
}

int command_line::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app_.exit(e) == 0 ? 0 : static_cast<int>(outcome::usage);
  }
  try {
    if (app_.get_subcommands().empty())
      throw bad_usage("what is to be done? See usher help");
    if (app_.got_subcommand("help")) {
      say(app_.get_formatter()->make_help(&app_, "usher",
                                          CLI::AppFormatMode::Normal));
      return 0;
    }
    if (app_.got_subcommand("completion")) {
      say(completion_script(app_, name_));
      return 0;
    }
    if (app_.got_subcommand("top")) {
      check_values();
      return show_top(find_target(where_), wishes_);
    }
    return static_cast<int>(carry_out());
  } catch (const bad_usage& why) {
    return complain(outcome::usage, why.what());
  } catch (const no_target& why) {
    return complain(outcome::usage, why.what());
  } catch (const persistence::unavailable& why) {
    return complain(outcome::partial,
                    std::string{"PostgreSQL does not answer: "} + why.what());
  } catch (const broken_journal& why) {
    return complain(outcome::findings, why.what());
  } catch (const std::exception& why) {
    return complain(outcome::internal, why.what());
  }
}

} // namespace usher::inspect

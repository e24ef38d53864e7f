#include "node/inspect/cli/completion.hpp"

#include "protocol/entity.hpp"

#include <algorithm>
#include <array>

namespace usher::inspect {

namespace {

/// Without what every command has by itself.
std::string options_of(const CLI::App& app, const CLI::Option* but = nullptr) {
  std::string out;
  for (const auto* one : app.get_options()) {
    if (one == but)
      continue;
    for (const auto& name : one->get_lnames())
      out += "--" + name + ' ';
    for (const auto& name : one->get_snames())
      out += "-" + name + ' ';
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& one : words)
    out += one + ' ';
  return out;
}

std::string kinds() {
  std::string out;
  for (const auto kind : all_kinds())
    out += std::string{to_string(kind)} + ' ';
  return out;
}

/// What may follow an option; empty if that is anybody's guess.
std::string values_of(std::string_view option) {
  if (option == "output")
    return "text json";
  if (option == "sort")
    return "mailbox rate age";
  return option == "kind" ? kinds() : "";
}

bool wants_file(std::string_view option) {
  constexpr std::array<std::string_view, 5> all{"home", "config", "certificate",
                                                "key", "authority"};
  return std::ranges::find(all, option) != all.end();
}

/// What may follow the name of a command.
std::string words_of(const std::string& command) {
  if (command == "quarantine" || command == "dead-letters")
    return "list retry drop ";
  if (command == "event")
    return "pause resume ";
  if (command == "follow")
    return kinds();
  return command == "completion" ? joined(shells()) : "";
}

std::string commands_of(const CLI::App& app) {
  std::string out;
  for (const auto* one : app.get_subcommands({}))
    out += one->get_name() + ' ';
  return out;
}

std::string bash_completion(const CLI::App& app) {
  std::string out = "_usher() {\n"
                    "  local word=${COMP_WORDS[COMP_CWORD]} command= i\n"
                    "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                    "    case ${COMP_WORDS[i]} in\n";
  std::string names;
  std::string cases;
  for (const auto* one : app.get_subcommands({})) {
    names += (names.empty() ? "" : "|") + one->get_name();
    cases += "    " + one->get_name() + ") words=\"" + words_of(one->get_name())
             + options_of(*one) + options_of(app, app.get_help_ptr())
             + "\" ;;\n";
  }
  out += "      " + names
         + ") command=${COMP_WORDS[i]}; break ;;\n"
           "    esac\n  done\n  local words\n  case $command in\n"
         + cases + "    *) words=\"" + commands_of(app) + options_of(app)
         + "\" ;;\n  esac\n"
           "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
           "    --home|--config|--certificate|--key|--authority)\n"
           "      COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
           "    -o|--output) words=\""
         + values_of("output")
         + "\" ;;\n"
           "    --sort) words=\""
         + values_of("sort")
         + "\" ;;\n"
           "    --kind) words=\""
         + values_of("kind")
         + "\" ;;\n"
           "  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "}\ncomplete -F _usher usher\n";
  return out;
}

/// zsh runs what bash does, once it is told how.
std::string zsh_completion(const CLI::App& app) {
  return "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
         "autoload -Uz bashcompinit && bashcompinit\n"
         + bash_completion(app);
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return out + "'";
}

/// One line for each option; `when` says after which command.
std::string fish_options(const CLI::App& of, const std::string& when) {
  std::string out;
  for (const auto* one : of.get_options()) {
    if (one->get_lnames().empty())
      continue; // not an option: a word that the command takes
    std::string line = "complete -c usher" + when;
    for (const auto& name : one->get_lnames())
      line += " -l " + name;
    for (const auto& name : one->get_snames())
      line += " -s " + name;
    const auto& name = one->get_lnames().front();
    if (wants_file(name))
      line += " -r -F";
    else if (const auto values = values_of(name); !values.empty())
      line += " -x -a " + quoted(values);
    else if (one->get_expected_max() > 0)
      line += " -x";
    out += line + " -d " + quoted(one->get_description()) + '\n';
  }
  return out;
}

std::string fish_completion(const CLI::App& app) {
  std::string out = "complete -c usher -e\ncomplete -c usher -f\n";
  const auto none_yet =
    " -n 'not __fish_seen_subcommand_from " + commands_of(app) + "'";
  for (const auto* one : app.get_subcommands({})) {
    const auto& name = one->get_name();
    out += "complete -c usher" + none_yet + " -a " + name + " -d "
           + quoted(one->get_description()) + '\n';
    const auto after = " -n '__fish_seen_subcommand_from " + name + "'";
    if (const auto words = words_of(name); !words.empty())
      out += "complete -c usher" + after + " -a " + quoted(words) + '\n';
    out += fish_options(*one, after);
  }
  return out + fish_options(app, "");
}

} // namespace

const std::vector<std::string>& shells() {
  static const std::vector<std::string> all{"bash", "zsh", "fish"};
  return all;
}

std::string completion_script(const CLI::App& app, std::string_view shell) {
  if (shell == "fish")
    return fish_completion(app);
  return shell == "zsh" ? zsh_completion(app) : bash_completion(app);
}

} // namespace usher::inspect

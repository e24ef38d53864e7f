#include "node/inspect/cli/completion.hpp"

#include "node/inspect/shapes.hpp"

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

std::string kinds() {
  std::string out;
  for (const auto kind : all_kinds())
    out += std::string{to_string(kind)} + ' ';
  return out;
}

/// What may follow the name of a command.
std::string words_of(const std::string& command) {
  if (command == "quarantine" || command == "dead-letters")
    return "list retry drop ";
  if (command == "event")
    return "pause resume ";
  if (command == "follow")
    return kinds();
  return command == "completion" ? "bash " : "";
}

std::string commands_of(const CLI::App& app) {
  std::string out;
  for (const auto* one : app.get_subcommands({}))
    out += one->get_name() + ' ';
  return out;
}

} // namespace

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
           "    -o|--output) words=\"text json\" ;;\n"
           "    --sort) words=\"mailbox rate age\" ;;\n"
           "    --kind) words=\""
         + kinds()
         + "\" ;;\n"
           "  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "}\ncomplete -F _usher usher\n";
  return out;
}

} // namespace usher::inspect

#include "node/inspect/cli/completion.hpp"

namespace usher::inspect {

namespace {

std::string options_of(const CLI::App& app) {
  std::string out;
  for (const auto* one : app.get_options()) {
    for (const auto& name : one->get_lnames())
      out += "--" + name + ' ';
    for (const auto& name : one->get_snames())
      out += "-" + name + ' ';
  }
  return out;
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
    cases += "    " + one->get_name() + ") words=\"" + commands_of(*one)
             + options_of(*one) + options_of(app) + "\" ;;\n";
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
           "  esac\n"
           "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
           "}\ncomplete -F _usher usher\n";
  return out;
}

} // namespace usher::inspect

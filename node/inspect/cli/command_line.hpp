#pragma once

#include "node/inspect/cli/inspector.hpp"

#include <CLI/CLI.hpp>

namespace usher::inspect {

/// The program's words: reads them, carries out the command, prints, and
/// returns the exit code.
class command_line {
public:
  command_line();

  int run(int argc, char** argv);

private:
  using action = std::function<report(inspector&)>;

  CLI::App* command(const std::string& name, const std::string& what);
  CLI::App* command(const std::string& name, const std::string& what,
                    action does);
  void add_options();
  void add_stored_commands();
  void add_live_commands();
  void add_acts();
  void add_confirmed(CLI::App&);
  void check_values();
  void print(inspector&, const report&) const;
  report answer(inspector&);
  outcome carry_out();
  report follow(inspector&);

  CLI::App app_;
  whereabouts where_;
  wishes wishes_;
  std::string output_ = "text";
  std::string deadline_ = "5s";
  std::string window_ = "10s";
  std::string time_ = "30s";
  std::string name_;
  std::string at_;
  std::string a_;
  std::string b_;
  std::string word_;
  std::vector<std::string> words_;
  bool is_dry_ = false;
  bool is_unpin_ = false;
  version from_ = 0;
  std::size_t most_ = 100;
  std::string chosen_;
  action does_;
};

} // namespace usher::inspect
